#pragma once

#include "strata/core/number.hpp"
#include "strata/core/options.hpp"

#include <limits>

/// Settings of activations, in any order: `ReLU::With<MaxValue<6>, NegativeSlope<0.1>>`.
namespace strata {
inline namespace STRATA_ISA {

namespace option {
struct max_value {};
struct negative_slope {};
struct threshold {};
struct alpha {};
struct approximation {};
}  // namespace option

/// The largest result (Keras: `max_value`).
template <number Value> struct MaxValue {
    static_assert(Value >= 0, "MaxValue: must not be negative");
    using option = option::max_value;
    static constexpr number value = Value;
};

/// The derivative below the threshold (Keras: `negative_slope`).
template <number Value> struct NegativeSlope {
    static_assert(Value >= 0, "NegativeSlope: must not be negative");
    using option = option::negative_slope;
    static constexpr number value = Value;
};

/// Up to where, or how near to zero, the input counts for little or nothing (Keras: `threshold`).
template <number Value> struct Threshold {
    static_assert(Value >= 0, "Threshold: must not be negative");
    using option = option::threshold;
    static constexpr number value = Value;
};

/// How large the result can become below zero (Keras: `alpha`).
template <number Value> struct Alpha {
    static_assert(Value > 0, "Alpha: must be positive");
    using option = option::alpha;
    static constexpr number value = Value;
};

/// By a hyperbolic tangent (Keras: `approximate=True`).
struct Approximate {
    using option = option::approximation;
};

/// By the error function (Keras: `approximate=False`, the default).
struct Exact {
    using option = option::approximation;
};

// An activation has a member `option`, so that these cannot be named in it.
using relu_options = option_kinds<option::max_value, option::negative_slope, option::threshold>;
using slope_options = option_kinds<option::negative_slope>;
using threshold_options = option_kinds<option::threshold>;
using alpha_options = option_kinds<option::alpha>;
using approximation_options = option_kinds<option::approximation>;

template <class... Options>
using max_value_of = option_or<option::max_value, MaxValue<std::numeric_limits<double>::infinity()>, Options...>;
template <class Default, class... Options>
using negative_slope_of = option_or<option::negative_slope, Default, Options...>;
template <class Default, class... Options> using threshold_of = option_or<option::threshold, Default, Options...>;
template <class... Options> using alpha_of = option_or<option::alpha, Alpha<1>, Options...>;
template <class... Options> using approximation_of = option_or<option::approximation, Exact, Options...>;

}  // namespace STRATA_ISA
}  // namespace strata
