#include "strata/layers/pooling1d.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/conv1d.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<9, 3>, MaxPooling1D<>>, shape<4, 3>>);
static_assert(std::is_same_v<output_of<Input<9, 3>, MaxPooling1D<Same>>, shape<5, 3>>);
static_assert(std::is_same_v<output_of<Input<9, 3>, AveragePooling1D<Pool<3>, Strides<1>>>, shape<7, 3>>);
static_assert(std::is_same_v<output_of<Input<9, 3>, AveragePooling1D<Pool<3>>>, shape<3, 3>>);
static_assert(std::is_same_v<output_of<Input<7, 3>, GlobalAveragePooling1D<>>, shape<3>>);
static_assert(std::is_same_v<output_of<Input<7, 3>, GlobalMaxPooling1D<KeepDims>>, shape<1, 3>>);
static_assert(MaxPooling1D<>::on<shape<4, 1>>::parameters.empty());

const tested_cases pooling1d_cases{
    "convolution_family",
    {
        {"11_MaxPooling1D", in_both<Input<9, 3>, MaxPooling1D<>>},
        {"12_AveragePooling1D", in_both<Input<8, 3>, AveragePooling1D<Pool<3>, Strides<2>, Same>>},
        {"13_GlobalAveragePooling1D", in_both<Input<7, 3>, GlobalAveragePooling1D<>>},
        {"14_GlobalMaxPooling1D", in_both<Input<7, 3>, GlobalMaxPooling1D<>>},
    }};

}  // namespace

TEST_CASE("Pools over steps compute what Keras computes") { pooling1d_cases.run(); }

TEST_CASE("Pools over steps: the gradients are those of the result") {
    check_gradients<Input<7, 2>, AveragePooling1D<Pool<3>, Strides<2>, Same>>();
    check_gradients<Input<7, 2>, MaxPooling1D<Pool<3>, Strides<1>>>();
    check_gradients<Input<5, 3>, GlobalAveragePooling1D<KeepDims>>();
    check_gradients<Input<5, 3>, GlobalMaxPooling1D<>>();
}

// As one stage, as behind a Conv2D.
TEST_CASE("MaxPooling1D behind the activation of a Conv1D: the gradients are those of the result") {
    static_assert(network<shape<8, 2>, Conv1D<3, Same, Tanh>, MaxPooling1D<>>::depth == 1);
    check_gradients<Input<8, 2>, Conv1D<3, Same, Tanh>, MaxPooling1D<>>();
}
