#include "strata/kernels/conv2d/winograd/squares.hpp"

#include "kernels/conv2d/conv2d_check.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <conv2d_geometry G, class Activation, bool Bias, class V>
using winograd_run = passes_run<kernels::conv2d_winograd<G, V>, G, Activation, Bias, V>;

template <convolution C, class Activation = kernels::linear, bool Bias = true, class V = pack<float>>
constexpr auto check_winograd = check_run<winograd_run, C.geometry(), Activation, Bias, V>;

using kernels::winograd_fits;
static_assert(winograd_fits(convolution{{8, 8}, 4, 6, {3, 3}}.geometry()));
static_assert(!winograd_fits(convolution{{8, 8}, 4, 6, {3, 2}}.geometry()));
static_assert(!winograd_fits(convolution{{8, 8}, 4, 6, {3, 3}, true, {2, 1}}.geometry()));
static_assert(!winograd_fits(convolution{{8, 8}, 4, 6, {3, 3}, true, {1, 1}, {1, 2}}.geometry()));
static_assert(!winograd_fits(convolution{{8, 8}, 4, 6, {3, 3}, true, {1, 1}, {1, 1}, 2}.geometry()));

}  // namespace

TEST_CASE("conv2d_winograd: even and odd images, with and without padding") {
    check_winograd<convolution{{8, 8}, 4, 6, {3, 3}, true}>();
    check_winograd<convolution{{8, 6}, 4, 6, {3, 3}}>();
    check_winograd<convolution{{7, 5}, 3, 5, {3, 3}, true}, kernels::tanh>();
    check_winograd<convolution{{5, 8}, 2, 7, {3, 3}}, kernels::relu, false>();
    check_winograd<convolution{{5, 7}, 3, 9, {3, 3}, true}, kernels::relu, true, pack<double>>();
}

TEST_CASE("conv2d_winograd: fewer squares than are done at once, and one more") {
    check_winograd<convolution{{1, 1}, 2, 3, {3, 3}, true}>();
    check_winograd<convolution{{3, 3}, 1, 1, {3, 3}}>();
    check_winograd<convolution{{4, 6}, 3, 2, {3, 3}}>();
    check_winograd<convolution{{2, 10}, 3, 2, {3, 3}, true}>();
}

TEST_CASE("conv2d_winograd: more channels and filters than lanes") {
    check_winograd<convolution{{6, 6}, 19, 34, {3, 3}, true}>();
    check_winograd<convolution{{5, 5}, 40, 17, {3, 3}}, kernels::relu>();
}
