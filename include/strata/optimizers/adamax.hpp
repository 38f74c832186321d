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

/// Adam with the largest gradient in place of the root of the mean square (Keras: `Adamax`; Kingma, Ba 2014).
///
/// m += (1 - beta_1) (g - m); u = max(beta_2 u, |g|); w -= learning_rate / (1 - beta_1^t) m / (u + epsilon)
///
/// Before that weight_decay takes learning_rate weight_decay w off.
struct Adamax {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    double weight_decay = 0;

    void check() const { detail::check_moments("Adamax", *this); }

    static constexpr std::size_t slot_count = 2;

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1);
        const double alpha = lr / (1 - std::pow(beta_1, static_cast<double>(t)));
        return [a = V(T(alpha)), b1 = V(T(1 - beta_1)), b2 = V(T(beta_2)), e = V(T(epsilon)),
                decay = V(T(-lr * weight_decay))](V& w, const V& g, V* slot) {
            slot[0] = multiply_add(g - slot[0], b1, slot[0]);
            slot[1] = math::max(b2 * slot[1], math::abs(g));
            w = multiply_add(w, decay, w) - math::divide(a * slot[0], slot[1] + e);
        };
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Adamax;
}  // namespace strata
