#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// FTRL-Proximal (Keras: `Ftrl`; McMahan and others 2013), with p = -learning_rate_power and l1, l2 the regularization
/// strengths:
///
/// n' = n + g^2; z += g + 2 l2_shrinkage w - (n'^p - n^p) / learning_rate w; n = n';
/// w = (clip(z, -l1, l1) - z) / ((n^p + beta) / learning_rate + 2 l2)
///
/// n starts as initial_accumulator_value. Before that weight_decay takes learning_rate weight_decay w off. The learning
/// rate, or what a schedule makes of it, has to be above 0, since it divides.
struct Ftrl {
    LearningRate learning_rate = 1e-3;
    double learning_rate_power = -0.5;
    double initial_accumulator_value = 0.1;
    double l1_regularization_strength = 0;
    double l2_regularization_strength = 0;
    double l2_shrinkage_regularization_strength = 0;
    double beta = 0;
    double weight_decay = 0;

    void check() const {
        const setting_checks checks("Ftrl");
        if (learning_rate.is_schedule())
            learning_rate.check("Ftrl");
        else
            checks.positive("learning_rate", learning_rate);
        checks.not_positive("learning_rate_power", learning_rate_power)
            .not_negative("initial_accumulator_value", initial_accumulator_value)
            .not_negative("l1_regularization_strength", l1_regularization_strength)
            .not_negative("l2_regularization_strength", l2_regularization_strength)
            .not_negative("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength)
            .not_negative("beta", beta)
            .not_negative("weight_decay", weight_decay);
    }

    static constexpr std::size_t slot_count = 2;

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1), l2 = l2_regularization_strength + beta / (2 * lr);
        return [inverse = V(T(1 / lr)), start = V(T(t == 1 ? initial_accumulator_value : 0)),
                root = learning_rate_power == -0.5, power = V(T(-learning_rate_power)),
                l1 = V(T(l1_regularization_strength)), twice_l2 = V(T(2 * l2)),
                shrinkage = V(T(2 * l2_shrinkage_regularization_strength)),
                decay = V(T(-lr * weight_decay))](V& w, const V& g, V* slot) {
            const V smallest(std::numeric_limits<T>::min());
            const auto raised = [&](const V& x) {
                return root ? math::sqrt(x) : math::exp(power * math::log(math::max(smallest, x)));
            };
            w = multiply_add(w, decay, w);
            const V before = raised(slot[0] + start) * inverse;
            slot[0] = multiply_add(g, g, slot[0] + start);
            const V after = raised(slot[0]) * inverse;
            slot[1] = slot[1] + (g + shrinkage * w - (after - before) * w);
            const V rest = math::max(-l1, math::min(l1, slot[1])) - slot[1];
            w = math::divide(rest, math::max(smallest, after + twice_l2));  // where n is still 0, w is, too
        };
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Ftrl;
}  // namespace strata
