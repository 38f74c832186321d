#!/usr/bin/env bash
# Checks strata-convert: models that real Keras has saved are converted, and Keras, the converter's reference and strata
# agree on what they compute. Keras comes from PyPI, into an environment of the test's own.
#   convert.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
source "$(dirname "$(realpath "$0")")/environment.sh"
environment keras keras jax h5py safetensors numpy

rm -rf "$work/files"
mkdir "$work/files"
"$python" -W ignore "$here/convert_models.py" "$work/files" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$python" -W ignore "$here/convert_refused.py" "$work/files/refused" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# Compiling is what takes time: without optimization, and for one sample at a time.
compiler=("$@" -O0 -DSTRATA_SCALAR)
STRATA_QUIET=1 STRATA_CONVERT_WORK=$work/files STRATA_CONVERT_COMPILER=$(IFS=$'\n'; printf '%s' "${compiler[*]}") \
    PYTHONPATH=$here/../../tools:$here PYTHONDONTWRITEBYTECODE=1 \
    "$python" -W ignore "$here/convert_test.py"
