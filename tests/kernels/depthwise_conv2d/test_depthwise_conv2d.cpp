#include "strata/kernels/depthwise_conv2d/depthwise_conv2d.hpp"

#include "kernels/conv2d/conv2d_check.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <conv2d_geometry G, class Activation, bool Bias, class V>
using depthwise_run = passes_run<kernels::depthwise_conv2d<G, V>, G, Activation, Bias, V>;

/// Compares the kernels with a convolution with as many groups as channels.
template <convolution C, class Activation = kernels::linear, bool Bias = true> void check_depthwise() {
    check_run<depthwise_run, C.geometry(), Activation, Bias>();
}

}  // namespace

TEST_CASE("depthwise_conv2d: several blocks of columns, padding and activations") {
    check_depthwise<convolution{{5, 29}, 4, 4, {3, 3}, true, {1, 1}, {1, 1}, 4}, kernels::tanh>();
    check_depthwise<convolution{{4, 13}, 2, 2, {2, 3}, false, {1, 1}, {1, 1}, 2}, kernels::linear, false>();
}

TEST_CASE("depthwise_conv2d: strides, several filters for a channel") {
    check_depthwise<convolution{{7, 19}, 3, 6, {3, 3}, true, {2, 2}, {1, 1}, 3}>();
    check_depthwise<convolution{{8, 9}, 2, 2, {2, 1}, false, {3, 2}, {1, 1}, 2}>();
}

TEST_CASE("depthwise_conv2d: dilation, kernels larger than the image or than the registers") {
    check_depthwise<convolution{{6, 9}, 2, 2, {3, 3}, true, {1, 1}, {2, 3}, 2}>();
    check_depthwise<convolution{{3, 2}, 2, 2, {6, 5}, true, {1, 1}, {1, 1}, 2}>();
    check_depthwise<convolution{{2, 40}, 1, 1, {1, 37}, true, {1, 1}, {1, 1}, 1}>();
}
