#!/usr/bin/env bash
# Compiles a program with parts of -ffast-math: it is refused with a sentence, or predicts the same. Each part alone is
# tried with EVERY_FLAG=1; otherwise those together that are harmless.
#   math_flags.sh WORK_DIR COMPILER [FLAGS…]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$1
shift
mkdir -p "$work"

build() { "$@" -Wfatal-errors -O1 -march=native "$here/math_flags.cpp" -o "$work/program"; }

# Whether the numbers on standard input differ from those of the plain build by more than rounding.
differs() {
    awk -v plain="$work/plain.txt" '
        { getline other < plain; count = split(other, expected) }
        $1 != expected[1] || NF != count { print "expected: " other; print "got: " $0; bad = 1; next }
        { scale = 0
          for (i = 2; i <= NF; ++i) {
              size = expected[i] < 0 ? -expected[i] : expected[i]
              if (size > scale) scale = size
          }
          for (i = 2; i <= NF; ++i) { e = $i - expected[i]; if (e < 0) e = -e
              if (!(e <= 2e-6 * scale)) { print $1 ": " $i ", expected " expected[i]; bad = 1; next } } }
        END { exit !bad }'
}

build "$@"
"$work/program" >"$work/plain.txt"
failed=0
all=(-ffast-math -ffinite-math-only -funsafe-math-optimizations "-ffast-math -fno-finite-math-only")
if [[ -n ${EVERY_FLAG:-} ]]; then
    all+=("-fassociative-math -fno-signed-zeros -fno-trapping-math" -freciprocal-math -fno-signed-zeros -fapprox-func
        -fno-trapping-math -fno-math-errno -ffp-contract=fast -fno-honor-nans -fno-honor-infinities
        -fexcess-precision=fast -fcx-limited-range -fno-signaling-nans -fno-rounding-math)
else
    all+=("-fno-math-errno -fno-trapping-math -fno-signed-zeros -freciprocal-math -ffp-contract=fast")
fi
all+=("-fno-honor-nans -fno-honor-infinities")
for flags in "${all[@]}"; do
    read -ra words <<<"$flags"
    if ! "$@" "${words[@]}" -Werror -fsyntax-only -x c++ /dev/null 2>/dev/null; then
        echo "$flags: this compiler does not know it"
    elif ! build "$@" "${words[@]}" 2>"$work/errors.txt"; then
        grep -q "strata does not work with" "$work/errors.txt" || { cat "$work/errors.txt"; failed=1; }
        echo "$flags: refused"
    elif "$work/program" | differs; then
        echo "$flags: wrong"
        failed=1
    else
        echo "$flags: the same"
    fi
done
exit "$failed"
