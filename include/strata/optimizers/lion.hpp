#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Lion (Keras: `Lion`; Chen and others 2023): w -= learning_rate sign(beta_1 m + (1 - beta_1) g), then
/// m = beta_2 m + (1 - beta_2) g. Before that weight_decay takes learning_rate weight_decay w off.
struct Lion {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9;
    double beta_2 = 0.99;
    double weight_decay = 0;

    void check() const {
        learning_rate.check("Lion");
        setting_checks("Lion")
            .at_most_one("beta_1", beta_1)
            .at_most_one("beta_2", beta_2)
            .not_negative("weight_decay", weight_decay);
    }

    static constexpr std::size_t slot_count = 1;

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1);
        return [rate = V(T(lr)), b1 = V(T(beta_1)), a1 = V(T(1 - beta_1)), b2 = V(T(beta_2)), a2 = V(T(1 - beta_2)),
                decay = V(T(-lr * weight_decay))](V& w, const V& g, V* slot) {
            const V zero(T(0)), direction = slot[0] * b1 + g * a1;
            const V step = math::select(direction > zero, rate, math::select(direction < zero, -rate, zero));
            w = multiply_add(w, decay, w) - step;
            slot[0] = slot[0] * b2 + g * a2;
        };
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Lion;
}  // namespace strata
