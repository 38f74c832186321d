#!/usr/bin/env bash
# Checks which cores of x86 are taken for those whose multiply-adds outrun their caches, by the flags that g++ 12 makes
# of -march=native on a Zen 4 and on a Zen 5, which it does not know.
#   outruns_caches.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
shift
if [[ $(uname -m) != x86_64 ]]; then
    echo "skipped: this machine is no x86"
    exit 77
fi

compile=("$@")
failed=0
# What is expected, then the flags.
expect() {
    local expected=$1
    shift
    "${compile[@]}" "$@" -fsyntax-only -x c++ - <<<"#include \"strata/simd/pack.hpp\"
        static_assert(strata::authoring::outruns_caches == $expected);" || { echo "with $*"; failed=1; }
}
zen4=(-march=znver3 -mavx512{f,cd,dq,bw,vl,bf16})

expect false "${zen4[@]}"
expect true "${zen4[@]}" -mavxvnni
expect true -march=sapphirerapids
expect true -march=x86-64-v4
expect false -march=x86-64-v3
exit "$failed"
