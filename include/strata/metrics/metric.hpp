#pragma once

#include "strata/config.hpp"
#include "strata/losses/loss.hpp"

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// What a metric is: a plain struct of its settings, with
///
///  - `name`: what progress lines and History call it;
///  - optionally `direction`: metric_direction::up where more is better, metric_direction::down where less is:
///    callbacks that monitor the metric ask for it;
///  - optionally `check()` and `check_output<Output>()`: throw value_error where a setting makes no sense.
///
/// A metric that is a mean over samples has
///
///  - `value<Output, Target>(y, target)`: its value for each lane's sample, for output cells y and target cells of type
///    V. `Output` is the shape of the model's output, `Target` that of the targets of one sample;
///  - optionally `takes_logits`: with it set, y may be what a last Softmax would have been applied to, so that the
///    probabilities need not be computed.
///
/// Any other metric has, as Keras' metrics do,
///
///  - `state<Output, Target>`: sums over samples, which start as none and are merged by +=, always in the same order;
///  - `update_state<Output, Target>(state, y, target, weight)`: counts one sample, its outputs and targets as
///    std::span<const double>;
///  - `result(state)`: the metric, a double.
///
/// A loss may stand for a metric, too: that is its mean over samples. docs/custom_loss.md has a metric of a program's
/// own.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Which values of a metric are better.
enum class metric_direction { unknown, up, down };

template <class Metric>
concept metric_type = requires {
    { Metric::name } -> std::convertible_to<std::string_view>;
};

/// A metric that is a mean over samples.
template <class Metric, class Output, class Target, class V>
concept has_metric_value = requires(const Metric& metric, const V* cells) {
    { metric.template value<Output, Target>(cells, cells) } -> std::convertible_to<V>;
};

/// A metric that keeps sums of its own.
template <class Metric, class Output, class Target>
concept has_metric_state = requires(const Metric& metric, typename Metric::template state<Output, Target>& state,
                                    std::span<const double> values) {
    metric.template update_state<Output, Target>(state, values, values, 1.0);
    state += state;
    { metric.result(state) } -> std::convertible_to<double>;
};

namespace detail {

inline double ratio_or_zero(double part, double whole) { return whole == 0 ? 0 : part / whole; }

}  // namespace detail

/// The state of a mean over samples.
struct mean_state {
    double sum = 0, weight = 0;

    mean_state& operator+=(const mean_state& other) {
        sum += other.sum;
        weight += other.weight;
        return *this;
    }

    double result() const { return detail::ratio_or_zero(sum, weight); }
};

namespace detail {

template <class Metric, class Output, class Target> struct state_of_metric {
    using type = mean_state;
};
template <class Metric, class Output, class Target>
    requires requires { typename Metric::template state<Output, Target>; }
struct state_of_metric<Metric, Output, Target> {
    using type = typename Metric::template state<Output, Target>;
};

/// Whether a loss is the negative of a similarity, which as a metric is that itself.
template <class Metric> inline constexpr bool is_similarity = requires { requires Metric::is_similarity; };

template <class Metric> constexpr metric_direction direction_of() {
    if constexpr (requires { Metric::direction; })
        return Metric::direction;
    else if constexpr (loss_type<Metric>)
        return is_similarity<Metric> ? metric_direction::up : metric_direction::down;
    else
        return metric_direction::unknown;
}

}  // namespace detail

/// The name of a metric and which of its values are better.
struct metric_info {
    std::string name;
    metric_direction direction = metric_direction::unknown;
};

/// What is summed up over samples for a metric.
template <class Metric, class Output, class Target>
using metric_state = typename detail::state_of_metric<Metric, Output, Target>::type;

/// The metric of all samples that a state has seen.
template <class Metric, class State> double metric_result(const Metric& metric, const State& state) {
    if constexpr (requires { metric.result(state); })
        return metric.result(state);
    else
        return state.result();
}

/// Whether a metric counts each sample by its weight.
template <class Metric> inline constexpr bool is_weighted = requires { requires Metric::is_weighted; };

/// A metric in which each sample counts as much as its sample_weight says (Keras: `weighted_metrics`). Beside the same
/// metric without weights it is shown as `weighted_…`.
///
///     auto training = compile(model, Adam{}, BinaryCrossentropy{}, Accuracy{}, Weighted{Accuracy{}});
template <class Metric> struct Weighted : Metric {
    static constexpr bool is_weighted = true;
};
template <class Metric> Weighted(Metric) -> Weighted<Metric>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Weighted;
}  // namespace strata
