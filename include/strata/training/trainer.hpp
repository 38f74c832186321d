#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/data/augmentation/augmentation.hpp"
#include "strata/data/augmentation/augmented_source.hpp"
#include "strata/data/permutation.hpp"
#include "strata/data/sample_source.hpp"
#include "strata/optimizers/optimizer.hpp"
#include "strata/optimizers/tensor_step.hpp"
#include "strata/simd/pack.hpp"
#include "strata/system/build_advice.hpp"
#include "strata/system/interrupt.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_feed.hpp"
#include "strata/training/batch_pass.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/epoch_loop.hpp"
#include "strata/training/evaluator.hpp"
#include "strata/training/fit_data.hpp"
#include "strata/training/fit_progress.hpp"
#include "strata/training/gauss_newton.hpp"
#include "strata/training/history.hpp"
#include "strata/training/logs.hpp"
#include "strata/training/named_value.hpp"
#include "strata/training/options.hpp"
#include "strata/training/pack_augmentation.hpp"
#include "strata/training/progress_bar.hpp"
#include "strata/training/run_archive.hpp"
#include "strata/training/training_state.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
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
        "compile: the second argument must be an optimizer, such as Adam{}; one of your own needs `slot_count` and "
        "`rule`: see optimizers/optimizer.hpp");
    static_assert(
        loss_type<Loss>,
        "compile: the third argument must be a loss, such as SparseCategoricalCrossentropy{}; one of your own "
        "needs `target`, `check` and `value`: see losses/loss.hpp");
    static_assert(
        (metric_type<Metrics> && ...),
        "compile: what follows the loss must be a metric, such as Accuracy{}; one of your own needs `name` and "
        "`value`: see metrics/metric.hpp");

    using V = pack<typename Model::precision>;
    using state_type = training_state<Model, Optimizer>;
    static_assert(state_type::sees_tensors || has_rule<Optimizer, V>,
                  "compile: the optimizer needs `template <class V> auto rule(std::uint64_t t) const`, whose result "
                  "takes (V& w, const V& g, V* slot): see optimizers/optimizer.hpp");

    using network = typename Model::network;
    using evaluator_type = evaluator<Model, Loss, Metrics...>;
    using pass = batch_pass<network, Loss, std::tuple<Metrics...>, V>;
    using sums = typename evaluator_type::sums;
    using fit_type = fit_state<Model, Optimizer>;

public:
    trainer(Model& model, Optimizer settings, Loss loss, Metrics... metrics)
        : optimizer{settings}, model_{&model}, evaluator_(model, loss, metrics...) {
        check_settings(settings);
    }

    /// It only refers to its model, so a temporary would be gone.
    template <class M = Model>
    trainer(const Model&&, Optimizer settings, Loss loss, Metrics... metrics)
        : optimizer{settings}, evaluator_(*model_, loss, metrics...) {
        static_assert(std::is_void_v<M>,
                      "trainer: the model is a temporary and would be gone before it is trained; give it a name first");
    }

    /// The settings; a change of the learning rate counts from the next step on.
    Optimizer optimizer;

    /// The number of steps so far, one for each batch.
    std::uint64_t steps() const { return state_.optimizer.steps; }

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
        return fit_arrays(x, y, {}, options, callbacks...);
    }

    /// The same for data that are changed at random while they are loaded, but for the validation:
    /// `fit(augmented(x, RandomFlip{}), y)`.
    template <class... Operations, class... Callbacks>
    History fit(const augmented_samples<array_ref, Operations...>& x, const array_argument& y,
                const fit_options& options = {}, Callbacks&&... callbacks) {
        return fit_arrays(x.samples, y, augmentation_of(x.list), options, callbacks...);
    }

    /// The same for samples that are read while training goes on (data/sample_source.hpp): `fit(source, {.epochs = 5})`
    /// or `fit(augmented(source, RandomFlip{}), {.epochs = 5})`. Throws what the source throws, with the model as it
    /// was after the last whole step.
    template <class Source, class... Callbacks>
    History fit(Source&& source, const fit_options& options = {}, Callbacks&&... callbacks) {
        return fit_source(input_of(source), std::nullopt, options, callbacks...);
    }

    /// The same with another source for the validation.
    template <class Source, sample_source Validation, class... Callbacks>
    History fit(Source&& source, Validation&& validation, const fit_options& options = {}, Callbacks&&... callbacks) {
        return fit_source(input_of(source), source_ref(validation), options, callbacks...);
    }

    /// Writes the model, the optimizer's state and all that training goes on with to a safetensors file; an older file
    /// of this name stays whole if that fails. Throws file_error. Include <strata/training/run_file.hpp>.
    void save(const std::string& path) {
        run_archive run;
        state_.archive(run, optimizer, *model_);
        detail::run_files_of_program().write(path, run);
    }

    /// Reads them. Throws file_error for a damaged file or another training's; the model is unchanged then.
    void load(const std::string& path) {
        run_archive run = detail::run_files_of_program().read(path);
        state_.archive(run, optimizer, *model_);
        run.load();
        state_.archive(run, optimizer, *model_);
    }

    /// The loss, followed by the metrics, over the rows of x: `auto [loss, accuracy] = training.evaluate(x, y);`
    std::array<double, 1 + sizeof...(Metrics)> evaluate(const array_argument& x, const array_argument& y,
                                                        const evaluate_options& options = {}) const {
        return evaluator_.evaluate(x, y, options);
    }

    /// The same over the samples of a source: `training.evaluate(source)`.
    template <class Source>
    std::array<double, 1 + sizeof...(Metrics)> evaluate(Source&& source, const evaluate_options& options = {}) const {
        return evaluator_.evaluate(source, options);
    }

    /// The model's output for each sample of a source, which is read in batches; arrays are for `model.predict`.
    template <class Source> auto predict(Source&& source, std::size_t batch_size = 256) const {
        return evaluator_.predict(source, batch_size);
    }

    /// The smallest and the largest learning rate of a parameter in the next step, for an optimizer with one for each,
    /// such as StochasticDiagonalLM. (Before the first epoch these are not known, and its mu alone counts.)
    std::array<double, 2> learning_rates() const
        requires uses_gauss_newton<Optimizer>
    {
        return optimizer.learning_rates(std::span<const typename Model::value_type>(state_.optimizer.values[0]),
                                        state_.optimizer.steps);
    }

    /// Prints the model's summary, with the values that the optimizer keeps.
    void summary(std::FILE* to = stdout) const {
        model_->summary(to, values_in_summary(optimizer, state_.tensors.places(), Model::parameter_count));
    }

private:
    using augmentation = pack_augmentation<V>;
    using validation_function = std::function<std::vector<named_value>()>;

    /// What a call of fit trains on and validates with.
    struct fit_input {
        std::size_t samples;
        const labelled_data& data;  ///< where there is no feed
        batch_feed* feed;
        augmentation of_samples;
        validation_function validate;  ///< none without a validation
    };

    struct source_input {
        source_ref samples;
        augmentation of_samples;
    };

    template <class List> static augmentation augmentation_of(const List& list) {
        static_assert(!List::mixes || mixes_targets<Loss, typename network::output>,
                      "MixUp, CutMix: class numbers cannot be mixed; take rows for targets, one_hot(labels), and "
                      "CategoricalCrossentropy in place of SparseCategoricalCrossentropy");
        static_assert(!List::mixes || network::template index_count<V> == 0,
                      "MixUp, CutMix: the network begins with an Embedding, and its indices cannot be mixed");
        return augmentation::template of<typename network::input>(list);
    }

    /// A source, and what is done with its samples.
    template <class Source> static source_input input_of(Source& source) {
        if constexpr (is_augmented_source<std::remove_const_t<Source>>)
            return {source.samples, augmentation_of(source.list)};
        else
            return {source_ref(source), {}};
    }

    /// Throws value_error unless fit can begin, whatever it trains on.
    void require() const {
        if (state_.was_moved_from())
            raise<value_error>({"fit: the trainer was moved from; it may only be assigned to"});
        check_settings(optimizer);
    }

    /// Of arrays; none where there are none. Refers to them.
    validation_function validation_of(const labelled_data& data) const {
        if (data.x.empty() && data.y.empty()) return {};
        evaluator_.require(data, "fit: validation_data");
        if (data.x.samples() == 0) raise<value_error>({"fit: the validation data are empty"});
        return [this, &data] { return evaluator_.means(*evaluator_.sums_over(data), data.x.samples()); };
    }

    template <class... Callbacks>
    History fit_arrays(const array_ref& x, const array_ref& y, const augmentation& of_samples,
                       const fit_options& options, Callbacks&... callbacks) {
        const detail::fit_data data(x, y, options, network::output::rank == 1);
        require();
        evaluator_.require({x, y, options.sample_weight}, "fit");
        if (data.training.x.samples() == 0) raise<value_error>({"fit: the data are empty"});
        if (x.samples() > std::numeric_limits<std::uint32_t>::max())
            raise<value_error>({"fit: more than 2^32 - 1 samples"});
        const fit_input given{data.training.x.samples(), data.training, nullptr, of_samples,
                              validation_of(data.validation)};
        return train(given, options, callbacks...);
    }

    template <class... Callbacks>
    History fit_source(source_input input, std::optional<source_ref> validation, const fit_options& options,
                       Callbacks&... callbacks) {
        source_ref& source = input.samples;
        detail::check_options(options, network::output::rank == 1, source.is_weighted());
        if (!options.sample_weight.empty())
            raise<value_error>(
                {"fit: sample_weight: a source tells the weights itself, by the fourth argument of its "
                 "`read`"});
        require();
        static_cast<void>(model_->values());
        evaluator_.require(source, "fit");
        const labelled_data& arrays = options.validation_data;
        if (validation && !(arrays.x.empty() && arrays.y.empty()))
            raise<value_error>({"fit: validation_data and a source for the validation cannot both be given"});
        validation_function validate = validation_of(arrays);
        if (!validate && !validation && options.validation_split > 0) {
            const std::size_t kept = detail::samples_before_split(source.samples(), options.validation_split);
            validation = source.part(kept, source.samples() - kept);
            source = source.part(0, kept);
        }
        if (validation) {
            evaluator_.require(*validation, "fit: the validation");
            validate = [&] {
                const auto sums_of_all = evaluator_.sums_over(*validation, options.batch_size, "fit: the validation");
                return evaluator_.means(*sums_of_all, validation->samples());
            };
        }
        const auto feed =
            evaluator_.feed_of(source, std::min(options.batch_size, source.samples()), "fit", options.class_weight);
        const labelled_data none;
        const fit_input given{source.samples(), none, feed.get(), input.of_samples, std::move(validate)};
        return train(given, options, callbacks...);
    }

    /// The epochs of a call of fit.
    template <class... Callbacks>
    History train(const fit_input& given, const fit_options& options, Callbacks&... callbacks) {
        detail::advise_on_build();
        const std::size_t samples = given.samples, batch_size = std::min(options.batch_size, samples);
        const std::size_t steps = detail::steps_of_epoch(samples, options);
        const std::size_t seen = std::min(samples, batch_size * steps);
        pass batch(batch_size, threads());
        batch.augment(given.of_samples);
        std::vector<std::uint32_t> order(samples);
        std::iota(order.begin(), order.end(), 0u);
        progress_bar bar(steps, options.verbose);
        const interrupt_watch watch(options.stop_on_interrupt);
        const auto metrics = evaluator_type::metric_infos();
        fit_type state{*model_, optimizer, options.epochs, steps, metrics, given.validate != nullptr};
        const callback_list<fit_type, Callbacks...> hooks(state, callbacks...);
        const auto place = std::make_unique<fit_progress<sums>>();  // metrics of many classes need a large one
        fit_progress<sums>& progress = *place;
        progress.begin(options.initial_epoch);
        const epoch_loop loop{*model_, optimizer, evaluator_, state_, batch, bar, state, hooks, progress, watch};
        detail::run_keeper keeper(options);
        const auto visit = [&](run_archive& run) {
            detail::require_same_run(run, options, samples, given.of_samples.text());
            progress.archive(run);
            run.begin_with("progress/");
            bool stopped = state.stop_training && !watch.was_interrupted();
            run.number("stopped", stopped);
            if (run.loads()) state.stop_training = stopped;
            hooks.archive(run);
            state_.archive(run, optimizer, *model_);
        };
        hooks.on_train_begin();
        keeper.load(visit);
        state.iterations = state_.optimizer.steps;
        while (progress.epoch < options.epochs && !state.stop_training) {
            const std::size_t epoch = progress.epoch;
            if (progress.step == 0) hooks.on_epoch_begin(epoch);
            bar.begin_epoch(epoch, options.epochs);
            const std::uint64_t number = std::max<std::uint64_t>(epoch, state_.epochs);  // another one for each epoch
            if (options.shuffle) shuffle_order(order, options.seed, number);
            const epoch_data trained{given.data, given.feed, {order.data(), seen}, batch_size, options.seed, number};
            if (given.feed != nullptr) given.feed->begin_epoch(number);
            if constexpr (uses_gauss_newton<Optimizer>) {
                if (progress.step == 0)
                    detail::estimate_gauss_newton(
                        std::as_const(*model_), evaluator_.loss(), given.data, given.feed, batch_size,
                        draw_samples(samples, optimizer.gauss_newton_samples(), options.seed, number),
                        std::span(state_.optimizer.values[0]));
            }
            if (given.feed != nullptr) given.feed->begin(trained.order, progress.step * batch_size);
            bool goes_on_later = false;  // at this step, in the next run
            std::vector<named_value> values = loop.run(trained, [&] {
                goes_on_later = watch.was_interrupted();
                if (goes_on_later || (keeper.is_due() && !state.stop_training)) keeper.save(visit);
            });
            if (given.validate && (epoch + 1) % options.validation_freq == 0)
                append_validation(values, given.validate());
            Logs logs(std::move(values));
            hooks.on_epoch_end(epoch, logs);
            bar.finish(logs.values());
            progress.history.append(epoch, logs.values());
            ++state_.epochs;
            progress.begin(epoch + 1);
            if (!goes_on_later) keeper.save(visit);
            if (watch.was_interrupted()) state.stop_training = true;
        }
        if (watch.was_interrupted()) detail::tell_of_interrupt(state_.optimizer.steps);
        state_.finalize(optimizer, model_->values().data());
        hooks.on_train_end();
        return std::move(progress.history);
    }

    Model* model_;
    evaluator_type evaluator_;
    state_type state_;
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
