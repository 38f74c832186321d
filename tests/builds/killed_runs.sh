#!/usr/bin/env bash
# Checks that a run of training that is killed at random moments ends with the same bits as one that is not, whatever
# the number of threads. KILLS says how often it is killed at least, 20 without it.
#   killed_runs.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
rm -rf "$work"
mkdir -p "$work/whole"
export STRATA_QUIET=1
"$@" -O1 -fopenmp "$here/killed_runs.cpp" -o "$work/killed_runs" -lz
"$work/killed_runs" "$work/whole" 1 >"$work/whole/output"

kills=0 runs=0
while ((kills < ${KILLS:-20})); do
    folder=$work/run_$((++runs))
    mkdir "$folder"
    # Each life lasts up to a fifth of a second, so that each comes a little further.
    until timeout --signal KILL "0.$(printf %03d $((RANDOM % 200 + 1)))" \
        "$work/killed_runs" "$folder" $((RANDOM % 3 + 1)) >"$folder/output" 2>"$folder/errors"; do
        [[ ! -s $folder/errors ]] || { cat "$folder/errors"; exit 1; }
        kills=$((kills + 1))
        ((kills < 10 * ${KILLS:-20})) || { echo "a run came to no end"; exit 1; }
    done
    for file in output model.safetensors log.csv run.safetensors; do
        cmp "$work/whole/$file" "$folder/$file"
    done
done
echo "$kills kills"
