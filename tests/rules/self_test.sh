#!/usr/bin/env bash
# check_tree.sh, check_names.sh, check_includes.sh and check_versions.sh accept a good tree, and reject a tree with one
# fault, for each rule.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
check=$here/check_tree.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# Lines for a file; the folders come with it.
put() {
    mkdir -p "$tree/$(dirname "$1")"
    printf '%s\n' "${@:2}" >"$tree/$1"
}

good_tree() {
    rm -rf "${tree:?}"/*
    put include/strata/strata.hpp '#include "strata/layers.hpp"' '#include "strata/training/fit.hpp"'
    put include/strata/layers.hpp '#include "strata/layers/dense.hpp"'
    put include/strata/losses/loss.hpp ''
    put include/strata/core/shape.hpp '#include <cstddef>' '#include "strata/core/errors.hpp"'
    put include/strata/core/errors.hpp '#include "strata/config.hpp"'
    put include/strata/config.hpp ''
    put include/strata/core/tensor.hpp '#include <xtensor/xarray.hpp>'
    put include/strata/kernels/dense/products.hpp '#include "strata/core/shape.hpp"'
    put include/strata/layers/dense.hpp '#include "strata/kernels/dense/products.hpp"'
    put include/strata/training/fit.hpp '#include <strata/model/sequential.hpp>' \
        '#include "strata/losses/loss.hpp"'
    put tests/layers/test_dense.cpp '#include "layers/layer_case.hpp"' 'TEST_CASE("") { CHECK(true); }'
    put tests/layers/layer_case.hpp '#include "support/catch.hpp"'
    put tests/support/catch.hpp ''
}

# A file that breaks a rule, and a part of what must be said about it.
rejects() {
    local said
    good_tree
    put "$1" "${@:3}"
    if said=$("$check" "$tree"); then
        echo "accepted: $1: ${*:3:1}"
    elif [[ $said != *"$1"*"$2"* ]]; then
        echo "$1: expected '$2', said: $said"
    else
        return 0
    fi
    failed=1
}

good_tree
"$check" "$tree" || { echo "the good tree was rejected"; failed=1; }

rejects include/strata/core/shape.hpp "core may not include kernels" '#include "strata/kernels/dense/products.hpp"'
rejects include/strata/simd/pack.hpp "simd may not include core" '#include "strata/core/shape.hpp"'
rejects include/strata/core/errors.hpp "core may not include system" '#include "strata/system/parallel.hpp"'
rejects include/strata/kernels/dense/products.hpp "kernels may not include layers" '#include <strata/layers/dense.hpp>'
rejects include/strata/kernels/dense/one_sample.hpp "kernels may not include layers" '  #  include "strata/layers/dense.hpp"'
rejects include/strata/layers/dense.hpp "layers may not include model" '#include "strata/model/sequential.hpp"'
rejects include/strata/model/sequential.hpp "model may not include layers" '#include "strata/layers/dense.hpp"'
rejects include/strata/io/checkpoint.hpp "io may not include model" '#include "strata/model/sequential.hpp"'
rejects include/strata/training/fit.hpp "training may not include layers" '#include "strata/layers/dense.hpp"'
rejects include/strata/layers/dense.hpp "nothing in the library includes" '#include "strata/strata.hpp"'
rejects include/strata/layers/dense.hpp "nothing in the library includes" '#include "strata/layers.hpp"'
rejects include/strata/layers/conv2d.hpp 'write "strata/' '#include "dense.hpp"'
rejects include/strata/layers/conv2d.hpp 'write "strata/' '#include "../core/shape.hpp"'
rejects include/strata/gpu/conv2d.hpp "not in the rules" '#include "strata/kernels/dense/products.hpp"'
rejects include/strata/io/npy.hpp "only include/strata/core/tensor.hpp" '#include <xtensor/containers/xarray.hpp>'
rejects tests/layers/test_conv2d.cpp "only include/strata/core/tensor.hpp" '#include <xtensor/xarray.hpp>'
rejects include/strata/kernels/conv2d/conv2d.hpp "only include/strata/simd/pack.hpp" '#include <xsimd/xsimd.hpp>'
rejects examples/lenet.cpp "only include/strata/system/parallel.hpp" '#include <omp.h>'
rejects tests/layers/test_conv2d.cpp "only tests/support/" '#include <catch2/catch.hpp>'
for folder in initializers layers losses metrics optimizers; do
    rejects "include/strata/$folder/left_out.hpp" "does not come with strata.hpp" ''
done
rejects tests/core/test_shape.cpp "does not include it" '#include "support/lanes.hpp"' 'TEST_CASE("") {}'
rejects tests/core/test_shape.cpp "does not include it" 'auto values = random_values(3, 1);'
rejects tools/long.sh "401 lines, more than 400" $(seq 401)

check=$here/check_names.sh
page=('## Names' '' 'In `strata`:' '' '| words | |' '|---|---|' '| layers | `Dense`, `compile` |' '| data | `mnist` |' ''
    '| words of authors | `layer` |' '' '## Keras' '' '| `Other` |')
header=('namespace strata::authoring {' 'inline namespace STRATA_ISA {' 'namespace detail {' '}' 'struct Dense {' '};' '}' '}' ''
    'namespace strata {' 'using authoring::Dense;' 'using authoring::compile;' 'namespace mnist = authoring::mnist;' '}')
good_tree() {
    rm -rf "${tree:?}"/*
    put docs/design.md "${page[@]}"
    put include/strata/layers/dense.hpp "${header[@]}"
}

good_tree
"$check" "$tree" || { echo "the good tree was rejected"; failed=1; }

for line in 'struct fans {};' 'inline namespace STRATA_ISA {' 'using fans = authoring::fans;' '    int threads();' \
    'namespace detail {'; do
    rejects include/strata/layers/conv2d.hpp "only holds words of users" 'namespace strata {' "$line" '}'
done
rejects include/strata/layers/conv2d.hpp "is defined in namespace strata::authoring" 'namespace strata::detail {' '}'
rejects docs/design.md "lacks compile" "${page[@]/, \`compile\`/}"
rejects docs/design.md "fit is in no header's" "${page[@]/Dense/fit\`, \`Dense}"

check=$here/check_includes.sh
good_tree() {
    rm -rf "${tree:?}"/*
    put include/strata/layers/dense.hpp '#include <string>' '#include <vector>' '// not std::map' \
        'std::string a; std::vector<int> b; std::swap(a, c);' '#include <utility>'
    put include/strata/layers/flatten.hpp ''
}
good_tree
"$check" "$tree" || { echo "the good tree was rejected"; failed=1; }
rejects include/strata/layers/conv1d.hpp "uses std::vector, and does not include <vector>" '#include <string>' \
    'std::string a; std::vector<int> b;'
rejects include/strata/layers/conv1d.hpp "uses std::size_t, and does not include <cstddef>" '// #include <cstddef>' \
    'std::size_t a;'

check=$here/check_versions.sh
good_tree() {
    rm -rf "${tree:?}"/*
    put include/strata/config.hpp '#define STRATA_VERSION "1.2.0"'
    put tools/strata_convert/__init__.py '__version__ = "1.2.0"'
    put tools/pyproject.toml 'version = "1.2.0"'
    put examples/deploy/tiny.hpp '/// Made by strata-convert 1.2.0: a model.'
    put docs/from_keras.md '// Made by strata-convert 1.2.0.'
}
good_tree
"$check" "$tree" || { echo "the good tree was rejected"; failed=1; }
rejects tools/strata_convert/__init__.py "write it" '__version__ = "1.1.0"'
rejects tools/pyproject.toml "write it" 'version = "1.1.0"'
rejects examples/deploy/tiny.hpp "strata_convert header" '/// Made by strata-convert 1.1.0: a model.'
rejects docs/from_keras.md "copy model.hpp" '// Made by strata-convert 1.1.0.'

exit "$failed"
