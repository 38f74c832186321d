#include "strata/layers/separable_conv2d.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/composites.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<9, 8, 4>, SeparableConv2D<5>>, shape<7, 6, 5>>);
static_assert(std::is_same_v<output_of<Input<9, 8, 4>, SeparableConv2D<5, Same, Strides<2>, DepthMultiplier<3>>>,
                             shape<5, 4, 5>>);

using doubled = stage_on<Input<8, 8, 4>, SeparableConv2D<5, Kernel<3, 2>, DepthMultiplier<2>>>;
static_assert(doubled::parameters.size() == 3 && total_size(doubled::parameters) == 3 * 2 * 4 * 2 + 8 * 5 + 5);
static_assert(doubled::parameters[0].extents == std::array<std::size_t, parameter::max_rank>{3, 2, 4, 2});
static_assert(doubled::parameters[0].fan.in == 24 && doubled::parameters[0].fan.out == 12);
static_assert(doubled::parameters[1].extents == std::array<std::size_t, parameter::max_rank>{1, 1, 8, 5});
static_assert(doubled::parameters[1].fan.in == 8 && doubled::parameters[1].fan.out == 5);
static_assert(stage_on<Input<8, 8, 4>, SeparableConv2D<5, NoBias>>::parameters.size() == 2);

const tested_cases separable_conv2d_cases{
    "convolution_family",
    {
        {"03_SeparableConv2D", in_both<Input<7, 5, 4>, SeparableConv2D<5, Same>>},
        {"04_SeparableConv2D", in_both<Input<9, 9, 2>, SeparableConv2D<3, DepthMultiplier<2>, Strides<2>>>},
    }};

}  // namespace

TEST_CASE("SeparableConv2D computes what Keras computes") { separable_conv2d_cases.run(); }

TEST_CASE("SeparableConv2D: the gradients are those of the result") {
    check_gradients<Input<4, 5, 3>, SeparableConv2D<4, Same, Tanh>>();
    check_gradients<Input<4, 5, 3>, Frozen<SeparableConv2D<4, Same, Tanh>>>();
    check_gradients<Input<5, 5, 2>, SeparableConv2D<3, DepthMultiplier<2>, Strides<2>, NoBias>>();
}
