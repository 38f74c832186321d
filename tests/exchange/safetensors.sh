#!/usr/bin/env bash
# Checks that strata and the official safetensors package read each other's files.
#   safetensors.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
source "$(dirname "$(realpath "$0")")/environment.sh"
environment safetensors safetensors numpy ml_dtypes
"$@" -O0 "$here/safetensors_copy.cpp" -o "$work/safetensors_copy"
"$python" "$here/safetensors_check.py" "$work/safetensors_copy" "$work"
