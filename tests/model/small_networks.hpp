#pragma once

#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/network.hpp"

namespace strata::authoring::test {

/// A network behind small images.
template <class... Layers> using net = network<shape<4, 4, 2>, Layers...>;

/// A hidden stage (GELU is not differentiable from its result), reshapes in every place, a Softmax in the middle.
using Mixed = net<Flatten, Dense<9, GELU>, Reshape<3, 3>, Softmax, Dense<2, Tanh>, Flatten>;

}  // namespace strata::authoring::test
