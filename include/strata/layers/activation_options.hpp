#pragma once

#include "strata/core/number.hpp"
#include "strata/core/options.hpp"

#include <limits>

/// Settings of activations, in any order: `ReLU::With<MaxValue<6>, NegativeSlope<0.1>>`.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct max_value {};
struct negative_slope {};
struct threshold {};
struct alpha {};
struct beta {};
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

/// How large the result can become, of ELU and CELU below zero (Keras: `alpha`).
template <number Value> struct Alpha {
    static_assert(Value > 0, "Alpha: must be positive");
    using option = option::alpha;
    static constexpr number value = Value;
};

/// What the input is multiplied by (ONNX: `beta`).
template <number Value> struct Beta {
    static_assert(Value > 0, "Beta: must be positive");
    using option = option::beta;
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

// The lists of the activations that have settings. They stand here since an activation has a member `option` itself.

template <class... Options> struct relu_settings {
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    using list =
        typename option_list<Options...>::template with_defaults<MaxValue<infinity>, NegativeSlope<0>, Threshold<0>>;
    static_assert(list::known, "ReLU: unknown option; it takes MaxValue, NegativeSlope and Threshold");
    static_assert(list::unique, "ReLU: an option is given twice");
    static constexpr number max_value = list::template get<option::max_value>::value;
    static constexpr number slope = list::template get<option::negative_slope>::value;
    static constexpr number threshold = list::template get<option::threshold>::value;
};

template <class... Options> struct slope_settings {
    using list = typename option_list<Options...>::template with_defaults<NegativeSlope<0.3>>;
    static_assert(list::known, "LeakyReLU: unknown option; it takes NegativeSlope");
    static_assert(list::unique, "LeakyReLU: an option is given twice");
    static constexpr number slope = list::template get<option::negative_slope>::value;
};

template <class... Options> struct threshold_settings {
    using list = typename option_list<Options...>::template with_defaults<Threshold<0.5>>;
    static_assert(list::known, "HardShrink and SoftShrink: unknown option; they take Threshold");
    static_assert(list::unique, "HardShrink and SoftShrink: an option is given twice");
    static constexpr number threshold = list::template get<option::threshold>::value;
};

template <class... Options> struct alpha_settings {
    using list = typename option_list<Options...>::template with_defaults<Alpha<1>>;
    static_assert(list::known, "ELU and CELU: unknown option; they take Alpha");
    static_assert(list::unique, "ELU and CELU: an option is given twice");
    static constexpr number alpha = list::template get<option::alpha>::value;
};

template <class... Options> struct scaled_tanh_settings {
    using list = typename option_list<Options...>::template with_defaults<Alpha<1.7159>, Beta<2.0 / 3>>;
    static_assert(list::known, "ScaledTanh: unknown option; it takes Alpha and Beta");
    static_assert(list::unique, "ScaledTanh: an option is given twice");
    static constexpr number alpha = list::template get<option::alpha>::value;
    static constexpr number beta = list::template get<option::beta>::value;
};

template <class... Options> struct gelu_settings {
    using list = typename option_list<Options...>::template with_defaults<Exact>;
    static_assert(list::known, "GELU: unknown option; it takes Approximate and Exact");
    static_assert(list::unique, "GELU: an option is given twice");
    static constexpr bool approximate = list::template has<Approximate>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Alpha;
using authoring::Approximate;
using authoring::Beta;
using authoring::Exact;
using authoring::MaxValue;
using authoring::NegativeSlope;
using authoring::Threshold;
}  // namespace strata
