#pragma once

#include "strata/core/number.hpp"
#include "strata/core/parameter.hpp"
#include "strata/core/random.hpp"
#include "strata/initializers/options.hpp"

#include <cmath>

/// How parameters start (Keras: keras.initializers). An initializer is a type with a function `draw` or `fill`; a
/// program can bring its own.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// All zero; the default of a bias.
struct Zeros {
    static double draw(random_stream&, fans) { return 0; }
};

/// All one.
struct Ones {
    static double draw(random_stream&, fans) { return 1; }
};

/// All of one value: `Constant<0.1>` (Keras: `Constant`, of value 0 by default).
template <number Value = 0> struct Constant {
    static double draw(random_stream&, fans) { return Value; }
};

/// Uniform in [-0.05, 0.05).
struct RandomUniform {
    /// With settings: Minval and Maxval.
    template <class... Options> struct With {
        static double draw(random_stream& random, fans) {
            using settings = uniform_settings<Options...>;
            return (settings::minval + settings::maxval) / 2 +
                   random.symmetric((settings::maxval - settings::minval) / 2);
        }
    };

    static double draw(random_stream& random, fans fan) { return With<>::draw(random, fan); }
};

/// Normal with mean 0 and standard deviation 0.05.
struct RandomNormal {
    /// With settings: Mean and Stddev.
    template <class... Options> struct With {
        static double draw(random_stream& random, fans) {
            using settings = normal_settings<Options...>;
            return settings::mean + settings::stddev * random.normal();
        }
    };

    static double draw(random_stream& random, fans fan) { return With<>::draw(random, fan); }
};

namespace detail {

/// Standard normal, drawn again beyond two standard deviations.
inline double truncated_normal(random_stream& random) {
    double value = random.normal();
    while (std::abs(value) > 2) value = random.normal();
    return value;
}

/// The standard deviation that this leaves.
inline constexpr double deviation_of_truncated_normal = 0.87962566103423978;

}  // namespace detail

/// Normal with mean 0 and standard deviation 0.05, drawn again beyond two standard deviations; 0.88 times the deviation
/// is left.
struct TruncatedNormal {
    /// With settings: Mean and Stddev.
    template <class... Options> struct With {
        static double draw(random_stream& random, fans) {
            using settings = normal_settings<Options...>;
            return settings::mean + settings::stddev * detail::truncated_normal(random);
        }
    };

    static double draw(random_stream& random, fans fan) { return With<>::draw(random, fan); }
};

/// What VarianceScaling divides by: the inputs of a unit, its outputs, or the mean of both (Keras: `mode`). Those of a
/// convolution count once for each tap of the kernel.
enum class FanMode { fan_in, fan_out, fan_avg };

/// What VarianceScaling draws from (Keras: `distribution`).
enum class Distribution { truncated_normal, untruncated_normal, uniform };

/// Of mean 0 and variance `Scale` / n, where n is what `Mode` says (Keras: `VarianceScaling`). The truncated normal
/// distribution is cut at two standard deviations, and widened before so that the variance is as said.
template <number Scale = 1, FanMode Mode = FanMode::fan_in, Distribution Shape = Distribution::truncated_normal>
struct VarianceScaling {
    static_assert(Scale > 0, "VarianceScaling: the scale must be positive");

    static double draw(random_stream& random, fans fan) {
        const double n = std::fmax(1.0, Mode == FanMode::fan_in    ? fan.in
                                        : Mode == FanMode::fan_out ? fan.out
                                                                   : (fan.in + fan.out) / 2);
        if constexpr (Shape == Distribution::uniform)
            return random.symmetric(std::sqrt(3 * Scale / n));
        else if constexpr (Shape == Distribution::untruncated_normal)
            return std::sqrt(Scale / n) * random.normal();
        else
            return std::sqrt(Scale / n) / detail::deviation_of_truncated_normal * detail::truncated_normal(random);
    }
};

/// Uniform in [-l, l) with l = sqrt(6 / (fan in + fan out)); the default of a kernel (Glorot, Bengio 2010).
struct GlorotUniform : VarianceScaling<1, FanMode::fan_avg, Distribution::uniform> {};

/// Truncated normal with variance 2 / (fan in + fan out) (Glorot, Bengio 2010).
struct GlorotNormal : VarianceScaling<1, FanMode::fan_avg, Distribution::truncated_normal> {};

/// Uniform in [-l, l) with l = sqrt(6 / fan in) (He, Zhang, Ren, Sun 2015).
struct HeUniform : VarianceScaling<2, FanMode::fan_in, Distribution::uniform> {};

/// Truncated normal with variance 2 / fan in (He, Zhang, Ren, Sun 2015).
struct HeNormal : VarianceScaling<2, FanMode::fan_in, Distribution::truncated_normal> {};

/// Uniform in [-l, l) with l = sqrt(3 / fan in) (LeCun, Bottou, Orr, Mueller 1998).
struct LecunUniform : VarianceScaling<1, FanMode::fan_in, Distribution::uniform> {};

/// Truncated normal with variance 1 / fan in (LeCun, Bottou, Orr, Mueller 1998; Klambauer et al. 2017, for SELU).
struct LecunNormal : VarianceScaling<1, FanMode::fan_in, Distribution::truncated_normal> {};

/// Uniform between -Limit / n^Power and Limit / n^Power, where n is the number of inputs of the unit, for kernels and
/// biases alike. With the power 1/2 the sums of units with many and with few inputs start with the same size. LeCun,
/// Bottou, Bengio, Haffner 1998 have 2.4 and the power 1.
template <number Limit, number Power = 1> struct FanInUniform {
    static_assert(Limit > 0, "FanInUniform: the limit must be positive");
    static_assert(Power >= 0, "FanInUniform: the power must not be negative");

    static double draw(random_stream& random, fans fan) {
        return random.symmetric(Limit / std::pow(std::fmax(1.0, fan.unit), Power));
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Constant;
using authoring::Distribution;
using authoring::FanInUniform;
using authoring::FanMode;
using authoring::GlorotNormal;
using authoring::GlorotUniform;
using authoring::HeNormal;
using authoring::HeUniform;
using authoring::LecunNormal;
using authoring::LecunUniform;
using authoring::Ones;
using authoring::RandomNormal;
using authoring::RandomUniform;
using authoring::TruncatedNormal;
using authoring::VarianceScaling;
using authoring::Zeros;
}  // namespace strata
