#!/usr/bin/env bash
# Checks the namespaces of the headers: all is defined in strata::authoring, `namespace strata` itself only names from
# there what users write, and docs/design.md lists just these words.
#   check_names.sh ROOT
# Prints one line for each violation and exits with 1 if there is any.
set -euo pipefail
cd "$1"
export LC_ALL=C
violations=0

violation() {
    printf '%s\n' "$*"
    violations=$((violations + 1))
}

headers() { find include/strata -name '*.hpp' | sort; }

# file:line:text of the lines in the blocks of `namespace strata`.
in_strata() {
    headers | xargs awk '
        FNR == 1 { inside = 0 }
        /^}/ { inside = 0 }
        inside && NF { print FILENAME ":" FNR ":" $0 }
        /^namespace strata \{/ { inside = 1 }'
}

# `using authoring::Word;`, `namespace word = authoring::word;`
only_words='^(using authoring::(\w+);|namespace (\w+) = authoring::\w+;)$'

words_of_headers() { in_strata | cut -d : -f 3- | sed -nE "s/$only_words/\2\3/p" | sort -u; }

# The words of the first table of the section "Names".
words_of_page() {
    awk '/^## / { names = /^## Names/ } names && /^\|/ { table = 1; print; next } table { exit }' docs/design.md |
        grep -oE '`\w+`' | tr -d '`' | sort -u
}

while IFS=: read -r file line text; do
    [[ $text =~ $only_words ]] || violation "$file:$line: namespace strata only holds words of users, not: $text"
done < <(in_strata)

while IFS=: read -r file line text; do
    violation "$file:$line: the library is defined in namespace strata::authoring, not: $text"
done < <(headers | xargs grep -nHE '^\s*(inline )?namespace\b' | grep -E '^[^:]+:[0-9]+:(inline )?namespace strata\b' |
    grep -vE ':namespace strata(::authoring(::\w+)*)? \{$' || true)

while read -r word; do violation "docs/design.md, Names: lacks $word"; done \
    < <(comm -23 <(words_of_headers) <(words_of_page))
while read -r word; do violation "docs/design.md, Names: $word is in no header's namespace strata"; done \
    < <(comm -13 <(words_of_headers) <(words_of_page))
((violations == 0)) || { printf '%d violations of the rules of names\n' "$violations"; exit 1; }
