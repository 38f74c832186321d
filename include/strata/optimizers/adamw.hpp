#pragma once

#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/learning_rate.hpp"

#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Adam with decoupled weight decay (Keras: `AdamW`; Loshchilov, Hutter 2019): Adam with another default.
struct AdamW {
    LearningRate learning_rate = 1e-3;
    double weight_decay = 0.004;
    double beta_1 = 0.9;
    double beta_2 = 0.999;
    double epsilon = 1e-7;
    bool amsgrad = false;

    Adam as_adam() const { return {learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay}; }

    void check() const { as_adam().check("AdamW"); }

    static constexpr std::size_t slot_count = Adam::slot_count, least_slots = Adam::least_slots;
    std::size_t kept_slots() const { return as_adam().kept_slots(); }

    template <class V> auto rule(std::uint64_t t) const { return as_adam().template rule<V>(t); }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::AdamW;
}  // namespace strata
