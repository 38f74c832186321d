#pragma once

#include "strata/config.hpp"

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Keras' backend.epsilon(): the least that is divided by, that a logarithm is taken of, or that a probability is away
/// from 0 and 1.
inline constexpr double backend_epsilon = 1e-7;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
