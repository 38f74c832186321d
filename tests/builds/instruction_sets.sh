#!/usr/bin/env bash
# Links two translation units that are compiled for other instruction sets into one program, in both orders: what they
# compute must be right, and no function of strata may be in both, since the linker would keep either one's code.
#   instruction_sets.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")/instruction_sets
work=$1
shift
rm -rf "$work"
mkdir -p "$work"
cd "$work"
if ! grep -qwF avx2 /proc/cpuinfo || ! grep -qwF fma /proc/cpuinfo; then
    echo "skipped: this machine has no AVX2 with FMA"
    exit 77
fi
export STRATA_QUIET=1
failed=0

# -O1: fewer functions are inlined, so more are there to be confused.
"$@" -O1 -mavx2 -mfma -DUNIT=avx2_unit -c "$here/unit.cpp" -o avx2.o
"$@" -O1 -DUNIT=sse2_unit -c "$here/unit.cpp" -o sse2.o
"$@" -O1 -c "$here/main.cpp" -o main.o

for order in "avx2.o sse2.o" "sse2.o avx2.o"; do
    read -ra objects <<<"$order"
    "$@" main.o "${objects[@]}" -lz -o program
    ./program "$work" || { echo "linked in the order $order: exit status $?"; failed=1; }
done

# Functions (T, W) that both define and that are strata's or take or return what is strata's.
functions() { nm --defined-only -C "$1" | sed -nE 's/^[0-9a-f]+ [TW] //p' | grep -F 'strata::' | sort -u; }
shared=$(comm -12 <(functions avx2.o) <(functions sse2.o))
if [[ -n $shared ]]; then
    echo "$(wc -l <<<"$shared") functions are in both, among them:"
    head -n 10 <<<"$shared" | cut -c 1-160
    failed=1
fi
exit "$failed"
