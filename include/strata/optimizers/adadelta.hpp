#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Adadelta (Keras: `Adadelta`; Zeiler 2012), whose steps have the size of those before.
///
/// s = rho s + (1 - rho) g^2; d = -g sqrt(r + epsilon) / sqrt(s + epsilon); r = rho r + (1 - rho) d^2;
/// w += learning_rate d
///
/// Before that weight_decay takes learning_rate weight_decay w off. The paper's learning rate is 1.
struct Adadelta {
    LearningRate learning_rate = 1e-3;
    double rho = 0.95;
    double epsilon = 1e-7;
    double weight_decay = 0;

    void check() const {
        learning_rate.check("Adadelta");
        setting_checks("Adadelta")
            .below_one("rho", rho)
            .not_negative("epsilon", epsilon)
            .not_negative("weight_decay", weight_decay);
    }

    static constexpr std::size_t slot_count = 2;

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1);
        return [rate = V(T(lr)), keep = V(T(rho)), take = V(T(1 - rho)), e = V(T(epsilon)),
                decay = V(T(-lr * weight_decay))](V& w, const V& g, V* slot) {
            slot[0] = multiply_add(slot[0], keep, take * g * g);
            const V change = math::divide(math::sqrt(slot[1] + e) * g, math::sqrt(slot[0] + e));
            slot[1] = multiply_add(slot[1], keep, take * change * change);
            w = multiply_add(w, decay, w) - rate * change;
        };
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Adadelta;
}  // namespace strata
