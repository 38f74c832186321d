#pragma once

#include "strata/optimizers/learning_rate.hpp"
#include "strata/optimizers/moments.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Adam with Nesterov's momentum (Keras: `Nadam`; Dozat 2016).
///
/// u_t = beta_1 (1 - 0.96^t / 2), p_t = u_1 u_2 ... u_t
/// m += (1 - beta_1) (g - m); v += (1 - beta_2) (g^2 - v);
/// w -= learning_rate (u_{t+1} m / (1 - p_{t+1}) + (1 - u_t) g / (1 - p_t)) / (sqrt(v / (1 - beta_2^t)) + epsilon)
///
/// Before that weight_decay takes learning_rate weight_decay w off.
struct Nadam {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    double weight_decay = 0;

    void check() const { detail::check_moments("Nadam", *this); }

    static constexpr std::size_t slot_count = 2;
    std::size_t counted_scalars() const { return 1; }  // p_t is a variable in Keras

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1), step = static_cast<double>(t);
        const double now = momentum(step), next = momentum(step + 1), product = product_of_momentums(t);
        const double of_mean = lr * next / (1 - product * next), of_gradient = lr * (1 - now) / (1 - product);
        const double of_square = 1 / (1 - std::pow(beta_2, step));
        return [m = V(T(of_mean)), n = V(T(of_gradient)), s = V(T(of_square)), b1 = V(T(1 - beta_1)),
                b2 = V(T(1 - beta_2)), e = V(T(epsilon)), decay = V(T(-lr * weight_decay))](V& w, const V& g, V* slot) {
            slot[0] = multiply_add(g - slot[0], b1, slot[0]);
            slot[1] = multiply_add(g * g - slot[1], b2, slot[1]);
            w = multiply_add(w, decay, w) - math::divide(m * slot[0] + n * g, math::sqrt(s * slot[1]) + e);
        };
    }

private:
    double momentum(double step) const { return beta_1 * (1 - 0.5 * std::pow(0.96, step)); }

    /// The momentums of the steps 1, ..., t multiplied; from step 1000 on they are beta_1 to the last bit.
    double product_of_momentums(std::uint64_t t) const {
        double product = std::pow(beta_1, static_cast<double>(t)), power = 1;
        for (std::uint64_t step = 1; step <= t && step < 1000; ++step) product *= 1 - 0.5 * (power *= 0.96);
        return product;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Nadam;
}  // namespace strata
