#!/usr/bin/env bash
# Checks what strata-convert makes of ONNX files: against ONNX Runtime, and against ONNX's own node tests.
#   onnx_in.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
source "$(dirname "$(realpath "$0")")/environment.sh"
environment onnx onnx onnxruntime numpy safetensors

# Compiling is what takes time: without optimization, and for one sample at a time.
compiler=("$@" -O0 -DSTRATA_SCALAR)
STRATA_QUIET=1 STRATA_EXCHANGE_COMPILER=$(IFS=$'\n'; printf '%s' "${compiler[*]}") \
    PYTHONPATH=$here/../../tools:$here PYTHONDONTWRITEBYTECODE=1 \
    "$python" -m unittest test_onnx_models test_onnx_refusals test_onnx_nodes
