#!/usr/bin/env bash
# Trains LeNet-5 on MNIST, from a fresh clone to the test accuracy: installs what is missing, builds and runs
# examples/lenet5_mnist.cpp. Arguments go to the program; try --help.
source "$(dirname "$(realpath "$0")")/tools/setup.sh"

for argument; do
    [[ $argument == --help || $argument == -h ]] || continue
    echo "run-lenet5.sh builds lenet5_mnist (examples/lenet5_mnist.cpp) and runs it with the options that it is given."
    sed '1s/^R"(//; $d' "$root/examples/lenet5_mnist/help.txt"
    exit
done

# The recipes of docs/recipes.md take minutes to compile.
recipes=()
for argument; do
    case $argument in --recipe | --recipe=* | --list-recipes) recipes=(-DSTRATA_RECIPES=ON) ;; esac
done

prepare "${recipes[@]}"
build_targets lenet5_mnist

say "Running lenet5_mnist $*"
exec "$build/examples/lenet5_mnist" "$@"
