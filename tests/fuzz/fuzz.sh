#!/usr/bin/env bash
# Looks for inputs that make a fuzz target fail, starting from stored ones, to which it adds none.
#   fuzz.sh PROGRAM CORPUS SECONDS
# Exits with 1 at a finding: what the sanitizers say of it is printed, and the input itself as base64.
set -euo pipefail
program=$1 corpus=$2 seconds=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/corpus" "$work/finding"

# libFuzzer adds inputs to the first folder, and only reads the second.
if "$program" -max_total_time="$seconds" -max_len=8192 -timeout=60 -rss_limit_mb=2048 -malloc_limit_mb=512 \
    -print_final_stats=1 -artifact_prefix="$work/finding/" "$work/corpus" "$corpus" >"$work/log" 2>&1; then
    printf '%s: %s inputs\n' "$(basename "$program")" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")"
    exit 0
fi
printf '%s failed:\n' "$(basename "$program")"
sed -E '/^(#[0-9]+\s|\s*NEW_FUNC|INFO:|stat::)/d; /^Shadow bytes/,/ABORTING/d' "$work/log" | tail -n 60
for input in "$work"/finding/*; do
    [[ ! -f $input ]] || printf '%s: %s\n' "$(basename "$input")" "$(base64 --wrap=0 "$input")"
done
exit 1
