#include "measure_network.hpp"

using namespace strata;

// Depthwise-separable convolutions, as in MobileNet (Howard and others 2017), for images of 32x32.
using BN = BatchNormalization<>;
template <std::size_t Filters, std::size_t Step>
using Block =
    Chain<DepthwiseConv2D<Strides<Step>, Same, NoBias>, BN, ReLU, Conv2D<Filters, Kernel<1>, NoBias>, BN, ReLU>;

// clang-format off
using Separable = Sequential<Input<32, 32, 3>,
    Conv2D<32, Same, NoBias>, BN, ReLU,
    Block<64, 1>, Block<128, 2>, Block<128, 1>, Block<256, 2>, Block<256, 1>,
    GlobalAveragePooling2D<>, Dense<10, Softmax>>;
// clang-format on

networks::outcome networks::separable(const request& what) {
    return measure_network<Separable>(what, samples::cifar_like());
}
