#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/apply.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/optimizers/optimizer.hpp"
#include "strata/optimizers/tensor_step.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What every optimizer of Keras can be told besides its own settings; 0 is none.
struct optimizer_options {
    /// The largest norm of the gradient of each tensor: a longer one is scaled down to it.
    double clipnorm = 0;
    /// The largest absolute value of each element of a gradient.
    double clipvalue = 0;
    /// The largest norm of the gradients of all tensors together.
    double global_clipnorm = 0;
    /// Keep an exponential moving average of the parameters; at its end `fit` puts it in their place.
    bool use_ema = false;
    double ema_momentum = 0.99;
    /// After how many steps at a time the average takes the parameters' place during training, too.
    std::uint64_t ema_overwrite_frequency = 0;
    /// How many batches an update is made of: their mean gradient.
    std::uint64_t gradient_accumulation_steps = 0;
};

namespace detail {

/// Adds the gradient to those before; for an update it becomes the mean of all.
template <class V>
void accumulate(const tensor_step<V>& step, std::size_t slot, std::uint64_t batches, bool is_update) {
    const V share(scalar_t<V>(1.0 / static_cast<double>(batches))), zero(scalar_t<V>(0));
    step.for_each_part([&](std::size_t, std::size_t begin, std::size_t end) {
        auto *const gradients = step.gradients() + begin, *const sums = step.state.values[slot].data() + begin;
        for_each_register<V>(end - begin, [&](std::size_t k, auto read, auto write) {
            const V sum = read(sums + k) + read(gradients + k);
            write(is_update ? zero : sum, sums + k);
            write(sum * share, gradients + k);
        });
    });
}

/// Clips the gradient.
template <class V> void clip(const tensor_step<V>& step, const optimizer_options& options) {
    const auto change = [&](std::size_t begin, std::size_t end, const auto& clipped) {
        auto* const gradients = step.gradients() + begin;
        for_each_register<V>(end - begin, [&](std::size_t k, auto read, auto write) {
            write(clipped(read(gradients + k)), gradients + k);
        });
    };
    if (options.clipvalue > 0) {
        const V limit(static_cast<scalar_t<V>>(options.clipvalue));
        step.for_each_part([&](std::size_t, std::size_t begin, std::size_t end) {
            change(begin, end, [limit](const V& g) { return math::max(-limit, math::min(limit, g)); });
        });
    } else if (options.clipnorm > 0 || options.global_clipnorm > 0) {
        step.sum_up([&](std::size_t begin, std::size_t end) {
            return std::array<double, 2>{sum_of_squares<V>(step.gradients() + begin, end - begin)};
        });
        const double largest = options.clipnorm > 0 ? options.clipnorm : options.global_clipnorm;
        const double all = options.clipnorm > 0 ? 0 : step.sums_of_all()[0];
        step.for_each_part([&](std::size_t tensor, std::size_t begin, std::size_t end) {
            const double norm = std::sqrt(options.clipnorm > 0 ? step.sums_of(tensor)[0] : all);
            if (norm <= largest) return;
            // A norm that is not finite makes the gradient no number, so that it is noticed.
            const V scale(static_cast<scalar_t<V>>(largest / norm + (norm - norm)));
            change(begin, end, [scale](const V& g) { return g * scale; });
        });
    }
}

/// Lets the average of the parameters follow them, and now and then takes it in their place.
template <class V> void average(const tensor_step<V>& step, std::size_t slot, double momentum, bool overwrites) {
    const V keep(static_cast<scalar_t<V>>(momentum)), take(static_cast<scalar_t<V>>(1 - momentum));
    step.for_each_part([&](std::size_t, std::size_t begin, std::size_t end) {
        auto *const parameters = step.parameters + begin, *const averages = step.state.values[slot].data() + begin;
        for_each_register<V>(end - begin, [&](std::size_t k, auto read, auto write) {
            const V mean = read(averages + k) * keep + read(parameters + k) * take;
            write(mean, averages + k);
            if (overwrites) write(mean, parameters + k);
        });
    });
}

/// A step of an optimizer with options, which keep an average and a sum of gradients in the slots behind its own.
template <class V, class Optimizer>
void update_with(const Optimizer& optimizer, const optimizer_options& options, const tensor_step<V>& step) {
    constexpr std::size_t average_slot = Optimizer::slot_count, sum_slot = Optimizer::slot_count + 1;
    const std::uint64_t batches = std::max<std::uint64_t>(options.gradient_accumulation_steps, 1);
    const std::uint64_t update = (step.t - 1) / batches + 1, frequency = options.ema_overwrite_frequency;
    const bool is_update = step.t % batches == 0, average_begins = update == 1 || !step.state.has_average;
    if (batches > 1) accumulate(step, sum_slot, batches, is_update);
    if (is_update) {
        clip(step, options);
        Optimizer now = optimizer;
        if constexpr (requires {
                          { now.learning_rate } -> std::same_as<LearningRate&>;
                      })
            now.learning_rate = LearningRate(now.learning_rate(step.t - 1));
        tensor_step<V> its_step = step;
        its_step.t = update;
        update_tensors<V>(now, its_step);
    }
    step.all.barrier();
    if (step.thread == 0) step.state.has_average = options.use_ema;
    if (options.use_ema)
        average(step, average_slot, average_begins ? 0 : options.ema_momentum,
                frequency > 0 && update % frequency == 0);
}

}  // namespace detail

/// An optimizer, also one of your own, with options that every optimizer of Keras has: clipped gradients, an average of
/// the parameters, updates from several batches. It has the settings of both.
///
///     auto training = compile(model, OptimizerWith{Adam{.learning_rate = 1e-2}, {.clipnorm = 1}}, MeanSquaredError{});
///     training.optimizer.learning_rate = 1e-3;
///     training.optimizer.clipnorm = 0.5;
///
/// A step is that of Keras: the gradient is accumulated, then clipped, weights decay, the optimizer's rule, the
/// average. Where an update is made of several batches, a schedule counts batches and the optimizer updates. Only one
/// of the three ways to clip can be set. A step takes a barrier of the threads or two more than the optimizer alone.
template <class Optimizer> struct OptimizerWith : Optimizer, optimizer_options {
    void check() const {
        check_settings(alone());
        setting_checks("OptimizerWith")
            .not_negative("clipnorm", clipnorm)
            .not_negative("clipvalue", clipvalue)
            .not_negative("global_clipnorm", global_clipnorm)
            .at_most_one("ema_momentum", ema_momentum);
        if ((clipnorm > 0) + (clipvalue > 0) + (global_clipnorm > 0) > 1)
            raise<value_error>({"OptimizerWith: only one of clipnorm, clipvalue and global_clipnorm can be set"});
    }

    static constexpr std::size_t slot_count = Optimizer::slot_count + 2;
    std::size_t counted_values(const std::vector<tensor_place>& places, std::size_t parameters) const {
        const std::size_t slots = (use_ema ? 1u : 0u) + (gradient_accumulation_steps > 1 ? 1u : 0u);
        return values_in_summary(alone(), places, parameters) + slots * parameters;
    }

    template <class V> void update(const tensor_step<V>& one_step) const {
        detail::update_with<V>(alone(), *this, one_step);
    }

    template <class V> void rule(std::uint64_t t) const = delete;  // it knows nothing of the options

    /// Puts the average in the place of the parameters, at the end of training (Keras: `finalize_variable_values`).
    template <class T> void finalize(const optimizer_state<T>& state, T* parameters, std::size_t count) const {
        if (use_ema && state.has_average) std::copy_n(state.values[Optimizer::slot_count].data(), count, parameters);
    }

private:
    const Optimizer& alone() const { return *this; }
};

template <class Optimizer> OptimizerWith(Optimizer, optimizer_options = {}) -> OptimizerWith<Optimizer>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::OptimizerWith;
}  // namespace strata
