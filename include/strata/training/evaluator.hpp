#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/samples.hpp"
#include "strata/data/sample_source.hpp"
#include "strata/losses/loss.hpp"
#include "strata/metrics/metric.hpp"
#include "strata/model/input.hpp"
#include "strata/model/network_pass.hpp"
#include "strata/simd/memory.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_feed.hpp"
#include "strata/training/evaluation_order.hpp"
#include "strata/training/history.hpp"
#include "strata/training/options.hpp"
#include "strata/training/pack_losses.hpp"
#include "strata/training/progress_bar.hpp"
#include "strata/training/source_feed.hpp"
#include "strata/training/weight_penalties.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A model with a loss and metrics: all that evaluating it needs, with or without an optimizer that trains it. Refers
/// to the model, which has to outlive it.
///
///     const auto [loss, accuracy] = evaluator(model, SparseCategoricalCrossentropy{}, Accuracy{}).evaluate(x, y);
template <class Model, class Loss, class... Metrics> class evaluator {
    static_assert(
        requires { Model::parameter_count; }, "evaluator: the first argument must be a model, a Sequential");
    static_assert(loss_type<Loss>,
                  "evaluator: the second argument must be a loss, such as SparseCategoricalCrossentropy{}; one of your "
                  "own needs `target`, `check` and `value`: see losses/loss.hpp");
    static_assert((metric_type<Metrics> && ...),
                  "evaluator: what follows the loss must be a metric, such as Accuracy{}; one of your own needs `name` "
                  "and `value`: see metrics/metric.hpp");

    using T = typename Model::value_type;
    using V = pack<typename Model::precision>;
    using network = typename Model::network;
    using output = typename network::output;
    using target = typename Loss::template target<output>;
    static_assert(has_target_check<Loss, output>,
                  "the loss needs `template <class Output> void check(const array_ref& targets) const`: see "
                  "losses/loss.hpp");
    static_assert(has_loss_value<Loss, output, V>,
                  "the loss needs `template <class Output, bool Logits, class V> V value(const V* y, const V* target, "
                  "const V& weight, V* dy) const`: see losses/loss.hpp");
    static_assert(((has_metric_value<Metrics, output, target, V> || has_metric_state<Metrics, output, target> ||
                    loss_type<Metrics>)&&...),
                  "a metric needs `template <class Output, class Target, class V> V value(const V* y, const V* target) "
                  "const`, or `state`, `update_state` and `result`: see metrics/metric.hpp");

    static_assert(network::ends_with != last_activation::softmax || output::extents[output::rank - 1] > 1,
                  "Softmax: of a single output it is always 1, and nothing can be learned; for two classes end with "
                  "Dense<1, Sigmoid> and BinaryCrossentropy, or with Dense<2, Softmax> and class numbers");

    using losses = pack_losses<network, Loss, std::tuple<Metrics...>, V>;
    using pass = network_pass<network, V>;

public:
    using sums = typename losses::sums;

    evaluator(const Model& model, Loss loss, Metrics... metrics) : model_{&model}, loss_{loss}, metrics_{metrics...} {
        (check_metric(metrics), ...);
        if constexpr (network::ends_with_activation && requires { loss.from_logits; }) {
            if (loss.from_logits) {
                const char* const last = network::ends_with == last_activation::softmax ? "Softmax" : "Sigmoid";
                raise<value_error>({"from_logits: the model ends with ", last,
                                    ", so its outputs are no logits; leave out from_logits or the ", last});
            }
        }
    }

    /// It only refers to its model, so a temporary would be gone.
    template <class M = Model> evaluator(const Model&&, Loss, Metrics...) {
        static_assert(std::is_void_v<M>,
                      "evaluator: the model is a temporary and would be gone before it is evaluated; give it a name "
                      "first");
    }

    const Loss& loss() const { return loss_; }
    const std::tuple<Metrics...>& metrics() const { return metrics_; }

    /// Throws shape_error or value_error unless the data fit the model and the loss, or if the model was moved from.
    void require(const labelled_data& data, const char* caller) const {
        static_cast<void>(model_->values());
        detail::require_data(data, network::input::extents, target::extents, caller, advice_on_targets());
        require_values(data, caller);
    }

    /// The same for data whose shapes fit.
    void require_values(const labelled_data& data, const char* caller) const {
        require_input<network, V>(data.x, caller);
        loss_.template check<output>(data.y);
        std::apply([&](const auto&... metrics) { (check_targets_of_metric(metrics, data.y), ...); }, metrics_);
    }

    /// The loss, followed by the metrics, over the rows of x. Throws shape_error or value_error for data that do not
    /// fit.
    std::array<double, 1 + sizeof...(Metrics)> evaluate(const array_argument& x, const array_argument& y,
                                                        const evaluate_options& options = {}) const {
        const labelled_data data{x, y, options.sample_weight};
        require(data, "evaluate");
        if (x.samples() == 0) raise<value_error>({"evaluate: the data are empty"});
        if (options.batch_size == 0) raise<value_error>({"evaluate: batch_size must be at least 1"});
        return shown(x.samples(), options, [&] { return sums_over(data); });
    }

    /// The same over all samples of a source (data/sample_source.hpp), which are read batch by batch. Throws what it
    /// throws, too.
    template <class Source>
    std::array<double, 1 + sizeof...(Metrics)> evaluate(Source&& source, const evaluate_options& options = {}) const {
        static_cast<void>(model_->values());
        const source_ref samples(source);
        require(samples, "evaluate");
        if (options.batch_size == 0) raise<value_error>({"evaluate: batch_size must be at least 1"});
        if (!options.sample_weight.empty())
            raise<value_error>(
                {"evaluate: sample_weight: a source tells the weights itself, by the fourth argument "
                 "of its `read`"});
        return shown(samples.samples(), options, [&] { return sums_over(samples, options.batch_size, "evaluate"); });
    }

    /// The model's output for each sample of a source, as `predict` of the model has it for the rows of an array; the
    /// targets are read, and dropped. Throws what the source throws, too.
    template <class Source> auto predict(Source&& source, std::size_t batch_size = 256) const {
        static_cast<void>(model_->values());
        const source_ref samples(source);
        require(samples, "predict");
        if (batch_size == 0) raise<value_error>({"predict: batch_size must be at least 1"});
        const auto feed = feed_of(samples, std::min(batch_size, samples.samples()), "predict");
        std::vector<std::uint32_t> order(samples.samples());
        std::iota(order.begin(), order.end(), 0u);
        std::array<std::size_t, output::rank + 1> extents{order.size()};
        std::copy_n(output::extents.begin(), output::rank, extents.begin() + 1);
        tensor<T, output::rank + 1> result(extents);
        feed->begin(order, 0);
        for (std::size_t done = 0; done < order.size();) {
            const auto y = model_->predict(feed->batch().x);
            std::copy(y.begin(), y.end(), result.data() + done * output::size);
            done += y.shape()[0];
            feed->advance();
            feed->rethrow();
        }
        return result;
    }

    /// Throws value_error unless a source has samples, as many as can be counted.
    static void require(const source_ref& source, const char* caller) {
        if (source.samples() == 0) raise<value_error>({caller, ": the source has no samples"});
        if (source.samples() > std::numeric_limits<std::uint32_t>::max())
            raise<value_error>({caller, ": more than 2^32 - 1 samples"});
    }

    /// The batches of a source, which throws for those that do not fit.
    std::unique_ptr<batch_feed> feed_of(const source_ref& source, std::size_t batch_size, const char* caller,
                                        class_weights of_classes = {}) const {
        return std::make_unique<source_feed>(
            source, batch_size, network::input::extents, target::extents,
            [this, caller](const labelled_data& batch) { require_values(batch, caller); }, std::move(of_classes));
    }

    /// Sums over all samples, added in the order of the packs: those of groups of packs, then the groups. What
    /// regularizers add to the mean loss counts once for each sample. They lie on the heap, since the state of a metric
    /// of many classes is larger than a stack.
    std::unique_ptr<sums> sums_over(const labelled_data& data) const {
        const std::size_t samples = data.x.samples(), packs = packs_for<V>(samples);
        const std::size_t groups = std::min(packs, most_groups);
        std::vector<sums> of_group(groups);
        parallel(std::min(threads(), groups), [&](const team& all, std::size_t thread) {
            workspace mine;
            const auto my_groups = all.share(thread, groups);
            for (std::size_t g = my_groups.begin; g < my_groups.end; ++g) {
                for (std::size_t p = packs * g / groups; p < packs * (g + 1) / groups; ++p) {
                    std::array<std::size_t, lanes<V>> rows;
                    std::iota(rows.begin(), rows.end(), p * lanes<V>);
                    add_pack(data, {rows.data(), std::min(lanes<V>, samples - rows[0])}, mine, of_group[g]);
                }
            }
        });
        return sum_of(of_group, samples);
    }

    /// The same sums over all samples of a source, which is read in batches of about so many samples.
    std::unique_ptr<sums> sums_over(const source_ref& source, std::size_t batch_size, const char* caller) const {
        const evaluation_order order(source.samples(), lanes<V>, most_groups, threads(), batch_size);
        const auto feed = feed_of(source, order.batch_size(), caller);
        feed->begin(order.samples(), 0);
        std::vector<sums> of_group(order.groups());
        bool goes_on = true;  // written between two barriers
        parallel(order.streams(), [&](team& all, std::size_t thread) {
            workspace mine;
            const auto my_streams = all.share(thread, order.streams());
            for (std::size_t batch = 0; batch < order.batches() && goes_on; ++batch) {
                for (std::size_t stream = my_streams.begin; stream < my_streams.end; ++stream) {
                    order.for_each_pack(batch, stream, [&](std::size_t group, std::size_t row, std::size_t count) {
                        std::array<std::size_t, lanes<V>> rows;
                        std::iota(rows.begin(), rows.end(), row);
                        add_pack(feed->batch(), {rows.data(), count}, mine, of_group[group]);
                    });
                }
                all.barrier();
                if (thread == 0) goes_on = feed->advance();
                all.barrier();
            }
        });
        feed->rethrow();
        return sum_of(of_group, source.samples());
    }

    /// What a progress line shows of sums over so many samples.
    std::vector<named_value> means(const sums& totals, std::size_t samples) const {
        std::vector<named_value> values = shown_names();
        values[0].value = totals.loss / static_cast<double>(samples);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((values[1 + I].value = metric_result(std::get<I>(metrics_), std::get<I>(totals.metrics))), ...);
        }(std::index_sequence_for<Metrics...>{});
        return values;
    }

    /// The metrics' names, as they are shown, and which of their values are better.
    static std::vector<metric_info> metric_infos() {
        const std::vector<named_value> names = shown_names();
        std::vector<metric_info> infos;
        std::size_t number = 0;
        (infos.push_back({names[++number].name, detail::direction_of<Metrics>()}), ...);
        return infos;
    }

private:
    /// More threads than this have nothing to do in an evaluation.
    static constexpr std::size_t most_groups = 64;

    /// The sum of those of all groups of so many samples, with what regularizers add.
    std::unique_ptr<sums> sum_of(const std::vector<sums>& groups, std::size_t samples) const {
        auto all = std::make_unique<sums>();
        for (const sums& group : groups) *all += group;
        if constexpr (requires { loss_.counted(array_ref{}, pack_rows{}); })
            all->loss *= all->counted > 0 ? static_cast<double>(samples) / all->counted : 0;
        if constexpr (has_regularizers<network>) {
            all->loss += weight_penalties<network, T>().sum_at(model_->values().data()) * static_cast<double>(samples);
        }
        return all;
    }

    /// The values that `evaluate` returns, which it also shows.
    template <class Sums>
    std::array<double, 1 + sizeof...(Metrics)> shown(std::size_t samples, const evaluate_options& options,
                                                     Sums&& sums_of_all) const {
        progress_bar progress((samples + options.batch_size - 1) / options.batch_size, options.verbose);
        const std::vector<named_value> values = means(*sums_of_all(), samples);
        progress.finish(values);
        std::array<double, 1 + sizeof...(Metrics)> result;
        for (std::size_t i = 0; i < result.size(); ++i) result[i] = values[i].value;
        return result;
    }

    /// The loss and the metrics, without values.
    static std::vector<named_value> shown_names() {
        std::vector<named_value> values{{"loss", 0}};
        values.reserve(1 + sizeof...(Metrics));
        (values.push_back({detail::metric_name(values, Metrics::name, is_weighted<Metrics>), 0}), ...);
        return values;
    }

    /// Throws value_error for a setting of a metric that makes no sense.
    template <class Metric> static void check_metric(const Metric& metric) {
        if constexpr (requires { metric.check(); }) metric.check();
        if constexpr (requires { metric.template check_output<output>(); }) metric.template check_output<output>();
    }
    template <class Metric> static void check_targets_of_metric(const Metric& metric, const array_ref& targets) {
        if constexpr (loss_type<Metric>) metric.template check<output>(targets);
    }

    /// Whether a loss that stands for a metric takes the targets of the loss.
    template <class Metric> static constexpr bool takes_targets() {
        if constexpr (loss_type<Metric>)
            return std::is_same_v<typename Metric::template target<output>, target>;
        else
            return true;
    }
    static_assert((takes_targets<Metrics>() && ...),
                  "a loss that stands for a metric needs targets of the same shape as the loss itself: with class "
                  "numbers for one, the other cannot have rows");

    static constexpr std::string_view advice_on_targets() {
        if constexpr (requires { Loss::template advice_on_targets<output>; })
            return Loss::template advice_on_targets<output>;
        else
            return {};
    }

    /// What a thread needs: the cells of a prediction, and room for the gradient that a loss computes with its value.
    struct workspace {
        aligned_vector<V> cells = aligned_vector<V>(network::template inference_cells<V>);
        aligned_vector<V> gradient = aligned_vector<V>(output::size);
        losses of_pack{};
    };

    [[gnu::noinline]] void add_pack(const labelled_data& data, pack_rows rows, workspace& mine, sums& to) const {
        const T scale_of_input = static_cast<T>(authoring::scale_of_input<network, V>(data.x));
        const T* const values = model_->values().data();
        load_samples(data.x, network::input::size, rows, scale_of_input, mine.cells.data());
        const V* y = pass::template predict_range<0, losses::steps>(mine.cells.data(), values);
        mine.of_pack.run(
            data, rows, nullptr, loss_, metrics_, y, 1, T(1), mine.gradient.data(),
            [&] { return pass::template predict_range<losses::steps, network::depth>(mine.cells.data(), values); }, to);
    }

    const Model* model_;
    Loss loss_;
    std::tuple<Metrics...> metrics_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::evaluator;
}  // namespace strata
