#pragma once

#include "strata/core/samples.hpp"
#include "strata/simd/memory.hpp"
#include "strata/training/options.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <tuple>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Sums over samples: of the loss, and of each metric.
template <std::size_t Metrics> struct running_sums {
    double loss = 0;
    std::array<double, Metrics> metrics{};

    running_sums& operator+=(const running_sums& other) {
        loss += other.loss;
        for (std::size_t i = 0; i < Metrics; ++i) metrics[i] += other.metrics[i];
        return *this;
    }
};

/// The samples of a pack: which rows of the data they are, at most one for each lane.
using pack_rows = std::span<const std::size_t>;

/// The loss and the metrics of one pack of samples.
template <class Network, class Loss, class Metrics, class V> class pack_losses {
    using T = scalar_t<V>;
    using output = typename Network::output;
    using target = typename Loss::template target<output>;

    /// A cross-entropy takes the place of a last Softmax: one step less is run.
    static constexpr bool logits = Loss::takes_logits && Network::ends_with_softmax;

    /// Whether a metric sees what the loss sees.
    template <std::size_t I>
    static constexpr bool sees_logits =
        !logits || requires { requires std::tuple_element_t<I, Metrics>::takes_logits; };

    using every_metric = std::make_index_sequence<std::tuple_size_v<Metrics>>;

public:
    using sums = running_sums<std::tuple_size_v<Metrics>>;

    /// How many steps of the network come before the loss.
    static constexpr std::size_t steps = Network::depth - (logits ? 1 : 0);

    pack_losses() : target_(target::size) {}

    /// Computes both from y, the result of those steps; writes the gradient of the loss with respect to y, times
    /// `scale`, to dy. `outputs()` runs the rest of the network, for metrics that need it.
    template <class Outputs>
    sums run(const labelled_data& data, pack_rows rows, const Loss& loss, const Metrics& metrics, const V* y, T scale,
             V* dy, Outputs&& outputs) {
        load_samples(data.y, target::size, rows, T(1), target_.data());
        const V weight = load_weights(data.sample_weight, rows);
        const V losses = loss.template value<output, logits>(y, target_.data(), weight * V(scale), dy);
        sums result;
        result.loss = sum_of_samples(losses * weight, rows.size());
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            const auto measure = [&](auto i, const V* seen) {
                result.metrics[i] = sum_of_samples(
                    std::get<i>(metrics).template value<output, target>(seen, target_.data()), rows.size());
            };
            const auto measure_if = [&](auto i, auto wanted, const V* seen) {
                if constexpr (sees_logits<i> == wanted) measure(i, seen);
            };
            (measure_if(std::integral_constant<std::size_t, I>{}, std::true_type{}, y), ...);
            if constexpr (!(sees_logits<I> && ...)) {
                const V* const results = outputs();
                (measure_if(std::integral_constant<std::size_t, I>{}, std::false_type{}, results), ...);
            }
        }(every_metric{});
        return result;
    }

private:
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

    aligned_vector<V> target_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
