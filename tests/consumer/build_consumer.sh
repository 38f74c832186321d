#!/usr/bin/env bash
# Builds and runs the project beside this file, which uses strata in one of four ways, and checks that no flag of our own
# programs reached it. ctest sets the environment: CMAKE, STRATA_SOURCE, STRATA_BUILD, STRATA_FETCHED, STRATA_INCLUDES.
#   build_consumer.sh find_package|add_subdirectory|fetch_content|bare WORK_DIR COMPILER
set -euo pipefail
way=$1 work=$2 compiler=$3
project=$(dirname "$(realpath "$0")")/project
rm -rf "$work"
mkdir -p "$work"
unset CXXFLAGS LDFLAGS CMAKE_BUILD_TYPE

fail() { printf '%s: %s\n' "$way" "$*"; exit 1; }

install_strata() {
    local strangers
    if [[ $STRATA_FETCHED =~ _(XTENSOR|XSIMD)= ]]; then
        echo "skipped: xtensor or xsimd was fetched, so an installed strata would not find it"
        exit 77
    fi
    "$CMAKE" --install "$STRATA_BUILD" --prefix "$work/prefix" >/dev/null
    strangers=$(cd "$work/prefix" && find . -type f |
        grep -vE '^\./(include/strata/.*\.hpp|share/cmake/strata/strata[A-Za-z]*\.cmake|share/doc/strata/LICENSE)$' || true)
    [[ -z $strangers ]] || fail "install put more than headers and a package there: $strangers"
}

build_with_cmake() {
    local fetched flags
    read -ra fetched <<<"$STRATA_FETCHED"
    "$CMAKE" -S "$project" -B "$work/build" -DWAY="$way" -DSTRATA_SOURCE="$STRATA_SOURCE" \
        -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${fetched[@]}"
    "$CMAKE" --build "$work/build"
    flags=$(grep -oE ' -(march|mtune|mcpu|O|W|g|f?sanitize|ffast-math|D *STRATA_)[^ ]*' \
        "$work/build/compile_commands.json" || true)
    [[ -z $flags ]] || fail "flags of strata's own programs reached the consumer: $flags"
    [[ $(grep -c '"file"' "$work/build/compile_commands.json") == 2 ]] || fail "more than the consumer's files is built"
    [[ $(debug_flags) == 2 ]] || fail "a Debug build has no -O1"
    [[ $(debug_flags -DDEBUG_OPTIMIZATION=OFF) == 0 ]] || fail "a Debug build has -O1, which it does not want"
}

# How often the flag of Debug builds stands in the commands of such a build: [CMAKE_OPTION…]
debug_flags() {
    local fetched
    read -ra fetched <<<"$STRATA_FETCHED"
    rm -rf "$work/debug"
    "$CMAKE" -S "$project" -B "$work/debug" -DWAY="$way" -DSTRATA_SOURCE="$STRATA_SOURCE" -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${fetched[@]}" "$@" >"$work/debug.log"
    grep -c '"command".* -O1' "$work/debug/compile_commands.json" || true
}

build_bare() {
    local includes
    read -ra includes <<<"$STRATA_INCLUDES"
    mkdir -p "$work/build"
    "$compiler" -std=c++20 "${includes[@]}" "$project/main.cpp" "$project/other.cpp" -o "$work/build/consumer"
}

case $way in
find_package) install_strata && build_with_cmake ;;
add_subdirectory | fetch_content) build_with_cmake ;;
bare) build_bare ;;
*) fail "unknown way" ;;
esac

"$work/build/consumer" || fail "the program failed"
