#pragma once

#include "support/xtensor.hpp"

/// Seven samples for a network of two inputs and one output.
namespace strata::authoring::test {

inline const xt::xtensor<double, 2> inputs{{1, 2}, {-1, 0.5}, {0, 1}, {2, -1}, {0.5, 0.5}, {1, -2}, {-1, -1}};
inline const xt::xtensor<double, 2> targets{{1}, {0}, {2}, {-1}, {0.5}, {3}, {1}};
inline const xt::xtensor<double, 1> weights{1, 2, 0.5, 0, 1, 3, 1};

}  // namespace strata::authoring::test
