#include "kernels/conv2d/conv2d_check.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

TEST_CASE("conv2d: strides of 2 and 3, with columns left over") {
    check_convolution_in_double<convolution{{7, 13}, 2, 7, {3, 3}, true, {2, 2}}>();
    check_convolution<convolution{{8, 11}, 1, 3, {2, 3}, false, {3, 2}}, kernels::sigmoid>();
    check_convolution<convolution{{7, 9}, 2, 5, {2, 3}, true, {2, 3}}, kernels::linear, true, pack<double>>();
}

TEST_CASE("conv2d: strides that are larger than the kernel leave pixels unread") {
    check_convolution_in_double<convolution{{7, 10}, 3, 2, {2, 1}, false, {3, 3}}>();
    check_convolution<convolution{{5, 7}, 2, 4, {1, 2}, true, {2, 3}}>();
}

TEST_CASE("conv2d: dilation") {
    check_convolution_in_double<convolution{{9, 13}, 2, 5, {3, 3}, true, {1, 1}, {2, 3}}>();
    check_convolution<convolution{{7, 8}, 1, 3, {2, 3}, false, {1, 1}, {4, 2}}>();
    check_convolution<convolution{{3, 4}, 2, 2, {3, 3}, true, {1, 1}, {5, 5}}>();
}

TEST_CASE("conv2d: groups") {
    check_convolution_in_double<convolution{{5, 7}, 6, 9, {3, 2}, true, {1, 1}, {1, 1}, 3}>();
    check_convolution<convolution{{4, 5}, 10, 10, {3, 3}, true, {2, 1}, {1, 1}, 2}>();
    check_convolution<convolution{{3, 4}, 5, 5, {2, 2}, false, {1, 1}, {1, 1}, 5}>();
}
