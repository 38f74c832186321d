#include "measure_network.hpp"

using namespace strata;

// clang-format off
using LeNet5 = Sequential<Input<28, 28, 1>,
    Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>,
    Conv2D<16, Kernel<5>, Tanh>, AveragePooling2D<>,
    Flatten, Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>>;
// clang-format on

networks::outcome networks::lenet5(const request& what) {
    return measure_network<LeNet5>(what, samples::mnist(what.data));
}
