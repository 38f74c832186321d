#include "layers/layer_case.hpp"
#include "strata/layers/conv2d.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

const tested_cases conv2d_keras_cases{
    "conv2d",
    {
        {"00_28x28x1_f6_k5x5_s1x1_same_d1_g1_tanh", in_both<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same, Tanh>>},
        {"01_14x14x6_f16_k5x5_s1x1_valid_d1_g1_tanh", in_double<Input<14, 14, 6>, Conv2D<16, Kernel<5>, Tanh>>},
        {"02_9x7x3_f5_k3x3_s1x1_same_d1_g1_None", in_double<Input<9, 7, 3>, Conv2D<5, Same>>},
        {"03_9x7x3_f5_k3x3_s1x1_valid_d1_g1_relu_nobias",
         in_double<Input<9, 7, 3>, Conv2D<5, NoBias, ReLU, Kernel<3>>>},
        {"04_9x8x2_f17_k4x4_s1x1_same_d1_g1_None", in_both<Input<9, 8, 2>, Conv2D<17, Kernel<4>, Same>>},
        {"05_11x6x1_f1_k2x3_s1x1_same_d1_g1_sigmoid",
         in_double<Input<11, 6, 1>, Conv2D<1, Sigmoid, Same, Kernel<2, 3>>>},
    }};

}  // namespace

TEST_CASE("Conv2D computes what Keras computes: kernels, padding and activations") { conv2d_keras_cases.run(); }
