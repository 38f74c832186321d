#!/usr/bin/env bash
# A program with STRATA_NO_ZLIB links without zlib, reads plain files, and says what a packed one needs.
#   no_zlib.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
rm -rf "$work"
mkdir -p "$work"

"$@" -DSTRATA_NO_ZLIB "$here/no_zlib.cpp" -o "$work/no_zlib"
printf 'plain' >"$work/plain"
gzip --keep "$work/plain"
[[ $("$work/no_zlib" "$work/plain") == plain ]]
said=$("$work/no_zlib" "$work/plain.gz")
[[ $said == "$work/plain.gz: packed with gzip, and this program was built without zlib"* ]] || { echo "$said"; exit 1; }
