#!/usr/bin/env bash
# check_pair.sh accepts a good pair and rejects the four bad ones.
#   self_test.sh COMPILER
set -euo pipefail
compiler=$1
check=$(dirname "$(realpath "$0")")/check_pair.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

# Whether a file of these lines is accepted; $1 is "accepts", or a part of what must be said.
expect() {
    local said
    printf '%s\n' "${@:2}" >"$folder/pair.cpp"
    if said=$("$check" "$folder/pair.cpp" "$compiler" -std=c++20); then said=accepts; fi
    [[ $said == *"$1"* ]] || { printf 'expected "%s", said: %s\n' "$1" "$said"; failed=1; }
}

promise='// expect: two; not three'
wrong=('#ifdef WRONG' 'static_assert(sizeof(char) == 3, "two; not three");' '#endif')

expect 'accepts' "$promise" "${wrong[@]}"
expect 'no line' "${wrong[@]}"
expect 'compiles with -DWRONG' "$promise" 'int x;'
expect 'does not say what it should' "$promise" '#ifdef WRONG' 'int x = y;' '#endif' "${wrong[@]}"
expect 'twin does not compile' "$promise" "${wrong[@]}" '#ifndef WRONG' 'int x = y;' '#endif'

expect 'accepts' "$promise" '// wrong flags: -O0 -DNUMBER=3' '#ifdef NUMBER' \
    'static_assert(sizeof(char) == NUMBER, "two; not three");' '#endif'

exit "$failed"
