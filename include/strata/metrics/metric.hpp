#pragma once

#include "strata/config.hpp"

#include <concepts>
#include <string_view>

/// What a metric is: a plain struct of its settings, with
///
///  - `name`: what progress lines and History call it;
///  - `value<Output, Target>(y, target)`: its value for each lane's sample, for output cells y and target cells of type
///    V; the mean over the samples is what is shown. `Output` is the shape of the model's output, `Target` that of the
///    targets of one sample;
///  - optionally `takes_logits`: with it set, y may be what a last Softmax would have been applied to, so that the
///    probabilities need not be computed.
///
/// docs/custom_loss.md has one of a program's own.
namespace strata::authoring {
inline namespace STRATA_ISA {

template <class Metric>
concept metric_type = requires {
    { Metric::name } -> std::convertible_to<std::string_view>;
};

template <class Metric, class Output, class Target, class V>
concept has_metric_value = requires(const Metric& metric, const V* cells) {
    { metric.template value<Output, Target>(cells, cells) } -> std::convertible_to<V>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
