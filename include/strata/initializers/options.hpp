#pragma once

#include "strata/core/number.hpp"
#include "strata/core/options.hpp"
#include "strata/core/parameter.hpp"

/// Settings of initializers, in any order: `TruncatedNormal::With<Stddev<0.02>>`.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct mean;
struct stddev;
struct minval;
struct maxval;
struct gain;
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

/// What a matrix is multiplied by (Keras: `gain`).
template <number Value> struct Gain {
    using option = option::gain;
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

/// Identity or Orthogonal with settings: what they fill in, multiplied by the Gain.
template <class Initializer, class... Options> struct with_gain {
    static void fill(const initial_values& tensor) {
        using list = typename option_list<Options...>::template with_defaults<Gain<1>>;
        static_assert(list::known, "Identity and Orthogonal: unknown option; they take Gain");
        static_assert(list::unique, "Identity and Orthogonal: an option is given twice");
        Initializer::fill(tensor);
        for (double& value : tensor.values) value *= list::template get<option::gain>::value;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Gain;
using authoring::Maxval;
using authoring::Mean;
using authoring::Minval;
using authoring::Stddev;
}  // namespace strata
