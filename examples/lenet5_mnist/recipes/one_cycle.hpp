#pragma once

#include <cstddef>
#include <strata/optimizers/schedules.hpp>

namespace lenet5 {

/// A learning rate that rises from `start` to `peak` in the first `warmup` steps and then falls to 0 along a cosine.
inline strata::CosineDecay one_cycle(std::size_t steps, std::size_t warmup, double start, double peak) {
    return {
        .initial_learning_rate = start, .decay_steps = steps - warmup, .warmup_target = peak, .warmup_steps = warmup};
}

}  // namespace lenet5
