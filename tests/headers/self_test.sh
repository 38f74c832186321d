#!/usr/bin/env bash
# check_alone.sh accepts headers that include what they use of the library and rejects those that do not.
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
    if said=$("$here/check_alone.sh" "$root" 0 1 "$root/outside.hpp" "$compiler" -std=c++20 2>&1); then
        said=accepts
    fi
    [[ $said == *"$1"* ]] || { printf '%s: expected "%s", said: %s\n' "${*:2}" "$1" "$said"; failed=1; }
}

put common '#include <vector>' 'using common_ints = std::vector<int>;'
put outside '#include <vector>'
"$here/precompile.sh" "$root/outside.hpp" strata/outside.hpp -- "$compiler" -std=c++20 "-I$root"

expect 'accepts' '#include "strata/common.hpp"' 'inline common_ints a;'
expect 'common_ints' 'inline common_ints a;'
expect 'common_ints' '#ifdef NEVER' '#include "strata/common.hpp"' '#endif' 'inline common_ints a;'
expect 'map' '#include "strata/common.hpp"' 'inline std::map<int, int> a;'

# Nor is it accepted behind what another header includes before it.
put ints 'using other_ints = int;'
put top '#include "strata/ints.hpp"' '#include "strata/header.hpp"'
expect 'accepts' '#include "strata/ints.hpp"' 'inline other_ints a;'
expect 'other_ints' 'inline other_ints a;'

# It is used, and not passed over where it does not match.
rm "$root/outside.hpp.gch"
expect 'outside.hpp' '#include "strata/common.hpp"' 'inline common_ints a;'

exit "$failed"
