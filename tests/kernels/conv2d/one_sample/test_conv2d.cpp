#include "strata/kernels/conv2d/one_sample/conv2d.hpp"

#include "kernels/conv2d/conv2d_check.hpp"
#include "kernels/one_sample/one_sample_check.hpp"

#include <cstddef>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <conv2d_geometry G, class Activation, bool Bias> struct conv2d_forms {
    template <class V> using form = kernels::one_sample::conv2d<G, Activation, Bias, V>;
};

template <convolution C, class Activation = kernels::linear, bool Bias = true> void check_conv2d() {
    static constexpr conv2d_geometry G = C.geometry();
    using in = shape<G.input.rows, G.input.columns, G.channels>;
    using out = shape<G.output.rows, G.output.columns, G.filters>;
    INFO(words(G));
    const auto x = random_values(in::size, 1);
    const conv2d_parameters<double> parameters(G);
    const auto expected =
        textbook(G, Activation::template apply<double>, Bias, {x}, {random_values(out::size, 2)}, parameters);
    aligned_vector<double> w_and_bias = parameters.w;
    if (Bias) w_and_bias.insert(w_and_bias.end(), parameters.bias.begin(), parameters.bias.end());
    check_form<conv2d_forms<G, Activation, Bias>::template form, in, out>(x, w_and_bias, expected.y[0]);
}

constexpr bool over_columns(const convolution& c, std::size_t lane_count) {
    return kernels::one_sample::lanes_over_columns(c.geometry(), lane_count);
}

}  // namespace

TEST_CASE("one_sample conv2d: the lanes run over filters, unless columns fill them better") {
    static_assert(over_columns({{28, 28}, 1, 6, {5, 5}, true}, 16));
    static_assert(!over_columns({{14, 14}, 6, 16, {5, 5}}, 16));
    static_assert(over_columns({{14, 14}, 6, 20, {5, 5}, true}, 16));   // 20 of 32 lanes, 14 of 16
    static_assert(!over_columns({{13, 13}, 6, 13, {5, 5}, true}, 16));  // a draw
    static_assert(!over_columns({{28, 28}, 1, 6, {5, 5}, true, {1, 2}}, 16));
    static_assert(over_columns({{28, 28}, 1, 6, {5, 5}, true, {2, 1}}, 16));
    static_assert(over_columns({{9, 9}, 32, 32, {3, 3}, true, {1, 1}, {1, 1}, 32}, 4));
    SUCCEED();
}

TEST_CASE("one_sample conv2d: odd numbers of filters, columns and channels") {
    check_conv2d<convolution{{5, 13}, 3, 7, {3, 3}}, kernels::relu>();
    check_conv2d<convolution{{7, 23}, 1, 7, {5, 5}, true}, kernels::tanh>();
    check_conv2d<convolution{{4, 3}, 5, 11, {2, 2}, true}, kernels::linear, false>();
    check_conv2d<convolution{{5, 21}, 2, 33, {3, 3}, true}>();
}

TEST_CASE("one_sample conv2d: an output of one column, one tap, one pixel") {
    check_conv2d<convolution{{5, 4}, 2, 3, {5, 4}}>();
    check_conv2d<convolution{{3, 5}, 2, 7, {1, 1}}, kernels::linear, false>();
    check_conv2d<convolution{{3, 2}, 7, 32, {1, 1}}>();
    check_conv2d<convolution{{1, 1}, 1, 1, {1, 1}}>();
}

TEST_CASE("one_sample conv2d: kernels that are larger than the image, or than the registers") {
    check_conv2d<convolution{{3, 2}, 2, 3, {7, 5}, true}>();
    check_conv2d<convolution{{1, 1}, 1, 2, {4, 4}, true}>();
    check_conv2d<convolution{{2, 43}, 1, 16, {1, 37}}>();
}

TEST_CASE("one_sample conv2d: strides, some larger than the kernel") {
    check_conv2d<convolution{{7, 13}, 2, 7, {3, 3}, true, {2, 2}}>();
    check_conv2d<convolution{{8, 11}, 1, 3, {2, 3}, false, {3, 2}}, kernels::sigmoid>();
    check_conv2d<convolution{{9, 17}, 3, 2, {2, 1}, false, {3, 1}}>();
    check_conv2d<convolution{{5, 7}, 2, 4, {1, 2}, true, {2, 3}}>();
}

TEST_CASE("one_sample conv2d: dilation") {
    check_conv2d<convolution{{9, 13}, 2, 5, {3, 3}, true, {1, 1}, {2, 3}}>();
    check_conv2d<convolution{{7, 8}, 1, 16, {2, 3}, false, {1, 1}, {4, 2}}>();
    check_conv2d<convolution{{3, 4}, 2, 2, {3, 3}, true, {1, 1}, {5, 5}}>();
}

TEST_CASE("one_sample conv2d: groups") {
    check_conv2d<convolution{{5, 7}, 6, 9, {3, 2}, true, {1, 1}, {1, 1}, 3}>();
    check_conv2d<convolution{{4, 5}, 10, 10, {3, 3}, true, {2, 2}, {1, 1}, 2}>();
    check_conv2d<convolution{{3, 20}, 5, 5, {2, 2}, false, {1, 1}, {1, 1}, 5}>();
    check_conv2d<convolution{{3, 4}, 4, 34, {2, 2}, false, {1, 1}, {1, 1}, 2}>();
}
