#!/usr/bin/env bash
# Checks that multiply-adds fuse at every width of x86 that this machine can run, and at every level of optimization
# that users choose; flags for floating point are left at the compiler's defaults.
#   fused.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
mkdir -p "$work"

architectures=()
has() { grep -qwF -m 1 -- "$1" /proc/cpuinfo; }
if has fma && has avx2; then architectures+=(x86-64-v3); fi
if has avx512vl; then architectures+=(x86-64-v4); fi
if [[ ${#architectures[@]} == 0 ]]; then
    echo "skipped: this machine has no fused multiply-add of x86"
    exit 77
fi

failed=0
for architecture in "${architectures[@]}" native; do
    for level in -O2 -O3; do
        "$@" "$level" "-march=$architecture" "$here/fused.cpp" -o "$work/fused"
        "$work/fused" || { echo "with $level -march=$architecture"; failed=1; }
    done
done
exit "$failed"
