#pragma once

#include "strata/config.hpp"

#include <cstddef>
#include <span>
#include <vector>

/// What training does to parameters besides the step of an optimizer: regularizers and constraints.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// A whole parameter in row-major order, for a rule that has to see all of its values.
template <class Value> struct weight_values {
    std::span<Value> values;
    std::span<const std::size_t> extents;
    std::vector<double>& scratch;  ///< room of any size, the rule's own from step to step
};

/// What a parameter adds to the loss: l1 |w| + l2 w^2 for each value, and what `penalty` makes of the whole tensor.
/// That writes its gradient to `gradient`, one number for each value.
struct regularizer {
    double l1 = 0;
    double l2 = 0;
    double (*penalty)(const weight_values<const double>& weights, std::span<double> gradient) = nullptr;
    std::size_t rank = 0;  ///< of the parameters that it is for; 0: any

    constexpr bool adds_something() const { return l1 != 0 || l2 != 0 || penalty != nullptr; }
};

/// What is done to a parameter after each step: `apply` changes its values.
struct constraint {
    void (*apply)(const weight_values<double>& weights) = nullptr;
    std::size_t least_rank = 0;  ///< of the parameters that it is for
};

/// A type that is a regularizer, by constants `l1` or `l2`, or by a function `penalty` and perhaps a constant `rank`:
/// see regularizers/regularizers.hpp.
template <class Type>
concept regularizer_type = requires { double{Type::l1}; } || requires { double{Type::l2}; } || requires {
    regularizer{0, 0, Type::penalty};
};

/// A type that is a constraint, by a function `apply` and perhaps a constant `least_rank`: see
/// constraints/constraints.hpp.
template <class Type>
concept constraint_type = requires { constraint{Type::apply}; };

/// The regularizer of such a type.
template <regularizer_type Type> constexpr regularizer regularizer_of() {
    regularizer result;
    if constexpr (requires { Type::l1; }) result.l1 = Type::l1;
    if constexpr (requires { Type::l2; }) result.l2 = Type::l2;
    if constexpr (requires { Type::penalty; }) result.penalty = Type::penalty;
    if constexpr (requires { Type::rank; }) result.rank = Type::rank;
    return result;
}

/// The constraint of such a type.
template <constraint_type Type> constexpr constraint constraint_of() {
    constraint result{Type::apply};
    if constexpr (requires { Type::least_rank; }) result.least_rank = Type::least_rank;
    return result;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
