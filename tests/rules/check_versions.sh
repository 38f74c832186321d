#!/usr/bin/env bash
# Checks that files which name the version of strata name that of include/strata/config.hpp.
#   check_versions.sh ROOT
# Prints one line for each that does not, with what to do, and exits with 1 if there is any.
set -euo pipefail
cd "$1"
version=$(sed -n 's/^#define STRATA_VERSION "\(.*\)"$/\1/p' include/strata/config.hpp)
convert="PYTHONPATH=tools python3 -m strata_convert"
violations=0

# FILE, the text that it must have, and what to do where it has not.
require() {
    grep -qF -- "$2" "$1" && return
    printf '%s: "%s" expected: %s\n' "$@"
    violations=$((violations + 1))
}

require tools/strata_convert/__init__.py "__version__ = \"$version\"" "write it"
require tools/pyproject.toml "version = \"$version\"" "write it"
require examples/deploy/tiny.hpp "by strata-convert $version:" \
    "run $convert header tests/data/compat/model_1.safetensors -o examples/deploy/tiny.hpp"
require docs/from_keras.md "by strata-convert $version." \
    "run $convert tests/data/exchange/keras_2_mixed.keras -o FOLDER, and copy model.hpp"
((violations == 0)) || { printf '%d files name another version\n' "$violations"; exit 1; }
