#!/usr/bin/env bash
# Builds a program without exceptions and without RTTI: it works, and a mistake ends it with the sentence that would have
# been thrown.
#   no_exceptions.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
rm -rf "$work"
mkdir -p "$work"
cd "$work"
export STRATA_QUIET=1
failed=0

# What a program says, on stdout and stderr, where it is given a mistake: PROGRAM MISTAKE TEXT
says() {
    local said status=0 expected=0
    if [[ $3 == *strata:* ]]; then expected=134; fi  # of abort
    said=$("./$1" "$2" 2>&1) || status=$?
    # shellcheck disable=SC2053  # a pattern
    [[ $said == $3 && $status == "$expected" ]] ||
        { printf '%s %s\nsays:     %s (status %s)\nexpected: %s\n' "$1" "$2" "$said" "$status" "$3"; failed=1; }
}

flags=(-fno-exceptions -fno-rtti)
"$@" -O1 "${flags[@]}" "$here/no_exceptions.cpp" -o alone -lz
"$@" -O1 "${flags[@]}" -fopenmp -DWITH_CHECKPOINT "$here/no_exceptions.cpp" -o threads -lz
for program in alone threads; do
    says $program "" good
    says $program shape "good*strata: predict: an array of shape (N, 2) is needed, (500, 1) was given*"
    says $program threads "good*strata: set_threads: 100000 threads*"
    says $program loss "good*strata: fit: the loss is not a finite number in step *"
done
says threads save "good*loaded"
says threads file "good*strata: there_is_none.safetensors: *"
exit "$failed"
