#!/usr/bin/env bash
# Checks strata-convert: models that real Keras has saved are converted, and Keras, the converter's reference and strata
# agree on what they compute. Keras comes from PyPI, into an environment of the test's own.
#   convert.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
mkdir -p "$work"

skip() { printf 'skipped: %s\n' "$*"; exit 77; }

environment=$work/keras_environment
if [[ ! -e $environment/complete ]]; then
    rm -rf "$environment"
    command -v python3 >/dev/null || skip "there is no python3"
    python3 -m venv "$environment" >"$work/log" 2>&1 || skip "python3 makes no environments (python3-venv?)"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --retries 1 keras jax h5py safetensors numpy \
        >"$work/log" 2>&1 || skip "pip could not install keras and jax: $(tail -n 1 "$work/log")"
    touch "$environment/complete"
fi

rm -rf "$work/files"
mkdir "$work/files"
python=("$environment/bin/python" -W ignore)
"${python[@]}" "$here/convert_models.py" "$work/files" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"${python[@]}" "$here/convert_refused.py" "$work/files/refused" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# Compiling is what takes time: without optimization, and for one sample at a time.
compiler=("$@" -O0 -DSTRATA_SCALAR)
STRATA_QUIET=1 STRATA_CONVERT_WORK=$work/files STRATA_CONVERT_COMPILER=$(IFS=$'\n'; printf '%s' "${compiler[*]}") \
    PYTHONPATH=$here/../../tools:$here PYTHONDONTWRITEBYTECODE=1 \
    "${python[@]}" "$here/convert_test.py"
