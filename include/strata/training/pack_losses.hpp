#pragma once

#include "strata/core/last_activation.hpp"
#include "strata/core/samples.hpp"
#include "strata/losses/loss.hpp"
#include "strata/metrics/metric.hpp"
#include "strata/simd/memory.hpp"
#include "strata/training/options.hpp"
#include "strata/training/pack_samples.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Sums over samples: of the loss, and the state of each metric.
template <class... States> struct running_sums {
    double loss = 0;
    double counted = 0;  ///< how many samples count, for a loss that leaves some out
    std::tuple<States...> metrics{};

    running_sums& operator+=(const running_sums& other) {
        loss += other.loss;
        counted += other.counted;
        add_metrics(other);
        return *this;
    }

    void add_metrics(const running_sums& other) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            ((std::get<I>(metrics) += std::get<I>(other.metrics)), ...);
        }(std::index_sequence_for<States...>{});
    }

    /// Begins anew. In place: the state of a metric of many classes is larger than a thread's stack.
    void clear() {
        std::destroy_at(this);
        std::construct_at(this);
    }
};

namespace detail {

template <class Metrics, class Output, class Target> struct sums_of;
template <class... Metrics, class Output, class Target> struct sums_of<std::tuple<Metrics...>, Output, Target> {
    using type = running_sums<metric_state<Metrics, Output, Target>...>;

    static constexpr bool has_states = (has_metric_state<Metrics, Output, Target> || ...);
    static constexpr bool has_losses = (loss_type<Metrics> || ...);
};

}  // namespace detail

/// The loss and the metrics of one pack of samples.
template <class Network, class Loss, class Metrics, class V> class pack_losses {
    using T = scalar_t<V>;
    using output = typename Network::output;
    using target = typename Loss::template target<output>;

    /// A cross-entropy takes the place of a last Softmax or Sigmoid: one step less is run.
    static constexpr bool logits = replaces_last_activation<Loss, Network>;

    /// Whether a metric sees what the loss sees: a loss that takes the place of the same activation, or one of classes,
    /// which are the same before a last Softmax.
    template <class Metric>
    static constexpr bool takes_logits =
        replaces_last_activation<Metric, Network> ||
        (Network::ends_with == last_activation::softmax && requires { requires Metric::takes_logits; });
    template <std::size_t I>
    static constexpr bool sees_logits = !logits || takes_logits<std::tuple_element_t<I, Metrics>>;

    using every_metric = std::make_index_sequence<std::tuple_size_v<Metrics>>;
    using sums_type = detail::sums_of<Metrics, output, target>;

public:
    using sums = typename sums_type::type;

    /// How many steps of the network come before the loss.
    static constexpr std::size_t steps = Network::depth - (logits ? 1 : 0);

    pack_losses()
        : target_(target::size),
          gradient_of_metric_(sums_type::has_losses ? output::size : 0),
          sample_(sums_type::has_states ? output::size + target::size : 0) {}

    /// Adds the pack's loss, times `share`, and metrics to `to`, computed from y, the result of those steps; writes the
    /// gradient of the loss with respect to y, times `scale`, to dy. Targets and weights are mixed with those of
    /// `mixed`, unless it is null. `outputs()` runs the rest of the network, for metrics that need it.
    template <class Outputs>
    void run(const labelled_data& data, pack_rows rows, const mixed_samples<V>* mixed, const Loss& loss,
             const Metrics& metrics, const V* y, double share, T scale, V* dy, Outputs&& outputs, sums& to) {
        load_samples(data.y, target::size, rows, T(1), target_.data());
        V weight = load_weights(data.sample_weight, rows);
        if constexpr (mixes_targets<Loss, output>) {
            if (mixed != nullptr) mix(data, rows.size(), *mixed, weight);
        }
        const V losses = loss.template value<output, logits>(y, target_.data(), weight * V(scale), dy);
        to.loss += share * sum_of_samples(losses * weight, rows.size());
        if constexpr (requires { loss.counted(data.y, rows); }) to.counted += loss.counted(data.y, rows);
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            const auto measure_if = [&](auto i, auto wanted, const V* seen) {
                if constexpr (sees_logits<i> == wanted)
                    measure<wanted>(std::get<i>(metrics), seen, weight, rows.size(), std::get<i>(to.metrics));
            };
            (measure_if(std::integral_constant<std::size_t, I>{}, std::true_type{}, y), ...);
            if constexpr (!(sees_logits<I> && ...)) {
                const V* const results = outputs();
                (measure_if(std::integral_constant<std::size_t, I>{}, std::false_type{}, results), ...);
            }
        }(every_metric{});
    }

    /// Writes the gradient of the pack's loss with respect to y, times `scale`, to dy.
    void gradient(const labelled_data& data, pack_rows rows, const Loss& loss, const V* y, T scale, V* dy) {
        load_samples(data.y, target::size, rows, T(1), target_.data());
        loss.template value<output, logits>(y, target_.data(), load_weights(data.sample_weight, rows) * V(scale), dy);
    }

    /// Throws value_error where the settings of a loss leave it without second derivatives.
    static void require_second_derivatives(const Loss& loss) {
        if constexpr (requires { loss.template check_second_derivatives<logits>(); })
            loss.template check_second_derivatives<logits>();
    }

    /// Writes the second derivatives of the pack's loss with respect to y, times `scale`, to `to`.
    void second_derivatives(const labelled_data& data, pack_rows rows, const Loss& loss, const V* y, T scale, V* to) {
        static_assert(has_second_derivatives<Loss, output, logits, V>,
                      "gauss_newton_diagonal, StochasticDiagonalLM: the loss has no `second_derivatives` with respect "
                      "to the outputs of this network (see losses/loss.hpp)");
        load_samples(data.y, target::size, rows, T(1), target_.data());
        const V weight = load_weights(data.sample_weight, rows) * V(scale);
        loss.template second_derivatives<output, logits>(y, target_.data(), weight, to);
    }

private:
    /// Mixes targets and weights with those of other samples.
    void mix(const labelled_data& data, std::size_t count, const mixed_samples<V>& mixed, V& weight) {
        const pack_rows rows(mixed.rows.data(), count);
        const V rest = V(T(1)) - mixed.own;
        const auto add = [&](V& own, const V& other) { own = multiply_add(rest, other, mixed.own * own); };
        others_.resize(target::size);
        load_samples(data.y, target::size, rows, T(1), others_.data());
        for (std::size_t i = 0; i < target::size; ++i) add(target_[i], others_[i]);
        if (!data.sample_weight.empty()) add(weight, load_weights(data.sample_weight, rows));
    }

    /// Adds what a metric makes of the samples of a pack.
    template <bool Logits, class Metric>
    void measure(const Metric& metric, const V* seen, const V& weight, std::size_t count,
                 metric_state<Metric, output, target>& to) {
        if constexpr (has_metric_state<Metric, output, target>) {
            for (std::size_t n = 0; n < count; ++n) {
                const auto copy_sample = [&](const V* cells, std::size_t size, double* values) {
                    for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<double>(as_lanes(cells + i)[n]);
                };
                copy_sample(seen, output::size, sample_.data());
                copy_sample(target_.data(), target::size, sample_.data() + output::size);
                const std::span<const double> values = sample_;
                metric.template update_state<output, target>(
                    to, values.first(output::size), values.subspan(output::size),
                    is_weighted<Metric> ? static_cast<double>(as_lanes(&weight)[n]) : 1.0);
            }
        } else {
            V values;
            if constexpr (loss_type<Metric>) {
                constexpr bool of_logits = Logits && logits;
                values =
                    metric.template value<output, of_logits>(seen, target_.data(), V(T(0)), gradient_of_metric_.data());
                if constexpr (detail::is_similarity<Metric>) values = -values;
            } else {
                values = metric.template value<output, target>(seen, target_.data());
            }
            to += is_weighted<Metric>
                      ? mean_state{sum_of_samples(values * weight, count), sum_of_samples(weight, count)}
                      : mean_state{sum_of_samples(values, count), static_cast<double>(count)};
        }
    }

    static V load_weights(const array_ref& weights, pack_rows rows) {
        V weight(T(1));
        if (!weights.empty()) load_samples(weights, 1, rows, T(1), &weight);
        for (std::size_t n = rows.size(); n < lanes<V>; ++n) as_lanes(&weight)[n] = T(0);
        return weight;
    }

    static double sum_of_samples(const V& values, std::size_t count) {
        double sum = 0;
        for (std::size_t n = 0; n < count; ++n) sum += static_cast<double>(as_lanes(&values)[n]);
        return sum;
    }

    aligned_vector<V> target_, others_;     // others_: those that are mixed in
    aligned_vector<V> gradient_of_metric_;  // a loss computes it with its value
    std::vector<double> sample_;            // outputs, then targets
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
