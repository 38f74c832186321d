#pragma once

#include "strata/io/checkpoint.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"

namespace strata::authoring::test {

/// The network of the tutorial, whose vectors real Keras computed.
using LeNet5 =
    Sequential<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same, Tanh>, AveragePooling2D<>, Conv2D<16, Kernel<5>, Tanh>,
               AveragePooling2D<>, Flatten, Dense<120, Tanh>, Dense<84, Tanh>, Dense<10, Softmax>>;

}  // namespace strata::authoring::test
