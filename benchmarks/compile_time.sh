#!/usr/bin/env bash
# How long programs with strata take to compile, and how much memory that needs: a Markdown table.
#   benchmarks/compile_time.sh [--write] [NAME…]     all programs, or those that are named
# --write also puts the table into benchmarks/results/compile_time.md. COMPILERS names the compilers to try, "g++
# clang++" by default, FLAGS the flags. Seconds are those of the processor (user and system).
set -euo pipefail
root=$(dirname "$(dirname "$(realpath "$0")")")
flags=${FLAGS:--O3 -march=native -std=c++20 -fopenmp}
programs=(benchmarks/compile_time/include_only.cpp examples/minimal.cpp examples/lenet5_mnist.cpp
    examples/lenet5_mnist/options.cpp examples/lenet5_mnist/report.cpp
    benchmarks/compile_time/vgg11.cpp benchmarks/compile_time/deep50.cpp)
object=$(mktemp --suffix=.o)
trap 'rm -f "$object" "$object.said"' EXIT

write=no
case ${1:-} in
-h | --help) sed -n '2,/^[^#]/s/^# //p' "$0"; exit ;;
--write) write=yes; shift ;;
esac
for name in "$@"; do
    [[ ${programs[*]} != *"$name"* ]] || continue
    echo "compile_time.sh: no program is called $name; there are ${programs[*]##*/}" >&2
    exit 2
done

# "seconds | MB" of one compilation, as the kernel counts them for a child; "failed | " where it fails.
measured() {
    python3 - "$object.said" "$@" <<'PYTHON'
import resource, subprocess, sys
with open(sys.argv[1], "w") as said:
    code = subprocess.run(sys.argv[2:], stdout=said, stderr=said).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print("failed |" if code else f"{used.ru_utime + used.ru_stime:.1f} | {used.ru_maxrss / 1000:.0f}")
PYTHON
}

wanted() {
    local name
    (($# > 1)) || return 0
    for name in "${@:2}"; do [[ $1 != *"$name"* ]] || return 0; done
    return 1
}

table() {
    local program compiler
    echo "Compiled with \`$flags\` on $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load" \
        "$(cut -d ' ' -f 1 /proc/loadavg) at the start. Seconds are those of the processor."
    echo
    echo "| program | compiler | seconds | MB |"
    echo "|---|---|---:|---:|"
    for program in "${programs[@]}"; do
        wanted "$program" "$@" || continue
        for compiler in ${COMPILERS:-g++ clang++}; do
            command -v "$compiler" >/dev/null || continue
            # shellcheck disable=SC2086  # the flags are words
            printf '| %s | %s | %s |\n' "$(basename "$program")" \
                "$("$compiler" --version | sed -nE '1s/^.*(clang|g\+\+|gcc|GCC)[^0-9]*([0-9]+)[0-9.]*.*$/\1 \2/p')" \
                "$(measured "$compiler" $flags -I "$root/include" -c "$root/$program" -o "$object")"
            [[ ! -s $object.said ]] || cat "$object.said" >&2
        done
    done
}

if [[ $write == yes ]]; then
    table "$@" | tee "$root/benchmarks/results/compile_time.md"
else
    table "$@"
fi
