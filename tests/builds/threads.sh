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
for other in many 100000 -3 4x; do
    prints "$("$work/threads")" env STRATA_NUM_THREADS=$other "$work/threads" 2>"$work/said"
    grep -q "STRATA_NUM_THREADS is \"$other\", no number from 0 to 1024" "$work/said" ||
        { echo "STRATA_NUM_THREADS=$other is ignored silently"; failed=1; }
done
prints "$("$work/threads")" env OMP_NUM_THREADS=100000 "$work/threads"
processor=$(taskset --cpu-list --pid $$ | sed -E 's/.*: *([0-9]+).*/\1/')
prints 1 taskset --cpu-list "$processor" "$work/threads"
exit "$failed"
