#!/usr/bin/env bash
# Checks that a header compiles alone.
#   check_alone.sh ROOT HEADER PRECOMPILED COMPILER [FLAGS…]
# HEADER is a path below ROOT. PRECOMPILED, which precompile.sh has made of outside.hpp with the same flags, holds nothing
# of the library.
set -euo pipefail
root=$1 header=$2 precompiled=$3
shift 3
export LC_ALL=C

# From a file, since g++ warns about `#pragma once` in the file that it is told to compile.
file=$(mktemp --suffix=.cpp)
trap 'rm -f "$file"' EXIT
printf '#include "%s"\n' "$header" >"$file"
"$@" -fsyntax-only "-I$root" -include "$precompiled" -Winvalid-pch "$file"
