#include "layers/layer_case.hpp"
#include "strata/layers/conv2d.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

const tested_cases conv2d_keras_groups_cases{
    "conv2d",
    {
        {"12_5x5x4_f33_k5x5_s1x1_valid_d1_g1_tanh", in_double<Input<5, 5, 4>, Conv2D<33, Kernel<5>, Tanh>>},
        {"13_12x12x2_f3_k3x3_s1x1_same_d2_g1_None", in_both<Input<12, 12, 2>, Conv2D<3, Dilation<2>, Same>>},
        {"14_12x13x2_f3_k3x3_s1x1_valid_d3_g1_None", in_double<Input<12, 13, 2>, Conv2D<3, Dilation<3>>>},
        {"15_8x8x4_f8_k3x3_s1x1_same_d1_g2_None", in_both<Input<8, 8, 4>, Conv2D<8, Groups<2>, Same>>},
        {"16_3x3x2_f3_k5x5_s1x1_same_d1_g1_None", in_double<Input<3, 3, 2>, Conv2D<3, Kernel<5>, Same>>},
    }};

}  // namespace

TEST_CASE("Conv2D computes what Keras computes: dilation, groups, kernels larger than the image") {
    conv2d_keras_groups_cases.run();
}
