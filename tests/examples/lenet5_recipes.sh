#!/usr/bin/env bash
# Checks the recipes of lenet5_mnist, on few images: the options, the row of the table, the report and the picture.
#   lenet5_recipes.sh PROGRAM MNIST_FOLDER WORK_DIR
# Prints one line for each fault and exits with 1 if there is any.
set -euo pipefail
export LC_ALL=C STRATA_QUIET=1
program=$(realpath "$1") mnist=$(realpath "$2") work=$3
failed=0

fault() {
    echo "$*"
    failed=1
}

# The first images and labels of a file: KIND COUNT
first_of() {
    local bytes
    printf -v bytes '\\x%02x' $(($2 >> 8)) $(($2 & 255))
    { printf "\\0\\0\\x08\\x03\\0\\0$bytes\\0\\0\\0\\x1c\\0\\0\\0\\x1c"
        gzip -dc "$mnist/$1-images-idx3-ubyte.gz" | tail -c +17 | head -c $(($2 * 784)); } >"$1-images-idx3-ubyte"
    { printf "\\0\\0\\x08\\x01\\0\\0$bytes"
        gzip -dc "$mnist/$1-labels-idx1-ubyte.gz" | tail -c +9 | head -c "$2"; } >"$1-labels-idx1-ubyte"
}

# Options that the program refuses with a sentence that has these words: WORDS OPTION…
refuses() {
    local words=$1 said status=0
    shift
    said=$("$program" "$@" 2>&1) || status=$?
    [[ $status == 2 && $said == *"$words"* ]] || fault "$*: exit status $status, and not \"$words\": $said"
}

rm -rf "$work"
mkdir -p "$work"
cd "$work"
set +o pipefail  # head ends before gzip does
first_of train 240
first_of t10k 100
set -o pipefail

names=$("$program" --list-recipes | sed 's/ .*//')
grep -qx tutorial <<<"$names" || fault "--list-recipes does not have the tutorial: $names"
refuses "there is no recipe \"tutor\" here, but ${names//$'\n'/, }" --recipe tutor
refuses "--epochs: the recipe says that" --recipe tutorial --epochs 1
refuses "--save: this is not for recipes" --recipe tutorial --save model.safetensors
refuses "--seeds: this is for recipes" --seeds 2
refuses "--report writes to the same file" --recipe tutorial --report a --mistakes a

# A recipe of three seeds.
told="--recipe tutorial --seeds 3 --seed 3 --data . --mistakes mistakes.png"
said=$("$program" $told)
seed_line='^seed [345]  ([0-9.]+) %  [0-9.]+ s of training$'
read -r a b c < <(sed -nE "s/$seed_line/\\1/p" <<<"$said" | paste -sd ' ')
[[ $(grep -oE '^seed [0-9]+' <<<"$said" | paste -sd ,) == "seed 3,seed 4,seed 5" ]] || fault "not three seeds: $said"
row=$(tail -n 1 <<<"$said")
expected=$(awk -v a="$a" -v b="$b" -v c="$c" 'BEGIN { mean = (a + b + c) / 3
    printf "%.3f %% | %.3f | 3 |", mean, sqrt(((a - mean)^2 + (b - mean)^2 + (c - mean)^2) / 2) }')
[[ $row == "| tutorial | 61,706 | 5 | "*" | $expected \`./run-lenet5.sh $told\` |" ]] ||
    fault "seeds of $a, $b and $c % give the row $row, not one with $expected"
grep -q 'test accuracy' <<<"$said" || fault "the table does not say that it is of test images: $said"

# It trains as the program does without it.
plain=$("$program" --data . --seed 3 | sed -nE 's/^Test loss and accuracy: .*\], ([0-9]+) of 100 images right/\1/p')
[[ $a == "$plain.00" ]] || fault "the tutorial with seed 3 has $a % right, without --recipe $plain"

# The report and the picture are the first seed's: rows of 16 mistakes, of 82 pixels each.
grep -q "recipe tutorial" tutorial.html || fault "there is no report"
[[ $(head -c 8 mistakes.png | od -An -tx1) == " 89 50 4e 47 0d 0a 1a 0a" ]] || fault "mistakes.png is no PNG file"
height=$(od -An -j20 -N4 -tu1 mistakes.png | awk '{ print $3 * 256 + $4 }')
((height == ((100 - ${a%.*} + 15) / 16) * 82 + 8)) ||
    fault "the picture of $((100 - ${a%.*})) mistakes is $height high"
"$program" --recipe tutorial --seed 3 --data . --mistakes alone.png --report alone.html >alone
cmp mistakes.png alone.png || fault "the picture of three seeds is not that of the first"

# Chosen are recipes by the validation images alone, the first twelfth of those to train with.
said=$("$program" --recipe tutorial --data . --holdout --report holdout.html)
for words in "220 images to train with, 20 of the validation" "| validation accuracy |" "| – | 1 |"; do
    grep -qF "$words" <<<"$said" || fault "with --holdout it does not say \"$words\": $said"
done

exit "$failed"
