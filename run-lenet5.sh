#!/usr/bin/env bash
# Trains LeNet-5 on MNIST, from a fresh clone to the test accuracy: installs what is missing, builds and runs
# examples/lenet5_mnist.cpp. Arguments go to the program; try --help.
source "$(dirname "$(realpath "$0")")/tools/setup.sh"

prepare
build_targets lenet5_mnist

say "Running lenet5_mnist $*"
exec "$build/examples/lenet5_mnist" "$@"
