#include "layers/layer_case.hpp"
#include "strata/layers/conv2d.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

const tested_cases conv2d_keras_strides_cases{
    "conv2d",
    {
        {"06_10x10x3_f4_k3x3_s2x2_same_d1_g1_None", in_both<Input<10, 10, 3>, Conv2D<4, Strides<2>, Same>>},
        {"07_11x10x3_f4_k3x3_s2x2_same_d1_g1_None", in_double<Input<11, 10, 3>, Conv2D<4, Same, Strides<2>>>},
        {"08_11x13x3_f4_k5x3_s2x3_same_d1_g1_None",
         in_double<Input<11, 13, 3>, Conv2D<4, Kernel<5, 3>, Strides<2, 3>, Same>>},
        {"09_12x11x2_f3_k3x2_s3x2_valid_d1_g1_None",
         in_double<Input<12, 11, 2>, Conv2D<3, Kernel<3, 2>, Strides<3, 2>>>},
        {"10_7x7x2_f4_k1x1_s1x1_valid_d1_g1_None", in_both<Input<7, 7, 2>, Conv2D<4, Kernel<1>, Valid>>},
        {"11_7x7x2_f4_k1x1_s2x2_same_d1_g1_None", in_double<Input<7, 7, 2>, Conv2D<4, Kernel<1>, Strides<2>, Same>>},
    }};

}  // namespace

TEST_CASE("Conv2D computes what Keras computes: strides") { conv2d_keras_strides_cases.run(); }
