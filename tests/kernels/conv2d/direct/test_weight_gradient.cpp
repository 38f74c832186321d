#include "strata/kernels/conv2d/direct/weight_gradient.hpp"

#include "kernels/conv2d/conv2d_check.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

// More channels and filters than lanes, in sums that are no multiple of them: the tiles of both forms have rests, and
// pixels come in several blocks.

TEST_CASE("conv2d weight gradient: more channels and filters than lanes") {
    check_convolution_in_double<convolution{{5, 6}, 18, 37, {3, 3}, true}>();
    check_convolution<convolution{{3, 9}, 17, 16, {1, 1}}>();
    check_convolution<convolution{{5, 4}, 9, 19, {3, 2}, true}, kernels::linear, true, pack<double>>();
}

TEST_CASE("conv2d weight gradient: few channels, many filters, padding at both ends of a kernel row") {
    check_convolution_in_double<convolution{{6, 5}, 3, 20, {5, 5}, true}>();
    check_convolution<convolution{{7, 9}, 2, 33, {3, 4}, true, {2, 2}}>();
}

TEST_CASE("conv2d weight gradient: groups and dilation with many filters") {
    check_convolution_in_double<convolution{{5, 7}, 6, 34, {3, 3}, true, {1, 1}, {1, 1}, 2}>();
    check_convolution<convolution{{7, 8}, 3, 18, {3, 3}, true, {1, 1}, {2, 2}}>();
}

TEST_CASE("conv2d weight gradient: a kernel row that does not fit into the registers") {
    check_convolution_in_double<convolution{{2, 40}, 1, 3, {2, 37}, true}>();
}

namespace {

template <conv2d_geometry G, class V>
constexpr bool by_filters =
    std::is_same_v<kernels::conv2d_weight_gradient<G, V>, kernels::conv2d_weight_gradient_by_filters<G, V>>;

// Lanes over filters where they are many, over samples where they are few, and where there is one lane only.
static_assert(by_filters<convolution{{16, 16}, 64, 64, {3, 3}, true}.geometry(), pack<float>>);
static_assert(!by_filters<convolution{{28, 28}, 1, 6, {5, 5}, true}.geometry(), pack<float>>);
static_assert(!by_filters<convolution{{16, 16}, 64, 64, {3, 3}, true}.geometry(), double>);

}  // namespace
