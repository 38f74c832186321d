#include "measure_network.hpp"

using namespace strata;

// ResNet-20 for images of 32x32 (He, Zhang, Ren, Sun 2015).
template <std::size_t Filters, class... Options>
using Conv = Conv2D<Filters, Same, NoBias, KernelInitializer<HeNormal>, Options...>;
using BN = BatchNormalization<>;
template <std::size_t Filters> using Block = Chain<Residual<Conv<Filters>, BN, ReLU, Conv<Filters>, BN>, ReLU>;
template <std::size_t Filters>
using Halving = Chain<Residual<Conv<Filters, Strides<2>>, BN, ReLU, Conv<Filters>, BN,
                               Shortcut<Conv<Filters, Kernel<1>, Strides<2>>, BN>>,
                      ReLU>;

// clang-format off
using ResNet20 = Sequential<Input<32, 32, 3>,
    Conv<16>, BN, ReLU,
    Block<16>, Block<16>, Block<16>,
    Halving<32>, Block<32>, Block<32>,
    Halving<64>, Block<64>, Block<64>,
    GlobalAveragePooling2D<>, Dense<10, Softmax>>;
// clang-format on

networks::outcome networks::resnet20(const request& what) {
    return measure_network<ResNet20>(what, samples::cifar_like());
}
