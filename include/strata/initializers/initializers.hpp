#pragma once

#include "strata/core/parameter.hpp"
#include "strata/core/random.hpp"

#include <cmath>

/// How parameters start (Keras: keras.initializers). An initializer is a type with a function `draw`; a program can
/// bring its own.
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

/// Uniform in [-l, l) with l = sqrt(6 / (fan in + fan out)); the default of a kernel (Glorot, Bengio 2010).
struct GlorotUniform {
    static double draw(random_stream& random, fans fan) { return random.symmetric(std::sqrt(6 / (fan.in + fan.out))); }
};

/// Normal with variance 2 / fan in, drawn again beyond two standard deviations (He, Zhang, Ren, Sun 2015).
struct HeNormal {
    static double draw(random_stream& random, fans fan) {
        // Cutting a normal distribution at two standard deviations leaves it with this one.
        constexpr double deviation_of_cut_normal = 0.87962566103423978;
        const double scale = std::sqrt(2 / fan.in) / deviation_of_cut_normal;
        double value = random.normal();
        while (std::abs(value) > 2) value = random.normal();
        return scale * value;
    }
};

/// Normal with mean 0 and standard deviation 0.05.
struct RandomNormal {
    static double draw(random_stream& random, fans) { return 0.05 * random.normal(); }
};

/// Uniform in [-0.05, 0.05).
struct RandomUniform {
    static double draw(random_stream& random, fans) { return random.symmetric(0.05); }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::GlorotUniform;
using authoring::HeNormal;
using authoring::Ones;
using authoring::RandomNormal;
using authoring::RandomUniform;
using authoring::Zeros;
}  // namespace strata
