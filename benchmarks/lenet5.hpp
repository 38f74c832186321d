#pragma once

#include <strata/strata.hpp>

/// The network that most programs here measure.
// clang-format off
using LeNet5 = strata::Sequential<strata::Input<28, 28, 1>,
    strata::Conv2D<6, strata::Kernel<5>, strata::Same, strata::Tanh>, strata::AveragePooling2D<>,
    strata::Conv2D<16, strata::Kernel<5>, strata::Tanh>, strata::AveragePooling2D<>,
    strata::Flatten, strata::Dense<120, strata::Tanh>, strata::Dense<84, strata::Tanh>,
    strata::Dense<10, strata::Softmax>>;
// clang-format on
