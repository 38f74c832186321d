#pragma once

#include "bitmaps.hpp"

#include <cstddef>
#include <strata/data.hpp>
#include <strata/strata.hpp>

/// LeNet-5 as it was published: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
/// recognition", Proceedings of the IEEE 86, 1998.
namespace lenet5_1998 {

using namespace strata;

/// How weights and biases start: with the root of the number n of inputs of a unit, where the paper divides by n, so
/// that the sums of all units have the same size. In the subsampling one weight multiplies the sum of four inputs that
/// are nearly equal, and n itself does that. With n everywhere training diverges: docs/recipes.md.
using Start = FanInUniform<2.4, 0.5>;
using StartOfSubsampling = FanInUniform<2.4>;

// clang-format off
template <std::size_t Maps, class... Options>
using Convolution = Conv2D<Maps, Kernel<5>, ScaledTanh, KernelInitializer<Start>, BiasInitializer<Start>, Options...>;
using Subsampling = Subsampling2D<Pool<2>, ScaledTanh, KernelInitializer<StartOfSubsampling>,
                                  BiasInitializer<StartOfSubsampling>>;

using LeNet5 = Sequential<
    Input<28, 28, 1>,
    ZeroPadding2D<2>,
    Rescaling<1.275, -0.1>,                                    // 32x32, from -0.1, the background, to 1.175
    Convolution<6>,                                            // C1, 6 maps of 28x28:     156 parameters
    Subsampling,                                               // S2, 14x14:                12
    Convolution<16, Connections<lenet5_connections>>,          // C3, 16 maps of 10x10:  1,516
    Subsampling,                                               // S4, 5x5:                  32
    Convolution<120>,                                          // C5, 120 units:        48,120
    Flatten,
    Dense<84, ScaledTanh, KernelInitializer<Start>, BiasInitializer<Start>>,  // F6:    10,164
    Frozen<RBF<10, CentersInitializer<DigitBitmaps>>>,         // distances, not trained
    Rescaling<-1>>;                                            // the nearest picture has the largest output
// clang-format on
static_assert(LeNet5::parameter_count == 60'000);
static_assert(156 + 12 + 1'516 + 32 + 48'120 + 10'164 == LeNet5::parameter_count);

/// Images in a step. The paper takes one, which comes to about the same and takes almost four times as long.
inline constexpr std::size_t usual_batch_size = 4;

/// The paper's global learning rate for a pass over the training set, counted from 0.
constexpr double rate_of_pass(std::size_t pass) {
    return pass < 2 ? 0.0005 : pass < 5 ? 0.0002 : pass < 8 ? 0.0001 : pass < 12 ? 0.00005 : 0.00001;
}

/// The paper's distortions of digits: planar affine maps that move, scale, squeeze and shear them.
inline auto distortions() {
    constexpr FillMode outside = FillMode::constant;
    return augmentation_list{RandomTranslation{.height_factor = 0.05, .width_factor = 0.05, .fill_mode = outside},
                             RandomZoom{.height_factor = 0.1, .width_factor = 0.1, .fill_mode = outside},
                             RandomShear{.x_factor = 0.1, .fill_mode = outside}};
}

}  // namespace lenet5_1998
