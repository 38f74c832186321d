#pragma once

#include "strata/core/errors.hpp"
#include "strata/metrics/metric.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The weight of positive and of negative targets whose output lies between two neighbouring thresholds.
template <std::size_t Thresholds> struct threshold_counts {
    std::array<double, Thresholds> positives{}, negatives{};

    threshold_counts& operator+=(const threshold_counts& other) {
        for (std::size_t i = 0; i < Thresholds; ++i) {
            positives[i] += other.positives[i];
            negatives[i] += other.negatives[i];
        }
        return *this;
    }
};

/// What lies above a threshold.
struct counts_above {
    double true_positives = 0, false_positives = 0;
};

/// The area under the points (x, y) of two neighbouring thresholds: `low` is the lower one, which has more above it.
STRATA_OUT_OF_LINE inline double area_of_roc(const counts_above& low, const counts_above& high, double positives,
                                             double negatives) {
    const double width = ratio_or_zero(low.false_positives, negatives) - ratio_or_zero(high.false_positives, negatives);
    return width * (ratio_or_zero(low.true_positives, positives) + ratio_or_zero(high.true_positives, positives)) / 2;
}

/// The same of precision over recall, interpolated as Davis and Goadrich (2006) do: true positives grow linearly with
/// what is taken for positive.
STRATA_OUT_OF_LINE inline double area_of_precision_recall(const counts_above& low, const counts_above& high,
                                                          double positives) {
    const double more = low.true_positives - high.true_positives;
    const double low_count = low.true_positives + low.false_positives;
    const double high_count = high.true_positives + high.false_positives;
    const double slope = low_count == high_count ? 0 : more / (low_count - high_count);
    const double intercept = high.true_positives - slope * high_count;
    const double ratio = low_count > 0 && high_count > 0 ? low_count / high_count : 1;
    return positives == 0 ? 0 : slope * (more + intercept * std::log(ratio)) / positives;
}

}  // namespace detail

/// The curve whose area AUC computes: true over false positive rate, or precision over recall.
enum class Curve { ROC, PR };

/// The area under a curve that thresholds draw, evenly spaced in [0, 1] (Keras: `AUC`, with its interpolation). All
/// outputs of a sample count, each with a target of its own, 0 or 1. Outputs are probabilities: end with a Sigmoid.
template <std::size_t Thresholds> struct AUCWithThresholds {
    static_assert(Thresholds >= 2, "AUC: at least 2 thresholds");

    Curve curve = Curve::ROC;

    static constexpr std::string_view name = "auc";
    static constexpr metric_direction direction = metric_direction::up;

    template <class Output, class Target> struct state : detail::threshold_counts<Thresholds> {
        static_assert(Output::size == Target::size,
                      "AUC: each output needs a target of its own, 0 or 1: a sigmoid with labels of shape (N, 1), or "
                      "one-hot rows in place of class numbers");
    };

    template <class Output, class Target>
    void update_state(detail::threshold_counts<Thresholds>& counts, std::span<const double> y,
                      std::span<const double> target, double weight) const {
        for (std::size_t i = 0; i < y.size(); ++i) {
            // An output has to lie above a threshold; what is NaN lies above none.
            const double place = std::ceil(std::clamp(y[i], 0.0, 1.0) * double(Thresholds - 1)) - 1;
            (target[i] != 0 ? counts.positives : counts.negatives)[place > 0 ? std::size_t(place) : 0] += weight;
        }
    }

    double result(const detail::threshold_counts<Thresholds>& counts) const {
        double positives = 0, negatives = 0, area = 0;
        for (std::size_t i = 0; i < Thresholds; ++i) {
            positives += counts.positives[i];
            negatives += counts.negatives[i];
        }
        detail::counts_above high;
        for (std::size_t i = Thresholds; i-- > 0;) {
            const detail::counts_above low{high.true_positives + counts.positives[i],
                                           high.false_positives + counts.negatives[i]};
            area += curve == Curve::ROC ? detail::area_of_roc(low, high, positives, negatives)
                                        : detail::area_of_precision_recall(low, high, positives);
            high = low;
        }
        return area;
    }
};

/// With Keras' 200 thresholds.
using AUC = AUCWithThresholds<200>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::AUC;
using authoring::AUCWithThresholds;
using authoring::Curve;
}  // namespace strata
