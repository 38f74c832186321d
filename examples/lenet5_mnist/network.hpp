#pragma once

#include <strata/strata.hpp>

namespace lenet5 {

using namespace strata;

/// The network of the Keras tutorial.
// clang-format off
using LeNet5 = Sequential<
    Input<28, 28, 1>,
    Conv2D<6, Kernel<5>, Same, Tanh>,
    AveragePooling2D<>,
    Conv2D<16, Kernel<5>, Tanh>,
    AveragePooling2D<>,
    Flatten,
    Dense<120, Tanh>,
    Dense<84, Tanh>,
    Dense<10, Softmax>>;
// clang-format on
static_assert(LeNet5::parameter_count == 61'706);

}  // namespace lenet5
