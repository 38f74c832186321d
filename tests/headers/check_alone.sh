#!/usr/bin/env bash
# Checks that headers compile alone: every PARTS-th chain of chains.awk from the PART-th on, counted from 0.
#   check_alone.sh ROOT PART PARTS PRECOMPILED COMPILER [FLAGS…]
# Headers are those below ROOT/strata. A chain takes one compilation: what a header of it sees of those before, it
# includes itself. PRECOMPILED, which precompile.sh has made of outside.hpp with the same flags, holds nothing of the
# library.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
root=$1 part=$2 parts=$3 precompiled=$4
shift 4
export LC_ALL=C

# From a file, since g++ warns about `#pragma once` in the file that it is told to compile.
file=$(mktemp --suffix=.cpp)
trap 'rm -f "$file"' EXIT
chains=$(cd "$root" && find strata -name '*.hpp' | sort | xargs awk -f "$here/chains.awk")
result=0
while read -ra chain; do
    printf '#include "%s"\n' "${chain[@]}" >"$file"
    "$@" -fsyntax-only "-I$root" -include "$precompiled" -Winvalid-pch "$file" || result=1
done < <(awk -v part="$part" -v parts="$parts" 'NR % parts == part' <<<"$chains")
exit "$result"
