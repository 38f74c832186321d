#pragma once

#include "strata/optimizers/learning_rate.hpp"
#include "strata/optimizers/moments.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Adam (Keras: `Adam`; Kingma, Ba 2014, with epsilon added to the uncorrected root, the paper's "epsilon hat").
///
/// m += (1 - beta_1) (g - m); v += (1 - beta_2) (g^2 - v);
/// w -= learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)
///
/// amsgrad takes the largest v so far in place of v (Reddi, Kale, Kumar 2018). weight_decay takes learning_rate
/// weight_decay w off first, apart from the gradient (Loshchilov, Hutter 2019: AdamW).
struct Adam {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    bool amsgrad = false;
    double weight_decay = 0;

    void check(std::string_view owner = "Adam") const { detail::check_moments(owner, *this); }

    static constexpr std::size_t slot_count = 3, least_slots = 2;
    std::size_t kept_slots() const { return amsgrad ? 3 : 2; }

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1);
        const double step = static_cast<double>(t);
        const double alpha = lr * std::sqrt(1 - std::pow(beta_2, step)) / (1 - std::pow(beta_1, step));
        return [a = V(T(alpha)), b1 = V(T(1 - beta_1)), b2 = V(T(1 - beta_2)), e = V(T(epsilon)),
                keep_largest = amsgrad, decay = V(T(-lr * weight_decay))](V& w, const V& g, V* slot) {
            slot[0] = multiply_add(g - slot[0], b1, slot[0]);
            slot[1] = multiply_add(g * g - slot[1], b2, slot[1]);
            V square = slot[1];
            if (keep_largest) square = slot[2] = math::max(slot[2], square);
            w = multiply_add(w, decay, w) - math::divide(a * slot[0], math::sqrt(square) + e);
        };
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Adam;
}  // namespace strata
