#!/usr/bin/env bash
# Does what README.md says to somebody without CMake: compiles its program with its command, and runs it.
#   build_readme.sh ROOT WORK_DIR COMPILER [INCLUDE_OPTION…]
# COMPILER is what g++ stands for; the options lead to xtensor, xtl and xsimd.
set -euo pipefail
root=$1 work=$2 compiler=$3
shift 3
rm -rf "$work"
mkdir -p "$work/path/to" "$work/bin"
ln -s "$root" "$work/path/to/strata"
ln -s "$compiler" "$work/bin/g++"
export PATH=$work/bin:$PATH
cd "$work"

sed -n '/^```cpp$/,/^```$/{/^```/d;p}' "$root/README.md" >main.cpp
command=$(grep -E '^g\+\+ ' "$root/README.md")
[[ -s main.cpp && -n $command ]] || { echo "README.md has no program or no command that begins with g++"; exit 1; }
echo "$command $*"
read -ra words <<<"$command $*"
"${words[@]}"
STRATA_MNIST_DIR=$root/data/mnist ./main
