#include "kernels/conv2d/conv2d_check.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

TEST_CASE("conv2d: an output of one column, a kernel of one tap") {
    check_convolution<convolution{{5, 4}, 2, 3, {5, 4}}>();
    check_convolution_in_double<convolution{{3, 5}, 2, 7, {1, 1}}, kernels::linear, false>();
    check_convolution<convolution{{1, 1}, 1, 1, {1, 1}}>();
}

TEST_CASE("conv2d: kernels that are larger than the image") {
    check_convolution_in_double<convolution{{3, 2}, 2, 3, {7, 5}, true}>();
    check_convolution<convolution{{1, 1}, 1, 2, {4, 4}, true}>();
}

TEST_CASE("conv2d: kernels and images that are not square") {
    check_convolution_in_double<convolution{{9, 4}, 2, 5, {2, 3}, true}>();
    check_convolution<convolution{{3, 17}, 1, 1, {1, 6}}>();
}
