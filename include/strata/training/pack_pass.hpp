#pragma once

#include "strata/core/samples.hpp"
#include "strata/simd/memory.hpp"
#include "strata/training/options.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <tuple>
#include <utility>

namespace strata {
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

/// One pack of samples on its way through a network and a loss, and back; the workspace of one thread.
template <class Network, class Loss, class Metrics, class V> class pack_pass {
    using T = scalar_t<V>;
    using target = typename Loss::template target<typename Network::output>;

    /// A cross-entropy takes the place of a last Softmax: one stage less is run.
    static constexpr bool logits = Loss::takes_logits && Network::ends_with_softmax;
    static constexpr std::size_t stages = Network::depth - (logits ? 1 : 0);

    /// Whether a metric sees what the loss sees.
    template <class Metric>
    static constexpr bool metric_takes_logits = !logits || requires { requires Metric::takes_logits; };

public:
    using sums = running_sums<std::tuple_size_v<Metrics>>;

    pack_pass() : cells_(Network::template training_cells<V>), target_(target::size) {}

    /// Loads the samples that `rows` names, at most one a lane, and computes their loss and metrics. With Train also
    /// adds the gradient of the loss, times `scale`, to `gradients`; joint gradients are left out where `kept` is not
    /// null, see network::backward. Not inlined: trainers with other optimizers call the same code.
    template <bool Train>
    [[gnu::noinline]] sums run(const labelled_data& data, T input_scale, std::span<const std::size_t> rows,
                               const Loss& loss, const Metrics& metrics, const T* parameters, T scale, T* gradients,
                               [[maybe_unused]] V* kept = nullptr) {
        load_samples(data.x, Network::input::size, rows, input_scale, cells_.data());
        load_samples(data.y, target::size, rows, T(1), target_.data());
        const V weight = load_weights(data.sample_weight, rows);

        const V* y = Network::template forward<stages>(cells_.data(), parameters);
        V* dy = Network::output_gradient(cells_.data());
        const V losses =
            loss.template value<typename Network::output, logits>(y, target_.data(), weight * V(scale), dy);

        sums result;
        result.loss = sum_of_samples(losses * weight, rows.size());
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            const V* outputs = y;
            if constexpr (!(metric_takes_logits<std::tuple_element_t<I, Metrics>> && ...)) {
                outputs = Network::template forward_last<stages>(cells_.data(), parameters);
            }
            ((result.metrics[I] = sum_of_samples(
                  std::get<I>(metrics).template value<typename Network::output, target>(
                      metric_takes_logits<std::tuple_element_t<I, Metrics>> ? y : outputs, target_.data()),
                  rows.size())),
             ...);
        }(std::make_index_sequence<std::tuple_size_v<Metrics>>{});
        if constexpr (Train) Network::template backward<stages>(cells_.data(), parameters, gradients, kept);
        return result;
    }

private:
    static V load_weights(const array_ref& weights, std::span<const std::size_t> rows) {
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

    aligned_vector<V> cells_;
    aligned_vector<V> target_;
};

}  // namespace STRATA_ISA
}  // namespace strata
