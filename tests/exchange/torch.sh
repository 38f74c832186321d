#!/usr/bin/env bash
# Checks strata-convert with PyTorch: models are converted, and strata computes what PyTorch does; converted back they have
# the same tensors; what strata has no layer for, and hostile files, are refused.
#   torch.sh WORK_DIR COMPILER [FLAGS…]
# STRATA_TORCH_PYTHON names a Python that has PyTorch (2.9 or newer), NumPy and safetensors; without it they are
# installed into an environment of the test's own, PyTorch in its build for CPUs. (The other build takes gigabytes, with
# packages of CUDA that it does not start without.) Where pip finds that build nowhere, PIP_EXTRA_INDEX_URL has to name
# PyTorch's own index of it.
set -euo pipefail
source "$(dirname "$(realpath "$0")")/environment.sh"
python=${STRATA_TORCH_PYTHON:-}
[[ -n $python ]] || environment torch 'torch==2.13.0+cpu' numpy safetensors

rm -rf "$work/files"
mkdir "$work/files"
# Compiling is what takes time: without optimization, and for one sample at a time.
STRATA_QUIET=1 STRATA_CONVERT_COMPILER=$(printf '%s\n' "$@" -O0 -DSTRATA_SCALAR) TMPDIR=$work/files \
    PYTHONPATH=$here/../../tools:$here PYTHONDONTWRITEBYTECODE=1 \
    "$python" -W ignore -m unittest discover --start-directory "$here" --pattern 'test_torch*.py'
