#!/usr/bin/env bash
# Checks that others read the ONNX files that strata writes, and compute what strata does: ONNX's checker, ONNX Runtime
# and ONNX's reference implementation. They come from PyPI, into an environment of the test's own.
#   onnx.sh WORK_DIR COMPILER [FLAGS…]
# STRATA_EXCHANGE_SEED and STRATA_EXCHANGE_RANDOM choose the random networks, and how many there are.
set -euo pipefail
source "$(dirname "$(realpath "$0")")/environment.sh"
environment onnx onnx onnxruntime numpy

seed=${STRATA_EXCHANGE_SEED:-$RANDOM} count=${STRATA_EXCHANGE_RANDOM:-200}
printf 'seed %s, %s random networks\n' "$seed" "$count"
rm -rf "$work/onnx"
mkdir "$work/onnx"
programs=("$work/onnx_0" "$work/onnx_1")
"$python" "$here/onnx_networks.py" "$seed" "$count" "${programs[@]/%/.cpp}"
# Compiling is what takes time: without optimization, and for one sample at a time.
compilers=()
for program in "${programs[@]}"; do
    "$@" -O0 -DSTRATA_SCALAR -I"$here" "$program.cpp" -o "$program" &
    compilers+=($!)
done
for compiler in "${compilers[@]}"; do wait "$compiler"; done
for program in "${programs[@]}"; do STRATA_QUIET=1 "$program" "$work/onnx"; done

"$python" "$here/onnx_check.py" "$work/onnx"
if command -v /usr/bin/python3 >/dev/null && /usr/bin/python3 -I -c 'import onnx.checker' 2>/dev/null; then
    /usr/bin/python3 "$here/onnx_old_check.py" "$work/onnx"
fi
