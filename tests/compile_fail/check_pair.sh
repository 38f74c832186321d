#!/usr/bin/env bash
# Compiles a file twice: with -DWRONG it must fail with the sentence that its line `// expect: …` promises, in the first
# error that the compiler prints; without, it must compile. A line `// wrong flags: …` adds flags to -DWRONG. All but
# those with flags of their own include PRECOMPILED, which ../headers/precompile.sh has made with the same flags.
# With STRATA_ONLY_WRONG in the environment the second is left out.
#   check_pair.sh FILE.cpp PRECOMPILED COMPILER [FLAGS…]
set -euo pipefail
file=$1
precompiled=(-include "$2" -Winvalid-pch)  # g++ says with the warning why it cannot use PRECOMPILED
shift 2
export LC_ALL=C

sentence=$(sed -n 's|^// expect: ||p' "$file" | head -n 1)
[[ -n $sentence ]] || { echo "$file: no line '// expect: SENTENCE'"; exit 1; }

read -ra wrong_flags < <(sed -n 's|^// wrong flags: ||p' "$file") || true
wrong=("${precompiled[@]}")
((${#wrong_flags[@]} == 0)) || wrong=("${wrong_flags[@]}")

if output=$("$@" -fsyntax-only -Wfatal-errors -DWRONG "${wrong[@]}" "$file" 2>&1); then
    echo "$file compiles with -DWRONG, but should fail with: $sentence"
    exit 1
fi
first_error=$(grep -m 1 'error:' <<<"$output" || true)
if [[ $first_error != *"$sentence"* ]]; then
    printf '%s: the first error does not say what it should.\nexpected: %s\nprinted:  %s\n\nAll of it:\n' \
        "$file" "$sentence" "$first_error"
    head -n 40 <<<"$output"
    exit 1
fi

[[ -z ${STRATA_ONLY_WRONG-} ]] || exit 0
if ! output=$("$@" -fsyntax-only "${precompiled[@]}" "$file" 2>&1); then
    printf '%s: the correct twin does not compile:\n' "$file"
    head -n 40 <<<"$output"
    exit 1
fi
