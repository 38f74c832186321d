#include "strata/layers/depthwise_conv2d.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<9, 8, 4>, DepthwiseConv2D<>>, shape<7, 6, 4>>);
static_assert(
    std::is_same_v<output_of<Input<9, 8, 4>, DepthwiseConv2D<Same, Strides<2>, Kernel<5, 2>>>, shape<5, 4, 4>>);
static_assert(
    std::is_same_v<output_of<Input<9, 9, 4>, DepthwiseConv2D<DepthMultiplier<3>, Dilation<4>>>, shape<1, 1, 12>>);

using tripled = stage_on<Input<8, 8, 4>, DepthwiseConv2D<Kernel<3, 2>, DepthMultiplier<3>>>;
static_assert(tripled::parameters.size() == 2 && total_size(tripled::parameters) == 3 * 2 * 4 * 3 + 12);
static_assert(tripled::parameters[0].name == "kernel" && tripled::parameters[0].rank == 4);
static_assert(tripled::parameters[0].extents == std::array<std::size_t, parameter::max_rank>{3, 2, 4, 3});
static_assert(tripled::parameters[0].fan.in == 24 && tripled::parameters[0].fan.out == 18);
static_assert(stage_on<Input<8, 8, 4>, DepthwiseConv2D<NoBias>>::parameters.size() == 1);
static_assert(has_hidden_stage<DepthwiseConv2D<Softmax>> && !has_hidden_stage<DepthwiseConv2D<Tanh>>);

const tested_cases depthwise_conv2d_cases{
    "convolution_family",
    {
        {"00_DepthwiseConv2D", in_both<Input<7, 6, 4>, DepthwiseConv2D<Same>>},
        {"01_DepthwiseConv2D", in_both<Input<8, 7, 3>, DepthwiseConv2D<Same, Strides<2>, DepthMultiplier<2>, ReLU>>},
        {"02_DepthwiseConv2D", in_both<Input<7, 7, 17>, DepthwiseConv2D<NoBias>>},
    }};

}  // namespace

TEST_CASE("DepthwiseConv2D computes what Keras computes") { depthwise_conv2d_cases.run(); }

TEST_CASE("DepthwiseConv2D: the gradients are those of the result") {
    check_gradients<Input<5, 6, 3>, DepthwiseConv2D<Same, Kernel<4, 3>, Tanh>>();
    check_gradients<Input<5, 7, 2>, DepthwiseConv2D<Strides<2>, DepthMultiplier<2>, NoBias>>();
}
