#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// RMSprop (Keras: `RMSprop`; Hinton 2012): v = rho v + (1 - rho) g^2; w -= learning_rate g / sqrt(v + epsilon).
/// `centered` subtracts the square of the mean gradient from v, `momentum` accumulates the steps, weight_decay takes
/// learning_rate weight_decay w off before.
struct RMSprop {
    LearningRate learning_rate = 1e-3;
    double rho = 0.9;
    double momentum = 0;
    double epsilon = 1e-7;
    bool centered = false;
    double weight_decay = 0;

    void check() const {
        learning_rate.check("RMSprop");
        setting_checks("RMSprop")
            .below_one("rho", rho)
            .at_most_one("momentum", momentum)
            .not_negative("epsilon", epsilon)
            .not_negative("weight_decay", weight_decay);
    }

    static constexpr std::size_t slot_count = 3, least_slots = 1;
    /// Squares, steps, mean gradients: each has its place, whichever settings change between two steps.
    std::size_t kept_slots() const { return centered ? 3 : momentum > 0 ? 2 : 1; }
    std::size_t counted_slots() const { return 1u + (momentum > 0 ? 1u : 0u) + (centered ? 1u : 0u); }

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1);
        return [rate = V(T(lr)), keep = V(T(rho)), take = V(T(1 - rho)), e = V(T(epsilon)), mu = V(T(momentum)),
                center = centered, accumulate = momentum > 0,
                decay = V(T(-lr * weight_decay))](V& w, const V& g, V* slot) {
            slot[0] = multiply_add(slot[0], keep, take * g * g);
            V variance = slot[0];
            if (center) {
                slot[2] = multiply_add(slot[2], keep, take * g);
                variance = variance - slot[2] * slot[2];
            }
            V change = math::divide(rate * g, math::sqrt(variance + e));
            if (accumulate) change = slot[1] = multiply_add(slot[1], mu, change);
            w = multiply_add(w, decay, w) - change;
        };
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::RMSprop;
}  // namespace strata
