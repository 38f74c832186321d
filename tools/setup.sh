# Sourced by run-lenet5.sh, run-tests.sh and .ci/run: installs what is missing, configures and builds. Nothing here
# changes the folder that the caller is in.
set -euo pipefail

root=$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")
build=$root/build/release

say() { printf '\n== %s\n' "$*"; }

stop() {
    printf '\nstopped: %s\n' "$*" >&2
    exit 1
}

# As many compilers at once as there are cores, but no more than one for each 1.5 GB of memory that is free.
jobs=$(getconf _NPROCESSORS_ONLN)
if [[ -r /proc/meminfo ]]; then
    jobs=$(awk -v jobs="$jobs" '/^MemAvailable/ { n = int($2 / 1500000); print n < 1 ? 1 : n < jobs ? n : jobs }' \
        /proc/meminfo)
fi

# Sets `cmake` to the first one in PATH that is new enough, and `ctest` to the one beside it. Debian's and pip's may both
# be there, and a name in PATH may lead nowhere (pyenv's, where the Python of this folder has no cmake).
find_cmake() {
    local version
    while read -r cmake; do
        ctest=$(dirname "$cmake")/ctest
        version=$("$cmake" --version 2>/dev/null | sed -n '1s/^cmake version //p') || continue
        [[ -x $ctest ]] || continue
        ! printf '3.22\n%s\n' "$version" | sort --check=quiet --version-sort || return 0
    done < <(type -ap cmake)
    return 1
}

# Prints those of the Debian packages that are missing. A tool from elsewhere (pip's cmake, $CXX) is as good.
missing_packages() {
    local package
    for package in "$@"; do
        case $package in
        g++) command -v "${CXX:-g++}" >/dev/null && continue ;;
        make) { command -v make || command -v ninja; } >/dev/null && continue ;;
        cmake) find_cmake && continue ;;
        esac
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] || echo "$package"
    done
}

# Installs Debian packages where that is possible, and says what is missing where it is not.
install_packages() {
    local missing
    command -v dpkg-query >/dev/null || return 0  # another system: CMake looks for the libraries and fetches the rest
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} > 0)) || return 0
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        say "Not installed, and only root can install it: ${missing[*]}"
        echo "Libraries among them are fetched by CMake. To install: apt-get install ${missing[*]}"
        return 0
    fi
    say "Installing ${missing[*]}"
    if ! { apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends \
            "${missing[@]}" </dev/null >/dev/null; }; then
        echo "apt-get could not install them; libraries among them are fetched by CMake."
    fi
}

# Everything that stands between a fresh clone and the build of a target. Arguments go to CMake.
prepare() {
    install_packages g++ cmake make libxtensor-dev libxsimd-dev zlib1g-dev libpng-dev libjpeg-dev \
        catch2 libcli11-dev nlohmann-json3-dev libbenchmark-dev
    command -v "${CXX:-c++}" >/dev/null ||
        stop "there is no C++ compiler '${CXX:-c++}'; install g++ 12 or newer, or set CXX to the compiler's name"
    find_cmake || stop "there is no CMake 3.22 or newer; install one"
    { command -v make || command -v ninja; } >/dev/null || stop "there is neither make nor ninja; install one of them"

    say "Configuring $build"
    mkdir -p "$build" && [[ -w $build ]] || stop "$build cannot be written; remove it, or clone to a folder of your own"
    local log=$build/configure.log
    "$cmake" -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release ${CXX:+-DCMAKE_CXX_COMPILER="$CXX"} \
        "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        stop "CMake could not configure; its words are above. If a download failed, connect to the network" \
            "or install the library that is named there"
    }
    grep -- '^-- strata: ' "$log" || true
}

build_targets() {
    say "Building $* with $jobs jobs"
    "$cmake" --build "$build" --parallel "$jobs" --target "$@" ||
        stop "the build failed; the first error above says where"
}
