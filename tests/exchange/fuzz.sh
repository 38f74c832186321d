#!/usr/bin/env bash
# Gives strata-convert changed files in every form that it reads: see fuzz_readers.py. NumPy, h5py and onnx come from
# PyPI, into an environment of the test's own.
#   fuzz.sh WORK_DIR [OPTIONS of fuzz_readers.py…]
set -euo pipefail
source "$(dirname "$(realpath "$0")")/environment.sh"
environment fuzz numpy h5py onnx safetensors
OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONPATH=$here/../../tools:$here PYTHONDONTWRITEBYTECODE=1 \
    "$python" -W ignore "$here/fuzz_readers.py" "$work/failed" "$@"
