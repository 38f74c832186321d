#!/usr/bin/env bash
# Checks that a program whose own xtensor arrays are column-major computes what others do.
#   column_major.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
mkdir -p "$work"
export STRATA_QUIET=1
for layout in row_major column_major; do
    "$@" -O1 -I "$here/.." "-DXTENSOR_DEFAULT_LAYOUT=layout_type::$layout" "$here/column_major.cpp" \
        -o "$work/$layout" -lz
    "$work/$layout" "$here/../../data/mnist" >"$work/$layout.txt"
done
grep -qx "rows 0 1 10 11 20 21 30 31" "$work/row_major.txt"
diff "$work/row_major.txt" "$work/column_major.txt"
