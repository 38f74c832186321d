#!/usr/bin/env bash
# Configures and installs, but compiles nothing: headers in folders of other names are found; a project above may install
# an export set of its own, and has strata's headers as SYSTEM headers.
#   packaging.sh WORK_DIR COMPILER          (the environment is build_consumer.sh's)
set -euo pipefail
work=$1 compiler=$2
projects=$(dirname "$(realpath "$0")")/packaging
rm -rf "$work"
mkdir -p "$work"
unset CXXFLAGS LDFLAGS
if [[ $STRATA_FETCHED =~ _(XTENSOR|XSIMD)= ]]; then
    echo "skipped: xtensor or xsimd was fetched, so an installed strata would not find it"
    exit 77
fi
read -ra fetched <<<"$STRATA_FETCHED"

# An absolute folder; CMake refuses one inside of the source tree.
headers=$(mktemp -d)
trap 'rm -rf "$headers"' EXIT

fail() { printf '%s\n' "$*"; exit 1; }

configure() { "$CMAKE" -S "$1" -B "$2" -DCMAKE_CXX_COMPILER="$compiler" "${fetched[@]}" "${@:3}" >"$work/log" 2>&1; }

for folder in include include/strata-0.1 "$headers/strata"; do
    rm -rf "$work/strata" "$work/prefix" "$work/installed"
    configure "$STRATA_SOURCE" "$work/strata" -DCMAKE_INSTALL_INCLUDEDIR="$folder" -DSTRATA_BUILD_TESTS=OFF \
        -DSTRATA_BUILD_EXAMPLES=OFF -DSTRATA_BUILD_BENCHMARKS=OFF || fail "$folder: $(<"$work/log")"
    "$CMAKE" --install "$work/strata" --prefix "$work/prefix" >/dev/null
    configure "$projects/installed" "$work/installed" -DCMAKE_PREFIX_PATH="$work/prefix" ||
        fail "installed into $folder: $(<"$work/log")"
done

configure "$projects/above" "$work/above" -DSTRATA_SOURCE="$STRATA_SOURCE" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON ||
    fail "a project above: $(<"$work/log")"
grep -q -- "-isystem $STRATA_SOURCE/include" "$work/above/compile_commands.json" ||
    fail "a project above does not take the headers for SYSTEM headers"
