#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/finite.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/shape.hpp"
#include "strata/core/type_text.hpp"
#include "strata/data/permutation.hpp"
#include "strata/optimizers/apply.hpp"
#include "strata/optimizers/tensor_step.hpp"
#include "strata/simd/math.hpp"
#include "strata/system/build_advice.hpp"
#include "strata/system/interrupt.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_pass.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/evaluator.hpp"
#include "strata/training/fit_data.hpp"
#include "strata/training/fit_progress.hpp"
#include "strata/training/history.hpp"
#include "strata/training/logs.hpp"
#include "strata/training/options.hpp"
#include "strata/training/progress_bar.hpp"
#include "strata/training/run_archive.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A model with all that training it needs: an optimizer and its state, a loss, metrics. Refers to the model, which
/// has to outlive it.
template <class Model, class Optimizer, class Loss, class... Metrics> class trainer {
    static_assert(
        requires { Model::parameter_count; }, "compile: the first argument must be a model, a Sequential");
    static_assert(!std::is_const_v<Model>, "compile: the model must not be const, since training changes it");
    static_assert(
        optimizer_type<Optimizer>,
        "compile: the second argument must be an optimizer, such as Adam{}; one of your own needs `slot_count`, "
        "`kept_slots` and `rule`: see optimizers/optimizer.hpp");
    static_assert(
        loss_type<Loss>,
        "compile: the third argument must be a loss, such as SparseCategoricalCrossentropy{}; one of your own "
        "needs `target`, `check` and `value`: see losses/loss.hpp");
    static_assert(
        (metric_type<Metrics> && ...),
        "compile: what follows the loss must be a metric, such as Accuracy{}; one of your own needs `name` and "
        "`value`: see metrics/metric.hpp");

    using T = typename Model::value_type;
    using V = pack<typename Model::precision>;
    static constexpr bool sees_tensors = updates_tensors<Optimizer, V>;
    static_assert(sees_tensors || has_rule<Optimizer, V>,
                  "compile: the optimizer needs `template <class V> auto rule(std::uint64_t t) const`, whose result "
                  "takes (V& w, const V& g, V* slot): see optimizers/optimizer.hpp");

    using network = typename Model::network;
    using evaluator_type = evaluator<Model, Loss, Metrics...>;
    using pass = batch_pass<network, Loss, std::tuple<Metrics...>, V>;
    using sums = typename evaluator_type::sums;
    using fit_type = fit_state<Model, Optimizer>;

    /// Whether threads write the parameters by non-temporal stores: where an L2 holds all of them, fetching them from
    /// memory takes less time than writing what the other cores have copies of.
    static constexpr bool non_temporal_stores = Model::parameter_count * sizeof(T) <= l2_size;

public:
    trainer(Model& model, Optimizer settings, Loss loss, Metrics... metrics)
        : optimizer{settings},
          model_{&model},
          evaluator_(model, loss, metrics...),
          state_(Optimizer::slot_count, Model::parameter_count) {
        check_settings(settings);
        if constexpr (sees_tensors) tensors_ = tensors_of_network();
    }

    /// It only refers to its model, so a temporary would be gone.
    template <class M = Model>
    trainer(const Model&&, Optimizer settings, Loss loss, Metrics... metrics)
        : optimizer{settings}, evaluator_(*model_, loss, metrics...), state_(0, 0) {
        static_assert(std::is_void_v<M>,
                      "trainer: the model is a temporary and would be gone before it is trained; give it a name first");
    }

    /// The settings; a change of the learning rate counts from the next step on.
    Optimizer optimizer;

    /// The number of steps so far, one for each batch.
    std::uint64_t steps() const { return state_.steps; }

    /// Trains on the rows of x, of shape (N, input...), and their targets y: of shape (N) for class numbers, of
    /// (N, output...) otherwise. Returns what the progress lines show, epoch by epoch.
    ///
    /// The last batch of an epoch may be shorter; the loss and the metrics of an epoch are means over its samples,
    /// taken while the parameters change. Throws shape_error and value_error for data that do not fit, training_error
    /// when the loss is not finite, and the parameters then are those before that step; also when the parameters are
    /// not finite at the end of an epoch.
    ///
    /// Callbacks may follow the options: `fit(x, y, {.epochs = 20}, EarlyStopping{.patience = 3})`; see
    /// training/callback.hpp.
    template <class... Callbacks>
    History fit(const array_argument& x, const array_argument& y, const fit_options& options = {},
                Callbacks&&... callbacks) {
        const detail::fit_data data(x, y, options, network::output::rank == 1);
        require(data, x, y, options);
        detail::advise_on_build();

        const std::size_t samples = data.training.x.samples(), batch_size = std::min(options.batch_size, samples);
        const std::size_t seen = std::min(samples, batch_size * data.steps(batch_size, options));
        pass batch(batch_size, threads());
        std::vector<std::uint32_t> order(samples);
        std::iota(order.begin(), order.end(), 0u);
        progress_bar bar(data.steps(batch_size, options), options.verbose);
        const interrupt_watch watch(options.stop_on_interrupt);
        const auto metrics = evaluator_type::metric_infos();
        fit_type state{*model_, optimizer, options.epochs, data.steps(batch_size, options), metrics, data.validates()};
        const callback_list<fit_type, std::remove_reference_t<Callbacks>...> hooks(state, callbacks...);
        const auto place = std::make_unique<fit_progress<sums>>();  // metrics of many classes need a large one
        fit_progress<sums>& progress = *place;
        progress.begin(options.initial_epoch);
        detail::run_keeper keeper(options);
        const auto visit = [&](run_archive& run) {
            detail::require_same_run(run, options, samples);
            progress.archive(run);
            run.begin_with("progress/");
            bool stopped = state.stop_training && !watch.was_interrupted();
            run.number("stopped", stopped);
            if (run.loads()) state.stop_training = stopped;
            hooks.archive(run);
            archive(run);
        };
        hooks.on_train_begin();
        keeper.load(visit);
        while (progress.epoch < options.epochs && !state.stop_training) {
            const std::size_t epoch = progress.epoch;
            if (progress.step == 0) hooks.on_epoch_begin(epoch);
            bar.begin_epoch(epoch, options.epochs);
            if (options.shuffle) shuffle_order(order, options.seed, std::max<std::uint64_t>(epoch, epochs_));
            const epoch_run run{data.training, {order.data(), seen}, batch_size, options.seed, watch};
            bool goes_on_later = false;  // at this step, in the next run
            std::vector<named_value> values = train_epoch(run, batch, bar, state, hooks, progress, [&] {
                goes_on_later = watch.was_interrupted();
                if (goes_on_later || (keeper.is_due() && !state.stop_training)) keeper.save(visit);
            });
            if (data.validates() && (epoch + 1) % options.validation_freq == 0) {
                const auto& validation = data.validation;
                append_validation(values, evaluator_.means(*evaluator_.sums_over(validation), validation.x.samples()));
            }
            Logs logs(std::move(values));
            hooks.on_epoch_end(epoch, logs);
            bar.finish(logs.values());
            progress.history.append(epoch, logs.values());
            ++epochs_;
            progress.begin(epoch + 1);
            if (!goes_on_later) keeper.save(visit);
            if (watch.was_interrupted()) state.stop_training = true;
        }
        if (watch.was_interrupted()) detail::tell_of_interrupt(state_.steps);
        if constexpr (requires { optimizer.finalize(state_, model_->values().data(), Model::parameter_count); })
            optimizer.finalize(state_, model_->values().data(), Model::parameter_count);
        hooks.on_train_end();
        return std::move(progress.history);
    }

    /// Writes the model, the optimizer's state and all that training goes on with to a safetensors file; an older file
    /// of this name stays whole if that fails. Throws file_error. Include <strata/training/run_file.hpp>.
    void save(const std::string& path) {
        run_archive run;
        archive(run);
        detail::run_files_of_program().write(path, run);
    }

    /// Reads them. Throws file_error for a damaged file or another training's; the model is unchanged then.
    void load(const std::string& path) {
        run_archive run = detail::run_files_of_program().read(path);
        archive(run);
        run.load();
        archive(run);
    }

    /// The loss, followed by the metrics, over the rows of x: `auto [loss, accuracy] = training.evaluate(x, y);`
    std::array<double, 1 + sizeof...(Metrics)> evaluate(const array_argument& x, const array_argument& y,
                                                        const evaluate_options& options = {}) const {
        return evaluator_.evaluate(x, y, options);
    }

    /// Prints the model's summary, with the values that the optimizer keeps.
    void summary(std::FILE* to = stdout) const {
        model_->summary(to, values_in_summary(optimizer, tensors_.places(), Model::parameter_count));
    }

private:
    /// Saves or loads what the trainer keeps between its steps.
    void archive(run_archive& run) {
        run.begin_with("training/");
        run.number("epochs", epochs_);
        run.begin_with("optimizer/");
        run.same("type", type_text<Optimizer>());
        run.number("steps", state_.steps);
        run.number("has_average", state_.has_average);
        if constexpr (requires { optimizer.learning_rate.is_schedule(); }) {
            if (!optimizer.learning_rate.is_schedule()) {
                double rate = optimizer.learning_rate;
                run.number("learning_rate", rate);
                if (run.loads()) optimizer.learning_rate = rate;
            }
        }
        for (std::size_t slot = 0; slot < state_.values.size(); ++slot)
            run.values(concat({"slot_", slot}), {state_.values[slot].size()}, state_.values[slot]);
        run.begin_with("model/");
        for (const parameter_entry& entry : std::as_const(*model_).value_table())
            run.values(entry.name, entry.shape, model_->values().subspan(entry.offset, entry.size));
    }

    /// One epoch of fit.
    struct epoch_run {
        const labelled_data& data;
        std::span<const std::uint32_t> order;  ///< the samples
        std::size_t batch_size;
        std::uint64_t seed;
        const interrupt_watch& watch;
    };

    /// Throws value_error or shape_error unless fit can begin.
    void require(const detail::fit_data& data, const array_ref& x, const array_ref& y,
                 const fit_options& options) const {
        if (state_.values.size() != Optimizer::slot_count)
            raise<value_error>({"fit: the trainer was moved from; it may only be assigned to"});
        check_settings(optimizer);
        evaluator_.require({x, y, options.sample_weight}, "fit");
        if (data.training.x.samples() == 0) raise<value_error>({"fit: the data are empty"});
        if (x.samples() > std::numeric_limits<std::uint32_t>::max())
            raise<value_error>({"fit: more than 2^32 - 1 samples"});
        if (!data.validates()) return;
        evaluator_.require(data.validation, "fit: validation_data");
        if (data.validation.x.samples() == 0) raise<value_error>({"fit: the validation data are empty"});
    }

    /// All steps of one epoch in one parallel region, and what was measured. In each step every thread takes some
    /// shards of the batch, all meet, and every thread updates some of the parameters. Hooks of steps are called by
    /// one thread, while the others wait.
    template <class Hooks, class AfterStep>
    std::vector<named_value> train_epoch(const epoch_run& run, pass& batch, progress_bar& bar, fit_type& state,
                                         const Hooks& hooks, fit_progress<sums>& progress, AfterStep&& after_step) {
        T* const values = model_->values().data();
        const batch_values<T> given{.data = run.data,
                                    .scale_of_input = static_cast<T>(scale_of_input<network, V>(run.data.x)),
                                    .rows = {},
                                    .values = values,
                                    .random = {.seed = run.seed}};
        const bool watches_steps = hooks.watches_steps();
        std::optional<std::size_t> failed_step;
        const std::uint64_t steps_before = state_.steps - progress.step;
        const std::size_t begin = progress.step;
        bool ends = false;  // after this step; written before a barrier, read after it
        parallel(batch.threads(), [&](team& all, std::size_t thread) {
            batch_values<T> mine = given;
            std::size_t step = begin;
            for (std::size_t first = begin * run.batch_size; first < run.order.size();
                 first += run.batch_size, ++step) {
                if (Hooks::watches_begin_of_step && watches_steps) {
                    if (thread == 0) hooks.on_train_batch_begin(step);
                    all.barrier();
                }
                const std::size_t size = std::min(run.batch_size, run.order.size() - first);
                mine.rows = run.order.subspan(first, size);
                mine.random.step = steps_before + step;
                batch.run(all, thread, mine, evaluator_.loss(), evaluator_.metrics());
                all.barrier();

                if (!is_finite(batch.loss(size))) {  // the same for every thread
                    if (thread == 0) failed_step = step;
                    break;
                }
                update(all, thread, batch, size, steps_before + step + 1, values);
                if (thread == 0) {
                    batch.update_state(thread, values);
                    state_.steps = steps_before + step + 1;
                    batch.add_to(progress.totals, size);
                    progress.samples = first + size;
                    progress.step = step + 1;
                    bar.update(step + 1, [&] { return evaluator_.means(progress.totals, progress.samples); });
                    if (run.watch.was_interrupted()) state.stop_training = true;
                    ends = state.stop_training;
                }
                all.barrier();
                if (Hooks::watches_end_of_step && watches_steps) {
                    if (thread == 0) {
                        Logs logs(evaluator_.means(progress.totals, progress.samples));
                        hooks.on_train_batch_end(step, logs);
                        ends = state.stop_training;
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
                progress.totals.loss = std::numeric_limits<double>::quiet_NaN();
                state.stop_training = true;
                return evaluator_.means(progress.totals, std::max<std::size_t>(progress.samples, 1));
            }
            raise<training_error>({"fit: the loss is not a finite number in step ", *failed_step + 1, " of epoch ",
                                   progress.epoch + 1,
                                   "; a smaller learning rate may help, and the data must not hold NaN"});
        }
        // No loss comes after the last step, to show what it did.
        if (!math::all_finite<V>(values, network::value_count)) {
            if constexpr (Hooks::ends_on_nan) {
                std::printf("Epoch %zu: parameters that are not finite, terminating training\n", progress.epoch + 1);
                progress.totals.loss = std::numeric_limits<double>::quiet_NaN();
                state.stop_training = true;
                return evaluator_.means(progress.totals, progress.samples);
            }
            raise<training_error>({"fit: the parameters are not finite numbers after the last step of epoch ",
                                   progress.epoch + 1, "; a smaller learning rate may help"});
        }
        return evaluator_.means(progress.totals, progress.samples);
    }

    /// One thread's part of the update that follows a batch of so many samples: step t = 1, 2, ...
    void update(team& all, std::size_t thread, pass& batch, std::size_t size, std::uint64_t t, T* values) {
        if constexpr (sees_tensors) {
            batch.for_share_of_gradient(all, thread, size, [&](std::size_t begin, std::size_t end, const T* gradients) {
                std::copy_n(gradients, end - begin, tensors_.gradients() + begin);
            });
            all.barrier();
            optimizer.template update<V>(tensor_step<V>{all, thread, tensors_, values, state_, t});
        } else {
            const auto rule = optimizer.template rule<V>(t);
            batch.for_share_of_gradient(all, thread, size, [&](std::size_t begin, std::size_t end, const T* gradients) {
                apply_rule<V>(optimizer, rule, begin, end, gradients, state_, values,
                              non_temporal_stores && all.size() > 1);
            });
        }
    }

    static whole_tensors<T> tensors_of_network() {
        std::vector<tensor_place> places;
        network::for_each_parameter(
            [&](std::size_t, const parameter& p, std::size_t offset) { places.push_back(place_of(p, offset)); });
        return whole_tensors<T>(std::move(places));
    }

    Model* model_;
    evaluator_type evaluator_;
    optimizer_state<T> state_;
    whole_tensors<T> tensors_;  // none where the optimizer does not see them
    std::uint64_t epochs_ = 0;  // so far, in all calls of fit
};

/// Puts a model together with what trains it (Keras: `model.compile`).
///
///     auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
template <class Model, class Optimizer, class Loss, class... Metrics>
trainer<Model, Optimizer, Loss, Metrics...> compile(Model& model, Optimizer optimizer, Loss loss, Metrics... metrics) {
    return {model, optimizer, loss, metrics...};
}

/// A trainer only refers to its model, so a temporary would be gone.
template <class Model, class Optimizer, class Loss, class... Metrics>
trainer<Model, Optimizer, Loss, Metrics...> compile(const Model&&, Optimizer, Loss, Metrics...) {
    static_assert(std::is_void_v<Model>,
                  "compile: the model is a temporary and would be gone before it is trained; give it a name first");
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::compile;
}  // namespace strata
