#!/usr/bin/env bash
# Checks where the number of threads comes from: the environment variable, the affinity mask, OpenMP's own variable.
#   threads.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
mkdir -p "$work"
unset STRATA_NUM_THREADS OMP_NUM_THREADS OMP_THREAD_LIMIT
"$@" -fopenmp "$here/threads.cpp" -o "$work/threads"
failed=0

# Whether the program prints a number: NUMBER COMMAND…
prints() {
    local printed
    printed=$("${@:2}")
    [[ $printed == "$1" ]] || { echo "${*:2} prints $printed, not $1"; failed=1; }
}

prints 5 env STRATA_NUM_THREADS=5 "$work/threads"
prints 1 env STRATA_NUM_THREADS=1 "$work/threads"
prints 5 env STRATA_NUM_THREADS=5 OMP_NUM_THREADS=1 "$work/threads"
prints 1 env OMP_NUM_THREADS=1 "$work/threads"
prints "$("$work/threads")" env STRATA_NUM_THREADS=many "$work/threads"
processor=$(taskset --cpu-list --pid $$ | sed -E 's/.*: *([0-9]+).*/\1/')
prints 1 taskset --cpu-list "$processor" "$work/threads"
exit "$failed"
