#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/finite.hpp"
#include "strata/model/input.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"
#include "strata/system/interrupt.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_feed.hpp"
#include "strata/training/batch_pass.hpp"
#include "strata/training/fit_progress.hpp"
#include "strata/training/logs.hpp"
#include "strata/training/named_value.hpp"
#include "strata/training/options.hpp"
#include "strata/training/progress_bar.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What an epoch of fit trains on.
struct epoch_data {
    const labelled_data& data;
    batch_feed* feed;                      ///< where the batches come from in place of data; null without
    std::span<const std::uint32_t> order;  ///< the samples
    std::size_t batch_size;
    std::uint64_t seed;
    std::uint64_t number;  ///< of the epoch
};

/// The steps of a call of fit, epoch by epoch: all that they share.
template <class Model, class Optimizer, class Evaluator, class Pass, class State, class Fit, class Hooks>
struct epoch_loop {
    using network = typename Model::network;
    using T = typename Model::value_type;
    using V = pack<typename Model::precision>;

    Model& model;
    const Optimizer& optimizer;
    const Evaluator& evaluation;
    State& state;
    Pass& batch;
    progress_bar& bar;
    Fit& fit;
    const Hooks& hooks;
    fit_progress<typename Evaluator::sums>& progress;
    const interrupt_watch& watch;

    /// All steps of one epoch in one parallel region, and what was measured. In each step every thread takes some
    /// shards of the batch, all meet, and every thread updates some of the parameters. Hooks of steps are called by
    /// one thread, while the others wait.
    template <class AfterStep> std::vector<named_value> run(const epoch_data& epoch, AfterStep&& after_step) const {
        const pause_at_end reading(epoch.feed);
        T* const values = model.values().data();
        const labelled_data& data = epoch.feed ? epoch.feed->batch() : epoch.data;
        const batch_values<T> given{.data = &data,
                                    .scale_of_input = static_cast<T>(scale_of_input<network, V>(data.x)),
                                    .rows = {},
                                    .epoch = epoch.number,
                                    .values = values,
                                    .random = {.seed = epoch.seed}};
        const bool watches_steps = hooks.watches_steps();
        std::optional<std::size_t> failed_step;
        const std::uint64_t steps_before = state.optimizer.steps - progress.step;
        const std::size_t begin = progress.step;
        bool read_failed = false;
        bool ends = false;  // after this step; written before a barrier, read after it
        parallel(batch.threads(), [&](team& all, std::size_t thread) {
            batch_values<T> mine = given;
            std::size_t step = begin;
            for (std::size_t first = begin * epoch.batch_size; first < epoch.order.size();
                 first += epoch.batch_size, ++step) {
                if (Hooks::watches_begin_of_step && watches_steps) {
                    if (thread == 0) hooks.on_train_batch_begin(step);
                    all.barrier();
                }
                const std::size_t size = std::min(epoch.batch_size, epoch.order.size() - first);
                mine.rows = mine.samples = epoch.order.subspan(first, size);
                if (epoch.feed) {
                    mine.data = &epoch.feed->batch();
                    mine.rows = epoch.feed->rows(size);
                }
                mine.random.step = steps_before + step;
                batch.run(all, thread, mine, evaluation.loss(), evaluation.metrics());
                all.barrier();

                if (!is_finite(batch.loss(size))) {  // the same for every thread
                    if (thread == 0) failed_step = step;
                    break;
                }
                state.update(optimizer, all, thread, batch, size, steps_before + step + 1, values);
                if (thread == 0) {
                    batch.update_state(thread, values);
                    fit.iterations = state.optimizer.steps = steps_before + step + 1;
                    batch.add_to(progress.totals, size);
                    progress.samples = first + size;
                    progress.step = step + 1;
                    bar.update(step + 1, [&] { return evaluation.means(progress.totals, progress.samples); });
                    if (watch.was_interrupted()) fit.stop_training = true;
                    if (epoch.feed && !fit.stop_training) read_failed = !epoch.feed->advance();
                    ends = fit.stop_training || read_failed;
                }
                all.barrier();
                if (Hooks::watches_end_of_step && watches_steps) {
                    if (thread == 0) {
                        Logs logs(evaluation.means(progress.totals, progress.samples));
                        hooks.on_train_batch_end(step, logs);
                        ends = fit.stop_training || read_failed;
                    }
                    all.barrier();
                }
                if (thread == 0) after_step();  // until the next barrier the others only read the parameters
                if (ends) break;                // the same for every thread
            }
        });
        if (failed_step) {
            if constexpr (Hooks::ends_on_nan) {
                std::printf("Batch %zu: Invalid loss, terminating training\n", *failed_step);
                return ended_on_nan();
            }
            raise<training_error>({"fit: the loss is not a finite number in step ", *failed_step + 1, " of epoch ",
                                   progress.epoch + 1,
                                   "; a smaller learning rate may help, and the data must not hold NaN"});
        }
        if (read_failed) epoch.feed->rethrow();
        // No loss comes after the last step, to show what it did.
        if (!math::all_finite<V>(values, network::value_count)) {
            if constexpr (Hooks::ends_on_nan) {
                std::printf("Epoch %zu: parameters that are not finite, terminating training\n", progress.epoch + 1);
                return ended_on_nan();
            }
            raise<training_error>({"fit: the parameters are not finite numbers after the last step of epoch ",
                                   progress.epoch + 1, "; a smaller learning rate may help"});
        }
        return evaluation.means(progress.totals, progress.samples);
    }

private:
    /// What was measured, where a callback ends training in place of an error.
    std::vector<named_value> ended_on_nan() const {
        progress.totals.loss = std::numeric_limits<double>::quiet_NaN();
        fit.stop_training = true;
        return evaluation.means(progress.totals, std::max<std::size_t>(progress.samples, 1));
    }
};

template <class Model, class Optimizer, class Evaluator, class Pass, class State, class Fit, class Hooks>
epoch_loop(Model&, const Optimizer&, const Evaluator&, State&, Pass&, progress_bar&, Fit&, const Hooks&,
           fit_progress<typename Evaluator::sums>&, const interrupt_watch&)
    -> epoch_loop<Model, Optimizer, Evaluator, Pass, State, Fit, Hooks>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
