#include "kernels/conv2d_check.hpp"

using namespace strata;
using namespace strata::test;

// 7 filters and 13 columns are no multiple of any tile; a row of 13 has blocks at both edges, in the middle, and a
// rest.

TEST_CASE("conv2d: odd numbers of filters, columns and channels") {
    check_convolution<convolution{{5, 13}, 3, 7, {3, 3}}, kernels::relu>();
    check_convolution<convolution{{7, 13}, 1, 7, {5, 5}, true}, kernels::tanh>();
    check_convolution<convolution{{4, 3}, 5, 11, {2, 2}, true}, kernels::linear, false>();
}
