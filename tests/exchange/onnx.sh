#!/usr/bin/env bash
# Checks that others read the ONNX files that strata writes, and compute what strata does: ONNX's checker, ONNX Runtime
# and ONNX's reference implementation. They come from PyPI, into an environment of the test's own.
#   onnx.sh WORK_DIR COMPILER [FLAGS…]
# STRATA_EXCHANGE_SEED and STRATA_EXCHANGE_RANDOM choose the random networks, and how many there are.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
seed=${STRATA_EXCHANGE_SEED:-$RANDOM} count=${STRATA_EXCHANGE_RANDOM:-200}
mkdir -p "$work"

skip() { printf 'skipped: %s\n' "$*"; exit 77; }

environment=$work/onnx_environment
if [[ ! -e $environment/complete ]]; then
    rm -rf "$environment"
    command -v python3 >/dev/null || skip "there is no python3"
    python3 -m venv "$environment" >"$work/log" 2>&1 || skip "python3 makes no environments (python3-venv?)"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --retries 1 onnx onnxruntime numpy \
        >"$work/log" 2>&1 || skip "pip could not install onnx and onnxruntime: $(tail -n 1 "$work/log")"
    touch "$environment/complete"
fi

printf 'seed %s, %s random networks\n' "$seed" "$count"
rm -rf "$work/onnx"
mkdir "$work/onnx"
programs=("$work/onnx_0" "$work/onnx_1")
"$environment/bin/python" "$here/onnx_networks.py" "$seed" "$count" "${programs[@]/%/.cpp}"
# Compiling is what takes time: without optimization, and for one sample at a time.
compilers=()
for program in "${programs[@]}"; do
    "$@" -O0 -DSTRATA_SCALAR -I"$here" "$program.cpp" -o "$program" &
    compilers+=($!)
done
for compiler in "${compilers[@]}"; do wait "$compiler"; done
for program in "${programs[@]}"; do STRATA_QUIET=1 "$program" "$work/onnx"; done

"$environment/bin/python" "$here/onnx_check.py" "$work/onnx"
if command -v /usr/bin/python3 >/dev/null && /usr/bin/python3 -c 'import onnx' 2>/dev/null; then
    /usr/bin/python3 "$here/onnx_old_check.py" "$work/onnx"
fi
