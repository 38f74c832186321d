#!/usr/bin/env bash
# Runs every test, from a fresh clone: installs what is missing, builds the tests and the examples, runs ctest.
# Arguments go to ctest, for example: ./run-tests.sh -L fast, ./run-tests.sh -R layers/
source "$(dirname "$(realpath "$0")")/tools/setup.sh"

prepare
build_targets strata_tests strata_examples

say "Running the tests"
exec "$ctest" --test-dir "$build" --output-on-failure --parallel "$jobs" "$@"
