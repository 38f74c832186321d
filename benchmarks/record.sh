#!/usr/bin/env bash
# Builds lenet5_bench, runs it, and writes what it prints, with the machine and the versions, to
# benchmarks/results/lenet5.txt. Options go to lenet5_bench: --data, --threads, --epochs. For figures to be trusted the
# machine has to be idle.
source "$(dirname "$(dirname "$(realpath "$0")")")/tools/setup.sh"
result=$root/benchmarks/results/lenet5.txt

case " $* " in
*" -h "* | *" --help "*) sed -n '2,/^[^#]/s/^# //p' "$0"; exit ;;
esac

commit=$(git -C "$root" describe --always --dirty 2>/dev/null || true)
prepare
build_targets lenet5_bench

compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
say "Measuring; the result goes to $result"
{
    echo "command:   benchmarks/record.sh${*:+ $*}"
    echo "date:      $(date -u +%F)"
    [[ ! -e $root/.git ]] || echo "commit:    ${commit:-none}"
    lscpu | sed -nE 's/^(Model name|CPU family|CPU\(s\)|L1d cache|L2 cache|L3 cache): */\1: /p' | paste -sd ';' |
        sed 's/^/machine:   /; s/;/; /g'
    echo "system:    $(uname -s) $(uname -r | cut -d - -f 1), load $(cut -d ' ' -f 1 /proc/loadavg) before the run"
    echo "compiler:  $("$compiler" --version | head -n 1), Release with -march=native"
    found=$(sed -nE 's/^-- strata: found ((xtl|xsimd|xtensor|OpenMP) .*)/\1/p' "$build/configure.log" | paste -sd ',')
    echo "libraries: ${found//,/, }"
    echo
    "$build/benchmarks/lenet5_bench" "$@" 2>&1
} | tee "$build/lenet5.txt"
mv "$build/lenet5.txt" "$result"
