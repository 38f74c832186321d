#!/usr/bin/env bash
# Precompiles headers, for `-include FILE` with the same compiler and flags. FILE itself is never written, only FILE.gch,
# which g++ and clang++ look for first: a compilation whose flags do not match then fails, and is not merely slow.
#   precompile.sh FILE HEADER… -- COMPILER [FLAGS…]
set -euo pipefail
file=$1
shift
headers=()
while [[ $1 != -- ]]; do headers+=("$1"); shift; done
shift

mkdir -p "$(dirname "$file")"
rm -f "$file.gch"
printf '#include "%s"\n' "${headers[@]}" >"$file.includes"
"$@" -x c++-header "$file.includes" -o "$file.gch"
