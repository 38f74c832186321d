#!/usr/bin/env bash
# Opens and closes libraries that have strata in them, two at a time, while a host that has not forks.
#   plugin.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")/plugin
work=$1
shift
mkdir -p "$work"
cd "$work"
export STRATA_QUIET=1
"$@" -O1 -fPIC -shared -fvisibility=hidden -fopenmp "$here/library.cpp" -o one.so -lz
"$@" -O1 -fPIC -shared -fvisibility=hidden "$here/library.cpp" -DSTRATA_SCALAR -fopenmp -o two.so -lz
"$@" -O1 "$here/host.cpp" -o host -ldl
timeout 60 ./host ./one.so
timeout 60 ./host ./one.so ./two.so
