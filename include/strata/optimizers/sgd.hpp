#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Gradient descent (Keras: `SGD`): velocity = momentum velocity - learning_rate g; w += velocity, or, with nesterov,
/// w += momentum velocity - learning_rate g. Before that weight_decay takes learning_rate weight_decay w off.
struct SGD {
    LearningRate learning_rate = 0.01;
    double momentum = 0;
    bool nesterov = false;
    double weight_decay = 0;

    void check() const {
        learning_rate.check("SGD");
        setting_checks("SGD").at_most_one("momentum", momentum).not_negative("weight_decay", weight_decay);
    }

    static constexpr std::size_t slot_count = 1;
    std::size_t kept_slots() const { return momentum == 0 ? 0 : 1; }

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        const double lr = learning_rate(t - 1);
        return [rate = V(T(-lr)), keep = V(T(momentum)), ahead = nesterov, decay = V(T(-lr * weight_decay))](
                   V& w, const V& g, V* velocity) {
            *velocity = multiply_add(*velocity, keep, rate * g);
            w = multiply_add(w, decay, w) + (ahead ? multiply_add(*velocity, keep, rate * g) : *velocity);
        };
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::SGD;
}  // namespace strata
