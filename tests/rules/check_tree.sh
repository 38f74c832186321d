#!/usr/bin/env bash
# Checks a source tree: who includes whom, who may include the dependencies, what comes with strata.hpp, and how long
# files are.
#   check_tree.sh ROOT
# Prints one line for each violation and exits with 1 if there is any.
set -euo pipefail
cd "$1"

# A folder of include/strata, and the folders it may include besides itself. All may include strata/config.hpp.
declare -A allowed=(
    [simd]=""
    [core]="simd"
    [system]="core simd"
    [kernels]="core simd"
    [initializers]="core simd"
    [regularizers]="core simd"
    [constraints]="core simd"
    [metrics]="core simd kernels losses"
    [data]="core simd system io"
    [io]="core simd system"
    [model]="core simd system"
    [layers]="core simd kernels initializers"
    [losses]="core simd kernels"
    [optimizers]="core simd system kernels"
    [training]="core simd system model losses metrics optimizers data io"
    [report]="core simd system model metrics training io"
    [callbacks]="core simd system training metrics io report"
    [onnx]="core simd system kernels layers model io"
)

# A dependency (the start of what is included), and the only file that may include it. Its versions differ, and that
# file hides how. Tests make arrays with more of xtensor than the library needs.
declare -A single_includer=(
    [xtensor/]="include/strata/core/tensor.hpp tests/support/xtensor.hpp tests/headers/outside.hpp examples/usage.cpp"
    [xsimd/]="include/strata/simd/pack.hpp tests/headers/outside.hpp"
    [png.h]="include/strata/data/images/png.hpp"
    [jpeglib.h]="include/strata/data/images/jpeg.hpp"
    [omp.h]="include/strata/system/parallel.hpp"
    [catch2/]="tests/support/"
)

# The folders whose headers all come with strata.hpp.
whole_folders=(initializers regularizers constraints layers losses metrics optimizers)

# Headers that are precompiled for the unit tests, and what only they bring: a file that uses it includes them, itself
# or through another header of the tests.
declare -A precompiled=(
    [support/catch.hpp]='TEST_CASE|CHECK|REQUIRE'
    [support/lanes.hpp]='random_values|random_lanes|unwritten_cells|relative_error'
)

longest=400
violations=0

violation() {
    printf '%s\n' "$*"
    violations=$((violations + 1))
}

sources() {
    local folder
    for folder in "$@"; do
        [[ ! -d $folder ]] || find "$folder" -type f \( -name '*.hpp' -o -name '*.cpp' -o -name '*.h' \
            -o -name '*.sh' -o -name '*.py' -o -name '*.cmake' -o -name 'CMakeLists.txt' \)
    done | sort
}

# file:line:included, for every #include of the files on stdin.
includes() {
    xargs -r grep -HnoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]+' |
        sed -E 's/^([^:]+:[0-9]+:).*(["<])([^">]+)$/\1\2\3/'
}

check_edges() {
    local place line included from to
    while IFS=: read -r place line included; do
        included=${included:1}
        if [[ $included != strata/* ]]; then
            [[ ! -e include/strata/$included && ! -e ${place%/*}/$included ]] ||
                violation "$place:$line: write \"strata/…\" instead of \"$included\""
            continue
        fi
        to=${included#strata/}
        [[ $to != config.hpp ]] || continue
        if [[ $to != */* ]]; then
            [[ $to == layers.hpp && ${place#include/strata/} != */* ]] ||  # what others that bring all are made of
                violation "$place:$line: nothing in the library includes $included"
            continue
        fi
        from=${place#include/strata/}
        from=${from%%/*} to=${to%%/*}
        [[ $from != "$to" ]] || continue
        [[ $from != *.hpp ]] || continue  # strata.hpp may include everything
        if [[ ! -v allowed[$from] ]]; then
            violation "$place:$line: the folder $from is not in the rules"
        elif [[ " ${allowed[$from]} " != *" $to "* ]]; then
            violation "$place:$line: $from may not include $to"
        fi
    done < <(sources include/strata | includes)
}

# Whether the first argument starts with one of the others.
may_include() {
    local place=$1 includer
    shift
    for includer; do
        [[ $place != "$includer"* ]] || return 0
    done
    return 1
}

check_single_includers() {
    local place line included dependency
    while IFS=: read -r place line included; do
        for dependency in "${!single_includer[@]}"; do
            [[ ${included:1} == "$dependency"* ]] || continue
            may_include "$place" ${single_includer[$dependency]} ||
                violation "$place:$line: only ${single_includer[$dependency]} may include ${included:1}"
        done
    done < <(sources include examples tests benchmarks tools | includes)
}

# Whoever includes strata.hpp has all headers of these folders.
check_strata_hpp() {
    local folder header reached="" next=include/strata/strata.hpp
    while [[ $next != "$reached" ]]; do
        reached=$next
        next=$({ echo "$reached"; includes <<<"$reached" | sed -n 's|^.*["<]strata/|include/strata/|p'; } | sort -u |
            while read -r header; do [[ ! -f $header ]] || echo "$header"; done)
    done
    for folder in "${whole_folders[@]}"; do
        while read -r header; do
            grep -qxF "$header" <<<"$reached" || violation "$header: does not come with strata.hpp"
        done < <(sources "include/strata/$folder")
    done
}

# Whether a file of the tests includes a header, itself or through others: FILE HEADER
reaches() {
    local included
    for included in ${includes_of[$1]:-}; do
        [[ $included != "$2" ]] || return 0
        [[ ! -f tests/$included ]] || ! reaches "tests/$included" "$2" || return 0
    done
    return 1
}

check_precompiled() {
    local file line included header
    local -A includes_of=()
    while IFS=: read -r file line included; do includes_of[$file]+=" ${included:1}"; done < <(sources tests | includes)
    for header in "${!precompiled[@]}"; do
        while read -r file; do
            [[ $file == "tests/$header" ]] || reaches "$file" "$header" ||
                violation "$file: uses what $header brings, and does not include it"
        done < <(sources tests | grep -E '/test_[a-z0-9_]+\.cpp$|\.hpp$' | xargs -r grep -lwE "${precompiled[$header]}")
    done
}

check_lengths() {
    local file lines
    while read -r file; do
        lines=$(wc -l <"$file")
        ((lines <= longest)) || violation "$file: $lines lines, more than $longest"
    done < <(sources include examples tests benchmarks tools | grep -v '^tests/data/.*/')
}

check_edges
check_single_includers
check_strata_hpp
check_precompiled
check_lengths
((violations == 0)) || { printf '%d violations of the rules of the tree\n' "$violations"; exit 1; }
