#!/usr/bin/env bash
# Trains LeNet-5 once for each seed and prints the test accuracies, their mean and standard deviation.
#   tools/accuracy_over_seeds.sh [FIRST LAST [OPTION…]]      seeds 0 to 9; options go to lenet5_mnist
# LENET5_MNIST names the program, build/release/examples/lenet5_mnist by default (./run-lenet5.sh builds it).
set -euo pipefail
export LC_ALL=C

usage() {
    echo "usage: tools/accuracy_over_seeds.sh [FIRST LAST [OPTION…]], two seeds, whole numbers, the smaller one first" >&2
    exit 2
}
number='^(0|[1-9][0-9]*)$'
(($# != 1)) || usage
first=${1:-0} last=${2:-9}
[[ $first =~ $number && $last =~ $number ]] || usage
((first <= last)) || usage
shift $(($# < 2 ? $# : 2))
program=${LENET5_MNIST:-$(dirname "$(dirname "$(realpath "$0")")")/build/release/examples/lenet5_mnist}
[[ -x $program ]] || { echo "$program is not there; ./run-lenet5.sh builds it" >&2; exit 1; }

printf 'seed  test loss  test accuracy\n'
results=()
for ((seed = first; seed <= last; ++seed)); do
    output=$("$program" --seed "$seed" "$@")
    # Test loss and accuracy:  [0.05392, 0.9833], 9,833 of 10,000 images right
    read -r loss accuracy < <(sed -nE 's/^Test loss and accuracy: *\[([0-9.]+), ([0-9.]+)\].*/\1 \2/p' <<<"$output")
    results+=("$loss $accuracy")
    awk -v seed="$seed" '{ printf "%4d  %9s  %11.2f %%\n", seed, $1, 100 * $2 }' <<<"${results[-1]}"
done
printf '%s\n' "${results[@]}" | awk '
    { n++; loss += $1; sum += $2; squares += $2 * $2 }
    END {
        mean = sum / n
        deviation = n > 1 ? sqrt((squares - n * mean * mean) / (n - 1)) : 0
        printf "mean  %9.5f  %11.3f %%   standard deviation %.3f\n", loss / n, 100 * mean, 100 * deviation
    }'
