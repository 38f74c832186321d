#!/usr/bin/env bash
# Checks the pages for readers: every block of C++ stands, line by line, in a program of examples/, which is compiled,
# every block of Python in one of examples/keras/ or examples/pytorch/; and every relative link leads to something.
#   check_pages.sh ROOT
# Prints one line for each violation and exits with 1 if there is any.
set -euo pipefail
cd "$1"
violations=0

violation() {
    printf '%s\n' "$*"
    violations=$((violations + 1))
}

# The programs without the lines that only speak to clang-format, which the pages leave out.
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
for program in examples/*.cpp examples/keras/*.py examples/pytorch/*.py; do
    grep -v '^ *// clang-format' "$program" >"$programs/${program##*/}"
done

# Whether the text of the first argument is a part of one of the programs.
stands_in_a_program() {
    local program
    for program in "$programs"/*; do
        [[ $(<"$program") != *"$1"* ]] || return 0
    done
    return 1
}

check_code() {
    local page=$1 line number=0 start=0 block="" inside=no
    while IFS= read -r line || [[ -n $line ]]; do
        number=$((number + 1))
        if [[ $inside == yes && $line == '```'* ]]; then
            inside=no
            stands_in_a_program "$block" || violation "$page:$start: this code is in no program of examples/"
        elif [[ $inside == yes ]]; then
            block+=${block:+$'\n'}$line
        elif [[ $line == '```cpp' || $line == '```python' ]]; then
            inside=yes start=$number block=""
        fi
    done <"$page"
}

check_links() {
    local page=$1 link
    while read -r link; do
        [[ $link == http*://* || $link == '#'* || -e $(dirname "$page")/${link%%#*} ]] ||
            violation "$page: the link to $link leads nowhere"
    done < <(grep -oE '\]\([^) ]+\)' "$page" | sed -E 's/^\]\((.*)\)$/\1/')
}

while read -r page; do
    check_code "$page"
    check_links "$page"
done < <(find README.md CHANGELOG.md CONTRIBUTING.md docs benchmarks data examples -name '*.md' | sort)
((violations == 0)) || { printf '%d violations in the pages\n' "$violations"; exit 1; }
