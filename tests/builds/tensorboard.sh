#!/usr/bin/env bash
# Checks that TensorBoard itself reads what the callback writes. It comes from PyPI, into an environment of the test's
# own, so that this is only a test with -DSTRATA_TEST_TENSORBOARD=ON.
#   tensorboard.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
rm -rf "$work/logs"
mkdir -p "$work"

skip() { printf 'skipped: %s\n' "$*"; exit 77; }

if [[ ! -e $work/environment/complete ]]; then
    rm -rf "$work/environment"
    command -v python3 >/dev/null || skip "there is no python3"
    python3 -m venv "$work/environment" >"$work/log" 2>&1 || skip "python3 makes no environments (python3-venv?)"
    "$work/environment/bin/pip" install --quiet --disable-pip-version-check --retries 1 'tensorboard>=2.18,<3' \
        >"$work/log" 2>&1 || skip "pip could not install tensorboard: $(tail -n 1 "$work/log")"
    touch "$work/environment/complete"
fi
"$@" -O0 -fopenmp "$here/tensorboard.cpp" -o "$work/tensorboard" -lz
STRATA_QUIET=1 "$work/tensorboard" "$work/logs" >"$work/said"
"$work/environment/bin/python" "$here/read_tensorboard.py" "$work/logs" "$work/said"
