#!/usr/bin/env bash
# Checks what the scripts at the root do before they build anything: --help, and which CMake they take.
#   check_scripts.sh ROOT
# Prints one line for each fault and exits with 1 if there is any.
set -euo pipefail
root=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fault() {
    echo "$*"
    failed=1
}

# The program's options are those of the help, which comes at once: from a folder where nothing can be built.
mkdir -p "$work/clone/examples/lenet5_mnist" "$work/clone/tools"
cp "$root/run-lenet5.sh" "$work/clone"
cp "$root/tools/setup.sh" "$work/clone/tools"
cp "$root/examples/lenet5_mnist/help.txt" "$work/clone/examples/lenet5_mnist"
for question in --help -h "--epochs 1 --help"; do
    read -ra words <<<"$question"
    said=$("$work/clone/run-lenet5.sh" "${words[@]}" 2>&1) || fault "run-lenet5.sh $question fails: $said"
    difference=$(diff <(sed -nE 's/^  (-h,)?(--[a-z-]+).*/\2/p' <<<"$said" | sort) \
        <({ echo --help; grep -oE 'add(_flag)?\("--[a-z-]+' "$root/examples/lenet5_mnist/options.cpp" |
            sed 's/.*"//'; } | sort)) || fault "run-lenet5.sh $question and options.cpp differ: $difference"
done

# A folder for PATH with a cmake that says this version (no cmake works there if it is empty) and its ctest.
put_cmake() {
    mkdir -p "$work/$1"
    printf '#!/bin/sh\n%s\n' "${2:+echo cmake version $2; exit}" 'echo not here >&2; exit 127' >"$work/$1/cmake"
    echo >"$work/$1/ctest"
    chmod +x "$work/$1/cmake" "$work/$1/ctest"
}
put_cmake broken ""
put_cmake old 3.18.4
put_cmake debian 3.25.1
put_cmake pip 4.1.0
put_cmake lonely 4.1.0
rm "$work/lonely/ctest"

# The folder of the cmake that is taken, "none" if none is: EXPECTED FOLDER…
takes() {
    local path="" folder taken
    for folder in "${@:2}"; do path+=$work/$folder:; done
    taken=$(source "$root/tools/setup.sh" && PATH=$path$work/tools &&
        { find_cmake && echo "${cmake%/cmake} ${ctest%/ctest}" || echo none; })
    [[ $taken == none ]] || taken=${taken//"$work/"/}
    [[ $taken == "$1" ]] || fault "of ${*:2} setup.sh takes $taken, not $1"
}
mkdir "$work/tools"
for tool in dirname sed sort; do ln -s "$(command -v "$tool")" "$work/tools/$tool"; done
takes "pip pip" pip debian
takes "debian debian" debian pip
takes "debian debian" broken old lonely debian pip
takes "pip pip" old pip
takes none broken old

exit "$failed"
