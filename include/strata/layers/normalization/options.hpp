#pragma once

#include "strata/core/number.hpp"
#include "strata/core/parameter.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/layers/options.hpp"

#include <array>
#include <cstddef>
#include <string_view>

/// Options that several normalizations take.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct epsilon;
struct momentum;
struct center;
struct scale;
struct beta_initializer;
struct gamma_initializer;
}  // namespace option

/// What is added to a variance, so that nothing is divided by zero (Keras: `epsilon`).
template <number Value> struct Epsilon {
    static_assert(Value >= 0, "Epsilon: must not be negative");
    using option = option::epsilon;
    static constexpr double value = Value;
};

/// How much of a moving average stays in a step (Keras: `momentum`).
template <number Value> struct Momentum {
    static_assert(Value >= 0 && Value <= 1, "Momentum: must lie in [0, 1]");
    using option = option::momentum;
    static constexpr double value = Value;
};

/// A trained `beta` is added to the result (Keras: `center=True`, the default).
struct Center {
    using option = option::center;
};

/// Nothing is added to the result (Keras: `center=False`).
struct NoCenter {
    using option = option::center;
};

/// The result is multiplied by a trained `gamma` (Keras: `scale=True`, the default).
struct Scale {
    using option = option::scale;
};

/// The result is not multiplied (Keras: `scale=False`).
struct NoScale {
    using option = option::scale;
};

/// How `beta` starts, Zeros by default (Keras: `beta_initializer`).
template <class Initializer> struct BetaInitializer : initializer_option<option::beta_initializer, Initializer> {};

/// What `beta` adds to the loss, nothing by default (Keras: `beta_regularizer`).
template <class Regularizer> struct BetaRegularizer : regularizer_option<option::beta_initializer, Regularizer> {};

/// What `beta` keeps to after each step, nothing by default (Keras: `beta_constraint`).
template <class Constraint> struct BetaConstraint : constraint_option<option::beta_initializer, Constraint> {};

/// How `gamma` starts, Ones by default (Keras: `gamma_initializer`).
template <class Initializer> struct GammaInitializer : initializer_option<option::gamma_initializer, Initializer> {};

/// What `gamma` adds to the loss, nothing by default (Keras: `gamma_regularizer`).
template <class Regularizer> struct GammaRegularizer : regularizer_option<option::gamma_initializer, Regularizer> {};

/// What `gamma` keeps to after each step, nothing by default (Keras: `gamma_constraint`).
template <class Constraint> struct GammaConstraint : constraint_option<option::gamma_initializer, Constraint> {};

/// The parameters of a normalization: `gamma` and `beta`, or what its options leave of them.
template <class Options, std::size_t Size> constexpr auto gamma_and_beta() {
    constexpr bool scale = Options::template has<Scale>, center = Options::template has<Center>;
    const auto named = [](std::string_view name, parameter_rules rules) {
        return parameter{name, {Size}, rules, {double(Size), double(Size)}};
    };
    const auto gamma = [&] { return named("gamma", rules_of<Options, option::gamma_initializer>); };
    const auto beta = [&] { return named("beta", rules_of<Options, option::beta_initializer>); };
    if constexpr (scale && center)
        return std::array{gamma(), beta()};
    else if constexpr (scale)
        return std::array{gamma()};
    else if constexpr (center)
        return std::array{beta()};
    else
        return no_parameters;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::BetaConstraint;
using authoring::BetaInitializer;
using authoring::BetaRegularizer;
using authoring::Center;
using authoring::Epsilon;
using authoring::GammaConstraint;
using authoring::GammaInitializer;
using authoring::GammaRegularizer;
using authoring::Momentum;
using authoring::NoCenter;
using authoring::NoScale;
using authoring::Scale;
}  // namespace strata
