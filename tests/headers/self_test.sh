#!/usr/bin/env bash
# check_alone.sh accepts headers that include what they use and rejects those that do not, with the precompiled header
# and without it.
#   self_test.sh COMPILER
set -euo pipefail
compiler=$1
here=$(dirname "$(realpath "$0")")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
failed=0

put() {
    mkdir -p "$root/strata"
    printf '%s\n' '#pragma once' "${@:2}" >"$root/strata/$1.hpp"
}

# Whether header.hpp is accepted with these lines; $1 is "accepts", or a part of what must be said.
expect() {
    local said
    put header "${@:2}"
    if said=$("$here/check_alone.sh" "$root" strata/header.hpp strata/common.hpp "$root/common.hpp" \
        "$compiler" -std=c++20 2>&1); then said=accepts; fi
    [[ $said == *"$1"* ]] || { printf '%s: expected "%s", said: %s\n' "${*:2}" "$1" "$said"; failed=1; }
}

put common '#include <vector>' 'using common_ints = std::vector<int>;'
put between '#include <strata/common.hpp>' '#include "strata/header.hpp"'
put other '#include <cstddef>'
"$here/precompile.sh" "$root/common.hpp" strata/common.hpp -- "$compiler" -std=c++20 "-I$root"

for includes in '#include "strata/common.hpp"' '  #  include "strata/between.hpp"'; do
    expect 'accepts' "$includes" 'inline common_ints a;'
    expect 'unknown_ints' "$includes" 'inline unknown_ints a;'
    expect 'map' "$includes" 'inline std::map<int, int> a;'
done

# What is precompiled is hidden from headers that do not include it, or not always.
expect 'accepts' '#include "strata/other.hpp"' 'inline std::size_t a;'
expect 'common_ints' '#include "strata/other.hpp"' 'inline common_ints a;'
expect 'vector' '#include "strata/other.hpp"' 'inline std::vector<int> a;'
expect 'common_ints' '#ifdef NEVER' '#include "strata/common.hpp"' '#endif' 'inline common_ints a;'

# It is used, and not passed over where it does not match.
rm "$root/common.hpp.gch"
expect 'common.hpp' '#include "strata/common.hpp"' 'inline common_ints a;'
expect 'common.hpp' '#include "strata/between.hpp"' 'inline common_ints a;'

exit "$failed"
