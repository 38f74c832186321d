#include "layers/layer_case.hpp"
#include "strata/layers/pooling2d.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

const tested_cases averages{
    "pooling2d",
    {
        {"00_AveragePooling2D_28x28x6_p2x2_sNone_valid", in_double<Input<28, 28, 6>, AveragePooling2D<>>},
        {"01_AveragePooling2D_10x10x16_p2x2_sNone_valid", in_double<Input<10, 10, 16>, AveragePooling2D<>>},
        {"02_AveragePooling2D_7x9x3_p2x2_sNone_valid", in_double<Input<7, 9, 3>, AveragePooling2D<>>},
        {"03_AveragePooling2D_7x9x3_p2x2_sNone_same", in_both<Input<7, 9, 3>, AveragePooling2D<Same>>},
        {"04_AveragePooling2D_7x9x2_p3x3_s2x2_same",
         in_double<Input<7, 9, 2>, AveragePooling2D<Pool<3>, Strides<2>, Same>>},
        {"05_AveragePooling2D_8x8x2_p3x3_s2x2_same",
         in_double<Input<8, 8, 2>, AveragePooling2D<Pool<3>, Strides<2>, Same>>},
        {"06_AveragePooling2D_8x7x17_p3x2_s1x1_same",
         in_double<Input<8, 7, 17>, AveragePooling2D<Pool<3, 2>, Strides<1>, Same>>},
        {"07_AveragePooling2D_8x7x2_p3x2_s2x3_valid",
         in_double<Input<8, 7, 2>, AveragePooling2D<Pool<3, 2>, Strides<2, 3>>>},
        {"08_AveragePooling2D_5x5x1_p5x5_sNone_valid", in_double<Input<5, 5, 1>, AveragePooling2D<Pool<5>>>},
        {"09_AveragePooling2D_6x5x2_p4x4_s3x3_same",
         in_both<Input<6, 5, 2>, AveragePooling2D<Pool<4>, Strides<3>, Same>>},
        {"10_AveragePooling2D_9x9x2_p2x2_s3x3_valid", in_double<Input<9, 9, 2>, AveragePooling2D<Strides<3>>>},
    }};

const tested_cases maxima{
    "pooling2d",
    {
        {"00_MaxPooling2D_28x28x6_p2x2_sNone_valid", in_both<Input<28, 28, 6>, MaxPooling2D<>>},
        {"01_MaxPooling2D_10x10x16_p2x2_sNone_valid", in_double<Input<10, 10, 16>, MaxPooling2D<>>},
        {"02_MaxPooling2D_7x9x3_p2x2_sNone_valid", in_double<Input<7, 9, 3>, MaxPooling2D<>>},
        {"03_MaxPooling2D_7x9x3_p2x2_sNone_same", in_double<Input<7, 9, 3>, MaxPooling2D<Same>>},
        {"04_MaxPooling2D_7x9x2_p3x3_s2x2_same", in_double<Input<7, 9, 2>, MaxPooling2D<Pool<3>, Strides<2>, Same>>},
        {"05_MaxPooling2D_8x8x2_p3x3_s2x2_same", in_both<Input<8, 8, 2>, MaxPooling2D<Pool<3>, Strides<2>, Same>>},
        {"06_MaxPooling2D_8x7x17_p3x2_s1x1_same",
         in_double<Input<8, 7, 17>, MaxPooling2D<Pool<3, 2>, Strides<1>, Same>>},
        {"07_MaxPooling2D_8x7x2_p3x2_s2x3_valid", in_double<Input<8, 7, 2>, MaxPooling2D<Pool<3, 2>, Strides<2, 3>>>},
        {"08_MaxPooling2D_5x5x1_p5x5_sNone_valid", in_double<Input<5, 5, 1>, MaxPooling2D<Pool<5>>>},
        {"09_MaxPooling2D_6x5x2_p4x4_s3x3_same", in_double<Input<6, 5, 2>, MaxPooling2D<Pool<4>, Strides<3>, Same>>},
        {"10_MaxPooling2D_9x9x2_p2x2_s3x3_valid", in_double<Input<9, 9, 2>, MaxPooling2D<Strides<3>>>},
    }};

const tested_cases global{
    "pooling2d",
    {
        {"GlobalAveragePooling2D_keepdims0", in_both<Input<5, 7, 3>, GlobalAveragePooling2D<>>},
        {"GlobalAveragePooling2D_keepdims1", in_double<Input<5, 7, 3>, GlobalAveragePooling2D<KeepDims>>},
        {"GlobalMaxPooling2D_keepdims0", in_double<Input<5, 7, 3>, GlobalMaxPooling2D<>>},
        {"GlobalMaxPooling2D_keepdims1", in_both<Input<5, 7, 3>, GlobalMaxPooling2D<KeepDims>>},
    }};

}  // namespace

TEST_CASE("AveragePooling2D computes what Keras computes") { averages.run(); }

TEST_CASE("MaxPooling2D computes what Keras computes") { maxima.run(); }

TEST_CASE("GlobalAveragePooling2D and GlobalMaxPooling2D compute what Keras computes") { global.run(); }
