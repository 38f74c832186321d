#pragma once

#include "strata/optimizers/learning_rate.hpp"
#include "strata/optimizers/moments.hpp"
#include "strata/optimizers/tensor_step.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Adam with a step for each tensor in proportion to the tensor's norm, for large batches (Keras: `Lamb`; You and
/// others 2019).
///
/// m += (1 - beta_1) (g - m); v += (1 - beta_2) (g^2 - v);
/// u = m / (1 - beta_1^t) / (sqrt(v / (1 - beta_2^t)) + epsilon); w -= learning_rate |w| / |u| u
///
/// Where one of the norms is 0 their ratio counts as 1. Before that weight_decay takes learning_rate weight_decay w
/// off.
struct Lamb {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    double weight_decay = 0;

    void check() const { detail::check_moments("Lamb", *this); }

    static constexpr std::size_t slot_count = 2;

    template <class V> void update(const tensor_step<V>& step) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(step.t - 1), t = static_cast<double>(step.t);
        const auto all_lanes = [](double value) { return V(static_cast<T>(value)); };
        const V m_share = all_lanes(1 - beta_1), v_share = all_lanes(1 - beta_2), decay = all_lanes(-lr * weight_decay),
                of_m = all_lanes(1 / (1 - std::pow(beta_1, t))), of_v = all_lanes(1 / (1 - std::pow(beta_2, t))),
                e = all_lanes(epsilon), zero = all_lanes(0);
        const auto direction = [=](const V* slot) {
            const V root = math::sqrt(slot[1] * of_v) + e;
            return math::select(root > zero, math::divide(slot[0] * of_m, root), zero);
        };
        step.sum_up([&](std::size_t begin, std::size_t end) {
            V of_parameters = zero, of_directions = zero;
            const auto moments = [&](V& w, const V& g, V* slot) {
                w = multiply_add(w, decay, w);
                slot[0] = multiply_add(g - slot[0], m_share, slot[0]);
                slot[1] = multiply_add(g * g - slot[1], v_share, slot[1]);
                const V u = direction(slot);
                of_parameters = multiply_add(w, w, of_parameters);
                of_directions = multiply_add(u, u, of_directions);
            };
            step.apply(*this, moments, begin, end);
            return std::array{static_cast<double>(sum_lanes(of_parameters)),
                              static_cast<double>(sum_lanes(of_directions))};
        });
        step.for_each_part([&](std::size_t tensor, std::size_t begin, std::size_t end) {
            const auto [of_parameters, of_directions] = step.sums_of(tensor);
            const double ratio = of_parameters > 0 && of_directions > 0 ? std::sqrt(of_parameters / of_directions) : 1;
            const V rate = all_lanes(lr * ratio);
            step.apply(
                *this, [&](V& w, const V&, V* slot) { w = w - rate * direction(slot); }, begin, end);
        });
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Lamb;
}  // namespace strata
