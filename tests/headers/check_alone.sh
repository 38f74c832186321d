#!/usr/bin/env bash
# Checks that a header compiles alone.
#   check_alone.sh ROOT HEADER COMMON PRECOMPILED COMPILER [FLAGS…]
# HEADER and COMMON are paths below ROOT. PRECOMPILED, which precompile.sh has made from COMMON with the same flags, only
# serves headers that always include COMMON, themselves or through others: what it brings, their own lines have anyway.
# The lines of the others come before that, perhaps, but each of them is checked alone too.
set -euo pipefail
root=$1 header=$2 common=$3 precompiled=$4
shift 4
export LC_ALL=C

# The headers of the library that a header includes, itself or through others, whatever macros are defined.
all_included() {
    awk -v root="$root" -v first="$1" '
        function follow(header,    file, line, depth) {
            file = root "/" header
            depth = 0
            while ((getline line <file) > 0) {
                if (line ~ /^[ \t]*#[ \t]*if/) ++depth
                else if (line ~ /^[ \t]*#[ \t]*endif/) --depth
                else if (depth == 0 && sub(/^[ \t]*#[ \t]*include[ \t]*["<]/, "", line)) {
                    sub(/[">].*/, "", line)
                    if (line ~ /^strata\// && !(line in seen)) {
                        seen[line]
                        print line
                        follow(line)
                    }
                }
            }
            close(file)
        }
        BEGIN { follow(first) }'
}

first=()
included=$(all_included "$header")
if grep -qxF "$common" <<<"$included"; then
    first=(-include "$precompiled" -Winvalid-pch)
fi

# From a file, since g++ warns about `#pragma once` in the file that it is told to compile.
file=$(mktemp --suffix=.cpp)
trap 'rm -f "$file"' EXIT
printf '#include "%s"\n' "$header" >"$file"
"$@" -fsyntax-only "-I$root" "${first[@]}" "$file"
