#!/usr/bin/env bash
# Checks that a child of fork() predicts and trains, whatever its parent did before.
#   fork.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
mkdir -p "$work"
unset STRATA_NUM_THREADS OMP_NUM_THREADS OMP_THREAD_LIMIT
export STRATA_QUIET=1
"$@" -O1 -fopenmp "$here/fork.cpp" -o "$work/fork" -lz
failed=0
for before in nothing own_region work busy_thread; do
    "$work/fork" "$before" || { echo "after $before: exit status $?"; failed=1; }
done
exit "$failed"
