#include "strata/kernels/conv2d/bfloat16/passes.hpp"

#include "kernels/conv2d/conv2d_check.hpp"
#include "strata/kernels/conv2d/conv2d.hpp"
#include "support/bfloat16.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using mixed = pack<mixed_bfloat16>;

/// All passes by `Passes`, a conv2d or conv2d_bfloat16, lane by lane against a textbook's loops over the operands,
/// which are rounded where `rounded` says so. Operands come from `values`; errors are at most `limit`.
template <conv2d_geometry G, class Passes, class Values>
void check_passes(const Values& values, bool forward_rounds, bool input_rounds, bool weight_rounds, double limit) {
    constexpr std::size_t inputs = G.input.rows * G.input.columns * G.channels,
                          outputs = G.output.rows * G.output.columns * G.filters, weights = G.weight_count();
    const auto cells = [&](std::size_t size, std::uint64_t seed) {
        const aligned_vector<float> all = values(size * lanes<mixed>, seed);
        aligned_vector<mixed> to(size);
        std::copy(all.begin(), all.end(), as_lanes(to.data()));
        return to;
    };
    const auto doubles = [](const auto& from) { return aligned_vector<double>(from.begin(), from.end()); };
    const aligned_vector<mixed> x = cells(inputs, 1), dz = cells(outputs, 2);
    const aligned_vector<float> bias = values(G.filters, 4), before = values(weights, 5);
    aligned_vector<float> w = values(weights, 3);
    w.resize(weights + G.filters, NAN);  // behind the weights, which nothing may take for a partner
    aligned_vector<mixed> y = unwritten_cells<mixed>(outputs), dx = unwritten_cells<mixed>(inputs);
    auto scratch = unwritten_cells<mixed>(Passes::scratch);
    aligned_vector<float> dw = before;
    Passes::template forward<kernels::linear, true>(x.data(), w.data(), bias.data(), y.data(), scratch.data());
    Passes::input_gradient(dz.data(), w.data(), dx.data(), scratch.data());
    Passes::weight_gradient(x.data(), dz.data(), dw.data(), scratch.data());

    aligned_vector<double> expected_dw = doubles(before);
    double error_y = 0, error_dx = 0;
    for (std::size_t n = 0; n < lanes<mixed>; ++n) {
        const auto x_y = operands(lane(x, n), forward_rounds), w_y = operands(doubles(w), forward_rounds);
        const auto dz_x = operands(lane(dz, n), input_rounds), w_x = operands(doubles(w), input_rounds);
        const auto x_w = operands(lane(x, n), weight_rounds), dz_w = operands(lane(dz, n), weight_rounds);
        aligned_vector<double> expected_y(outputs), expected_dx(inputs);
        for (std::size_t i = 0; i < outputs; ++i) expected_y[i] = bias[i % G.filters];
        for_each_product(G, [&](std::size_t input, std::size_t weight, std::size_t output) {
            expected_y[output] += x_y[input] * w_y[weight];
            expected_dx[input] += dz_x[output] * w_x[weight];
            expected_dw[weight] += dz_w[output] * x_w[input];
        });
        error_y = std::max(error_y, relative_error(lane(y, n), expected_y));
        error_dx = std::max(error_dx, relative_error(lane(dx, n), expected_dx));
    }
    CHECK(error_y <= limit);
    CHECK(error_dx <= limit);
    CHECK(relative_error(dw, expected_dw) <= limit);
}

/// In the forms that conv2d takes.
template <convolution C> void check_chosen() {
    constexpr conv2d_geometry G = C.geometry();
    INFO(words(G));
    using chosen = kernels::conv2d<G, mixed>;
    constexpr auto rounds = [](kernels::conv2d_form form) { return form == kernels::conv2d_form::bfloat16; };
    check_passes<G, chosen>(random_values<float>, rounds(chosen::forward_form), rounds(chosen::input_gradient_form),
                            rounds(chosen::weight_gradient_form), rounding<mixed>);
}

/// Those and all in bfloat16, both with numbers that bfloat16 holds, where nothing may be lost, and with others.
/// Without bfloat16 they would be those of pack<float>, which have tests of their own.
template <convolution C> void check_rounded() {
    if constexpr (rounds_products<mixed>) {
        check_chosen<C>();
        constexpr conv2d_geometry G = C.geometry();
        INFO(words(G));
        using passes = kernels::conv2d_bfloat16<G, mixed>;
        check_passes<G, passes>(eighths<float>, false, false, false, 0);
        check_passes<G, passes>(random_values<float>, true, true, true, rounding<mixed>);
    }
}

// Which shapes round their operands: LeNet-5's, for example.
template <convolution C> using chosen = kernels::conv2d<C.geometry(), mixed>;
template <convolution C> using in_float = kernels::conv2d<C.geometry(), pack<float>>;
using enum kernels::conv2d_form;
constexpr kernels::conv2d_form rounded_or(kernels::conv2d_form form) {
    return rounds_products<mixed> ? bfloat16 : form;
}
constexpr convolution first_of_lenet5{{28, 28}, 1, 6, {5, 5}, true}, second_of_lenet5{{14, 14}, 6, 16, {5, 5}};
static_assert(chosen<first_of_lenet5>::forward_form == rounded_or(in_float<first_of_lenet5>::forward_form));
static_assert(chosen<first_of_lenet5>::weight_gradient_form == rounded_or(direct));
static_assert(chosen<second_of_lenet5>::forward_form == rounded_or(in_float<second_of_lenet5>::forward_form));
static_assert(chosen<second_of_lenet5>::weight_gradient_form ==
              rounded_or(in_float<second_of_lenet5>::weight_gradient_form));
static_assert(chosen<second_of_lenet5>::input_gradient_form ==
              rounded_or(in_float<second_of_lenet5>::input_gradient_form));
// It is faster than Winograd's forms.
static_assert(chosen<convolution{{32, 32}, 64, 64, {3, 3}, true}>::forward_form == rounded_or(winograd));
// One filter has nothing to be paired with, nor has one tap of one channel; with few filters rounding takes longer.
static_assert(chosen<convolution{{28, 28}, 8, 1, {5, 5}}>::input_gradient_form == direct);
static_assert(chosen<convolution{{28, 28}, 1, 8, {1, 1}}>::forward_form == direct);
static_assert(chosen<convolution{{16, 16}, 32, 4, {1, 1}}>::forward_form == direct);
// Other value types are never rounded.
static_assert(in_float<second_of_lenet5>::forward_form != bfloat16);
static_assert(kernels::conv2d<second_of_lenet5.geometry(), float>::forward_form == direct);

}  // namespace

TEST_CASE("conv2d in bfloat16: LeNet-5's layers, in small") {
    check_rounded<convolution{{12, 9}, 1, 6, {5, 5}, true}>();
    check_rounded<convolution{{8, 9}, 6, 16, {5, 5}}>();
    check_chosen<convolution{{8, 9}, 6, 16, {5, 5}}>();
}

TEST_CASE("conv2d in bfloat16: odd numbers of channels, filters, taps and rows") {
    check_rounded<convolution{{5, 13}, 3, 7, {3, 3}}>();
    check_rounded<convolution{{7, 6}, 1, 5, {4, 2}, true}>();
    check_rounded<convolution{{4, 3}, 5, 11, {2, 2}, true}>();
    check_rounded<convolution{{5, 4}, 3, 3, {5, 4}}>();
}

TEST_CASE("conv2d in bfloat16: one of everything") {
    check_rounded<convolution{{1, 1}, 1, 1, {1, 1}}>();
    check_rounded<convolution{{6, 5}, 1, 1, {1, 3}}>();
}

TEST_CASE("conv2d in bfloat16: more filters than lanes") {
    check_rounded<convolution{{5, 6}, 18, 37, {3, 3}, true}>();
    check_rounded<convolution{{6, 5}, 3, 32, {5, 5}, true}>();
    check_rounded<convolution{{3, 9}, 17, 32, {1, 1}}>();
}

TEST_CASE("conv2d in bfloat16: strides") {
    check_rounded<convolution{{7, 13}, 2, 6, {3, 3}, true, {2, 2}}>();
    check_rounded<convolution{{8, 11}, 1, 3, {5, 3}, true, {3, 2}}>();
    check_rounded<convolution{{9, 7}, 3, 4, {1, 2}, true, {3, 3}}>();
}

TEST_CASE("conv2d in bfloat16: dilation, kernels larger than the image") {
    check_rounded<convolution{{9, 8}, 1, 5, {3, 3}, true, {1, 1}, {2, 3}}>();
    check_rounded<convolution{{9, 8}, 2, 5, {3, 3}, true, {1, 1}, {4, 1}}>();
    check_rounded<convolution{{3, 2}, 1, 3, {7, 5}, true}>();
}

TEST_CASE("conv2d in bfloat16: groups") {
    check_rounded<convolution{{5, 7}, 6, 9, {3, 2}, true, {1, 1}, {1, 1}, 3}>();
    check_rounded<convolution{{6, 5}, 6, 10, {3, 3}, true, {2, 1}, {1, 1}, 2}>();
    check_rounded<convolution{{6, 4}, 4, 4, {3, 3}, true, {1, 1}, {1, 1}, 4}>();
}
