#!/usr/bin/env bash
# check_pair.sh accepts a good pair and rejects the four bad ones, and a precompiled header that is not used.
#   self_test.sh PRECOMPILE COMPILER
set -euo pipefail
precompile=$1 compiler=$2
check=$(dirname "$(realpath "$0")")/check_pair.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
standard=-std=c++20
unset STRATA_ONLY_WRONG  # that option is tested below, and asked for nowhere else

# Whether a file of these lines is accepted; $1 is "accepts", or a part of what must be said.
expect() {
    local said
    printf '%s\n' "${@:2}" >"$folder/pair.cpp"
    if said=$("$check" "$folder/pair.cpp" "$folder/all.hpp" "$compiler" "$standard"); then said=accepts; fi
    [[ $said == *"$1"* ]] || { printf 'expected "%s", said: %s\n' "$1" "$said"; failed=1; }
}

# Precompiles these lines.
precompile() {
    printf '%s\n' "$@" >"$folder/lines.hpp"
    "$precompile" "$folder/all.hpp" "$folder/lines.hpp" -- "$compiler" -std=c++20
}

promise='// expect: two; not three'
wrong=('#ifdef WRONG' 'static_assert(sizeof(char) == 3, "two; not three");' '#endif')

precompile '#pragma once' 'using from_all = int;'
expect 'accepts' "$promise" "${wrong[@]}"
expect 'no line' "${wrong[@]}"
expect 'compiles with -DWRONG' "$promise" 'int x;'
expect 'does not say what it should' "$promise" '#ifdef WRONG' 'int x = y;' '#endif' "${wrong[@]}"
expect 'twin does not compile' "$promise" "${wrong[@]}" '#ifndef WRONG' 'int x = y;' '#endif'

STRATA_ONLY_WRONG=1 expect 'accepts' "$promise" "${wrong[@]}" '#ifndef WRONG' 'int x = y;' '#endif'

expect 'accepts' "$promise" '// wrong flags: -O0 -DNUMBER=3' '#ifdef NUMBER' \
    'static_assert(sizeof(char) == NUMBER, "two; not three");' '#endif'

# With the precompiled header but where the file adds flags.
expect 'accepts' "$promise" 'from_all x;' "${wrong[@]}"
expect 'from_all' "$promise" '// wrong flags: -DNUMBER=3' 'from_all x;' "${wrong[@]}"

# The precompiled header sees no change to the file that it was made of, so each run makes it anew; and it is not passed
# over where the flags have changed or it is missing.
precompile '#pragma once' 'using from_later = int;'
expect 'accepts' "$promise" 'from_later x;' "${wrong[@]}"
standard=-std=c++23
expect 'does not say what it should' "$promise" "${wrong[@]}"
standard=-std=c++20
rm "$folder/all.hpp.gch"
expect 'does not say what it should' "$promise" "${wrong[@]}"

exit "$failed"
