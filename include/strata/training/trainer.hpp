#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/finite.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/shape.hpp"
#include "strata/data/permutation.hpp"
#include "strata/optimizers/apply.hpp"
#include "strata/simd/math.hpp"
#include "strata/system/build_advice.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_pass.hpp"
#include "strata/training/evaluator.hpp"
#include "strata/training/history.hpp"
#include "strata/training/options.hpp"
#include "strata/training/progress_bar.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <numeric>
#include <optional>
#include <tuple>
#include <type_traits>
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
        "needs `takes_logits`, `target`, `check` and `value`: see losses/loss.hpp");
    static_assert(
        (metric_type<Metrics> && ...),
        "compile: what follows the loss must be a metric, such as Accuracy{}; one of your own needs `name` and "
        "`value`: see metrics/metric.hpp");

    using T = typename Model::value_type;
    using V = pack<typename Model::precision>;
    static_assert(has_rule<Optimizer, V>,
                  "compile: the optimizer needs `template <class V> auto rule(std::uint64_t t) const`, whose result "
                  "takes (V& w, const V& g, V* slot): see optimizers/optimizer.hpp");

    using network = typename Model::network;
    using evaluator_type = evaluator<Model, Loss, Metrics...>;
    using pass = batch_pass<network, Loss, std::tuple<Metrics...>, V>;
    using sums = typename evaluator_type::sums;

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

    /// The number of updates so far.
    std::uint64_t steps() const { return state_.steps; }

    /// Trains on the rows of x, of shape (N, input...), and their targets y: of shape (N) for class numbers, of
    /// (N, output...) otherwise. Returns what the progress lines show, epoch by epoch.
    ///
    /// The last batch of an epoch may be shorter; the loss and the metrics of an epoch are means over its samples,
    /// taken while the parameters change. Throws shape_error and value_error for data that do not fit, training_error
    /// when the loss is not finite, and the parameters then are those before that step; also when the parameters are
    /// not finite at the end of an epoch.
    History fit(const array_argument& x, const array_argument& y, const fit_options& options = {}) {
        const labelled_data data{x, y, options.sample_weight};
        if (state_.values.size() != Optimizer::slot_count)
            raise<value_error>({"fit: the trainer was moved from; it may only be assigned to"});
        check_settings(optimizer);
        evaluator_.require(data, "fit");
        if (x.samples() == 0) raise<value_error>({"fit: the data are empty"});
        if (x.samples() > std::numeric_limits<std::uint32_t>::max())
            raise<value_error>({"fit: more than 2^32 - 1 samples"});
        if (options.batch_size == 0) raise<value_error>({"fit: batch_size must be at least 1"});
        detail::advise_on_build();
        const bool validates = !options.validation_data.x.empty() || !options.validation_data.y.empty();
        if (validates) {
            evaluator_.require(options.validation_data, "fit: validation_data");
            if (options.validation_data.x.samples() == 0) raise<value_error>({"fit: the validation data are empty"});
        }

        const std::size_t batch_size = std::min(options.batch_size, x.samples());
        const std::size_t steps = (x.samples() + batch_size - 1) / batch_size;
        pass batch(batch_size, threads());
        std::vector<std::uint32_t> order(x.samples());
        std::iota(order.begin(), order.end(), 0u);
        progress_bar progress(steps, options.verbose);
        History history;
        for (std::size_t epoch = options.initial_epoch; epoch < options.epochs; ++epoch) {
            progress.begin_epoch(epoch, options.epochs);
            if (options.shuffle) shuffle_order(order, options.seed, std::max<std::uint64_t>(epoch, epochs_));
            const sums totals = train_epoch(data, batch_size, order, epoch, options.seed, batch, progress);
            std::vector<named_value> values = evaluator_.means(totals, x.samples());
            if (validates) {
                const auto& validation = options.validation_data;
                append_validation(values, evaluator_.means(evaluator_.sums_over(validation), validation.x.samples()));
            }
            progress.finish(values);
            history.append(epoch, values);
            ++epochs_;
        }
        return history;
    }

    /// The loss, followed by the metrics, over the rows of x: `auto [loss, accuracy] = training.evaluate(x, y);`
    std::array<double, 1 + sizeof...(Metrics)> evaluate(const array_argument& x, const array_argument& y,
                                                        const evaluate_options& options = {}) const {
        return evaluator_.evaluate(x, y, options);
    }

    /// Prints the model's summary, with the values that the optimizer keeps.
    void summary(std::FILE* to = stdout) const {
        // As in Keras: a count of steps and a learning rate come with them.
        model_->summary(to, slots_in_summary(optimizer) * Model::parameter_count + 2);
    }

private:
    /// All steps of one epoch in one parallel region. In each step every thread takes some shards of the batch, all
    /// meet, and every thread updates some of the parameters.
    sums train_epoch(const labelled_data& data, std::size_t batch_size, const std::vector<std::uint32_t>& order,
                     std::size_t epoch, std::uint64_t seed, pass& batch, progress_bar& progress) {
        T* const values = model_->values().data();
        batch_values<T> given{.data = data,
                              .scale_of_input = static_cast<T>(scale_of_input<network, V>(data.x)),
                              .rows = {},
                              .values = values,
                              .random = {.seed = seed}};
        std::optional<std::size_t> failed_step;
        const std::uint64_t steps_before = state_.steps;
        sums totals;
        parallel(batch.threads(), [&](team& all, std::size_t thread) {
            batch_values<T> mine = given;
            std::size_t step = 0;
            for (std::size_t first = 0; first < order.size(); first += batch_size, ++step) {
                const std::size_t size = std::min(batch_size, order.size() - first);
                mine.rows = {order.data() + first, size};
                mine.random.step = steps_before + step;
                batch.run(all, thread, mine, evaluator_.loss(), evaluator_.metrics());
                all.barrier();

                const sums of_batch = batch.total(size);
                if (!is_finite(of_batch.loss)) {  // the same for every thread
                    if (thread == 0) failed_step = step;
                    break;
                }
                const auto rule = optimizer.template rule<V>(steps_before + step + 1);
                batch.for_share_of_gradient(all, thread, size,
                                            [&](std::size_t begin, std::size_t end, const T* gradients) {
                                                apply_rule<V>(optimizer, rule, begin, end, gradients, state_, values,
                                                              non_temporal_stores && all.size() > 1);
                                            });
                if (thread == 0) {
                    batch.update_state(thread, values);
                    state_.steps = steps_before + step + 1;
                    totals += of_batch;
                    progress.update(step + 1, [&] { return evaluator_.means(totals, first + size); });
                }
                all.barrier();
            }
        });
        if (failed_step) {
            raise<training_error>({"fit: the loss is not a finite number in step ", *failed_step + 1, " of epoch ",
                                   epoch + 1, "; a smaller learning rate may help, and the data must not hold NaN"});
        }
        // No loss comes after the last step, to show what it did.
        if (!math::all_finite<V>(values, network::value_count)) {
            raise<training_error>({"fit: the parameters are not finite numbers after the last step of epoch ",
                                   epoch + 1, "; a smaller learning rate may help"});
        }
        return totals;
    }

    Model* model_;
    evaluator_type evaluator_;
    optimizer_state<T> state_;
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
