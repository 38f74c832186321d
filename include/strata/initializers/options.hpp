#pragma once

#include "strata/core/number.hpp"
#include "strata/core/options.hpp"

/// Settings of initializers, in any order: `TruncatedNormal::With<Stddev<0.02>>`.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct mean;
struct stddev;
struct minval;
struct maxval;
}  // namespace option

/// The mean of a normal distribution (Keras: `mean`).
template <number Value> struct Mean {
    using option = option::mean;
    static constexpr double value = Value;
};

/// The standard deviation of a normal distribution, before any truncation (Keras: `stddev`).
template <number Value> struct Stddev {
    static_assert(Value >= 0, "Stddev: must not be negative");
    using option = option::stddev;
    static constexpr double value = Value;
};

/// The lower bound of a uniform distribution, inclusive (Keras: `minval`).
template <number Value> struct Minval {
    using option = option::minval;
    static constexpr double value = Value;
};

/// The upper bound of a uniform distribution, exclusive (Keras: `maxval`).
template <number Value> struct Maxval {
    using option = option::maxval;
    static constexpr double value = Value;
};

/// The settings of RandomNormal and TruncatedNormal, with Keras' defaults.
template <class... Options> struct normal_settings {
    using list = typename option_list<Options...>::template with_defaults<Mean<0>, Stddev<0.05>>;
    static_assert(list::known, "RandomNormal and TruncatedNormal: unknown option; they take Mean and Stddev");
    static_assert(list::unique, "RandomNormal and TruncatedNormal: an option is given twice");
    static constexpr double mean = list::template get<option::mean>::value;
    static constexpr double stddev = list::template get<option::stddev>::value;
};

/// The settings of RandomUniform, with Keras' defaults.
template <class... Options> struct uniform_settings {
    using list = typename option_list<Options...>::template with_defaults<Minval<-0.05>, Maxval<0.05>>;
    static_assert(list::known, "RandomUniform: unknown option; it takes Minval and Maxval");
    static_assert(list::unique, "RandomUniform: an option is given twice");
    static constexpr double minval = list::template get<option::minval>::value;
    static constexpr double maxval = list::template get<option::maxval>::value;
    static_assert(minval <= maxval, "RandomUniform: Minval must not be above Maxval");
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Maxval;
using authoring::Mean;
using authoring::Minval;
using authoring::Stddev;
}  // namespace strata
