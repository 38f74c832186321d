#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Adagrad (Keras: `Adagrad`; Duchi, Hazan, Singer 2011): s += g^2; w -= learning_rate g / sqrt(s + epsilon), where s
/// starts as initial_accumulator_value. Before that weight_decay takes learning_rate weight_decay w off.
struct Adagrad {
    LearningRate learning_rate = 1e-3;
    double initial_accumulator_value = 0.1;
    double epsilon = 1e-7;
    double weight_decay = 0;

    void check() const {
        learning_rate.check("Adagrad");
        setting_checks("Adagrad")
            .not_negative("initial_accumulator_value", initial_accumulator_value)
            .not_negative("epsilon", epsilon)
            .not_negative("weight_decay", weight_decay);
    }

    static constexpr std::size_t slot_count = 1;

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1);
        return [rate = V(T(lr)), start = V(T(t == 1 ? initial_accumulator_value : 0)), e = V(T(epsilon)),
                decay = V(T(-lr * weight_decay))](V& w, const V& g, V* slot) {
            slot[0] = multiply_add(g, g, slot[0] + start);
            w = multiply_add(w, decay, w) - math::divide(rate * g, math::sqrt(slot[0] + e));
        };
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Adagrad;
}  // namespace strata
