#include "measure_network.hpp"

using namespace strata;

// clang-format off
using VGG = Sequential<Input<32, 32, 3>,
    Conv2D<32, Kernel<3>, Same, ReLU>, Conv2D<32, Kernel<3>, Same, ReLU>, MaxPooling2D<>,
    Conv2D<64, Kernel<3>, Same, ReLU>, Conv2D<64, Kernel<3>, Same, ReLU>, MaxPooling2D<>,
    Conv2D<128, Kernel<3>, Same, ReLU>, Conv2D<128, Kernel<3>, Same, ReLU>, MaxPooling2D<>,
    Flatten, Dense<256, ReLU>, Dense<10, Softmax>>;
// clang-format on

networks::outcome networks::vgg(const request& what) { return measure_network<VGG>(what, samples::cifar_like()); }
