#!/usr/bin/env bash
# Turns models into headers with `strata-convert header`, and compiles these without exceptions and RTTI: into a program
# of two files, with clang and for ARM, too, and into a library that C and Python call. What they predict is what the
# models' files say, and nothing is allocated. NumPy comes from PyPI, into an environment of the test's own.
#   header.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
source "$(dirname "$(realpath "$0")")/environment.sh"
here+=/header
root=$(realpath "$here/../../..")
work=$(realpath "$work")
cd "$work"
environment converter numpy safetensors
export PYTHONPATH=$root/tools PYTHONDONTWRITEBYTECODE=1

# The headers.
find . -maxdepth 1 -type f ! -name log -delete
"$python" "$here/test_headers.py"
"$python" "$here/models.py" .
convert() { "$python" -m strata_convert header "$@" >>said; }
convert "$root/tests/data/compat/model_1.safetensors" -o tiny.hpp
convert lenet5.safetensors --c
convert blocks.safetensors --weights int8
convert words.safetensors --weights bfloat16
cmp tiny.hpp "$root/examples/deploy/tiny.hpp" || {
    echo "run strata-convert header tests/data/compat/model_1.safetensors -o examples/deploy/tiny.hpp"
    exit 1
}

# A program of two files. What they all include is compiled once.
flags=(-std=c++20 -O1 -fno-exceptions -fno-rtti -Wall -Wextra -Wpedantic -Wshadow -Werror -I "$root/include" -I .)
mkdir -p precompiled/strata
host=("$1" -I precompiled "${@:2}" -fPIC -fvisibility=hidden "${flags[@]}")
echo '#include <strata/deploy.hpp>' >precompiled/all.hpp
"${host[@]}" -x c++-header precompiled/all.hpp -o precompiled/strata/deploy.hpp.gch
"${host[@]}" "$here/main.cpp" "$here/other.cpp" -o both
./both

# The C interface, from C and from Python.
"${host[@]}" -shared lenet5.cpp -o liblenet5.so
cc -std=c99 -Wall -Wextra -pedantic -Werror -I . "$here/caller.c" -L . -llenet5 -Wl,-rpath,"$PWD" -o caller
./caller
"$python" "$here/call.py" ./liblenet5.so lenet5.safetensors

# Other compilers, which are given the folder of xsimd and no other of this machine.
xsimd=$(echo '#include <xsimd/xsimd.hpp>' | "$@" -M -x c++ - | grep -oE '[^ ]+/xsimd/xsimd\.hpp' | xargs dirname)
mkdir -p packages
ln -sfn "$xsimd" packages/xsimd
flags+=(-isystem packages)
if command -v clang++-16 >/dev/null; then
    clang++-16 "${flags[@]}" -DALONE "$here/main.cpp" -o with_clang
    ./with_clang
fi
if command -v aarch64-linux-gnu-g++ >/dev/null && command -v qemu-aarch64-static >/dev/null; then
    # A model without exp, which takes g++ 20 seconds with xsimd 8's code for NEON.
    aarch64-linux-gnu-g++ "${flags[@]}" "$here/device.cpp" -static -o on_arm
    qemu-aarch64-static ./on_arm
fi
