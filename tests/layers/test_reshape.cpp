#include "strata/layers/reshape.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/dense.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<3, 4, 5>, Flatten>, shape<60>>);
static_assert(std::is_same_v<output_of<Input<7>, Flatten>, shape<7>>);
static_assert(std::is_same_v<output_of<Input<3, 4, 5>, Reshape<6, 10>>, shape<6, 10>>);
static_assert(std::is_same_v<output_of<Input<3, 4, 5>, Permute<3, 1, 2>>, shape<5, 3, 4>>);
static_assert(std::is_same_v<output_of<Input<3, 4>, Permute<1, 2>>, shape<3, 4>>);
static_assert(moves_nothing<Flatten::on<shape<3, 4>>> && moves_nothing<Reshape<12>::on<shape<3, 4>>>);
static_assert(!moves_nothing<Permute<2, 1>::on<shape<3, 4>>>);

const tested_cases reshape_cases{"dense",
                                 {
                                     {"flatten", in_both<Input<3, 4, 5>, Flatten>},
                                     {"reshape", in_double<Input<3, 4, 5>, Reshape<6, 10>>},
                                     {"permute", in_both<Input<3, 4, 5>, Permute<2, 3, 1>>},
                                 }};

}  // namespace

TEST_CASE("Flatten, Reshape and Permute compute what Keras computes") { reshape_cases.run(); }

TEST_CASE("Flatten, Reshape and Permute pass their gradients on") {
    check_gradients<Input<2, 3, 4>, Flatten>();
    check_gradients<Input<2, 3, 4>, Permute<3, 1, 2>>();
    check_gradients<Input<2, 3, 2, 2>, Permute<4, 2, 1, 3>>();
}

TEST_CASE("layers that move nothing may stand anywhere") {
    check_gradients<Input<12>, Reshape<3, 4>, Dense<5, Tanh>, Flatten, Dense<4>, Reshape<2, 2>>();
    check_gradients<Input<2, 3>, Flatten, Reshape<3, 2>, Permute<2, 1>, Dense<2>, Flatten>();
}
