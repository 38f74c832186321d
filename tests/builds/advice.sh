#!/usr/bin/env bash
# Builds a program in several ways and checks what it says about them on stderr.
#   advice.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
rm -rf "$work"
mkdir -p "$work"
unset STRATA_QUIET
failed=0

has() { grep -qwF -m 1 -- "$1" /proc/cpuinfo; }
if ! has avx2; then
    echo "skipped: this machine has nothing above SSE2"
    exit 77
fi

build() {
    local program=$work/$1
    shift
    "$compiler" "${flags[@]}" "$@" "$here/advice.cpp" -o "$program"
}

# Whether a program, run with some arguments, says a text and nothing else: PROGRAM TEXT [ARGUMENT…]
says() {
    local said
    said=$("$work/$1" "${@:3}" 2>&1)
    [[ $said == "$2" ]] || { printf '%s %s\nsays:     %s\nexpected: %s\n' "$1" "${*:3}" "$said" "$2"; failed=1; }
}

compiler=$1 flags=("${@:2}")
best="AVX2 with FMA"
if has avx512f; then best="AVX-512"; fi
end="(STRATA_QUIET=1 hides this line)"
narrow="but this machine has $best; to make it faster compile with -march=native $end"

# That training and large predictions give the advice is tested in one build, and what it says in all.
build narrow -O1
says narrow "strata: this program is compiled for SSE2, $narrow" train
says narrow "strata: this program is compiled for SSE2, $narrow" predict_many
says narrow "strata: this program is compiled for SSE2, $narrow" train train predict_many
says narrow "" predict_few
says narrow ""
STRATA_QUIET=1 says narrow "" train predict_many
STRATA_QUIET="" says narrow "strata: this program is compiled for SSE2, $narrow" train

build native -O1 -march=native -DADVICE_ALONE
says native "" train predict_many

build debug -O0 -march=native -DADVICE_ALONE
says debug "strata: this program is compiled without optimization; to make it faster compile with -O3 $end" train

build careless -O0 -DADVICE_ALONE
says careless "strata: this program is compiled without optimization and for SSE2, but this machine has $best; \
to make it faster compile with -O3 -march=native $end" train

if has avx512f; then
    build avx2 -O1 -mavx2 -mfma -DADVICE_ALONE
    says avx2 "strata: this program is compiled for AVX2 with FMA, $narrow" train
fi
exit "$failed"
