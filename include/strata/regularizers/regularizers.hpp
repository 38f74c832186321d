#pragma once

#include "strata/core/number.hpp"
#include "strata/core/weight_rules.hpp"

/// What parameters add to the loss (Keras: keras.regularizers): `Dense<10, KernelRegularizer<L2<1e-4>>>`. A regularizer
/// is a type with constants `l1` or `l2`, or with a function `penalty` (core/weight_rules.hpp); a program can bring its
/// own.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Factor times the sum of |w| (Keras: `L1`).
template <number Factor = 0.01> struct L1 {
    static_assert(Factor >= 0, "L1: the factor must not be negative");
    static constexpr double l1 = Factor;
};

/// Factor times the sum of w^2 (Keras: `L2`).
template <number Factor = 0.01> struct L2 {
    static_assert(Factor >= 0, "L2: the factor must not be negative");
    static constexpr double l2 = Factor;
};

/// First times the sum of |w| and Second times the sum of w^2 (Keras: `L1L2`).
template <number First = 0, number Second = 0> struct L1L2 {
    static_assert(First >= 0 && Second >= 0, "L1L2: the factors must not be negative");
    static constexpr double l1 = First;
    static constexpr double l2 = Second;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::L1;
using authoring::L1L2;
using authoring::L2;
}  // namespace strata
