#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/core/text.hpp"
#include "strata/metrics/metric.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

/// Precision and recall: outputs above a threshold are taken as positive.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// How many outputs, by weight, were taken for positive or negative, and rightly or not.
struct binary_counts {
    double true_positives = 0, false_positives = 0, false_negatives = 0;

    binary_counts& operator+=(const binary_counts& other) {
        true_positives += other.true_positives;
        false_positives += other.false_positives;
        false_negatives += other.false_negatives;
        return *this;
    }

    /// An output that was taken for positive or not, and how much of it should have been, in [0, 1].
    void count(bool predicted, double expected, double weight) {
        if (predicted) {
            true_positives += weight * expected;
            false_positives += weight * (1 - expected);
        } else {
            false_negatives += weight * expected;
        }
    }
};

namespace detail {

/// What precision and recall share. Each output is compared with a target of its own.
template <class Output, class Target> struct counts_of_outputs : binary_counts {
    static_assert(Output::size == Target::size,
                  "Precision, Recall: each output needs a target of its own, 0 or 1: a sigmoid with labels of shape "
                  "(N, 1), or one-hot rows in place of class numbers");
};

}  // namespace detail

/// Of which positives a share is right: of the outputs, or of the targets.
enum class positives { predicted, expected };

/// Precision and Recall. Each output above `threshold` is positive; with `class_id` only that output counts.
template <positives Of> struct share_of_positives {
    double threshold = 0.5;
    std::optional<std::size_t> class_id{};

    static constexpr std::string_view name = Of == positives::predicted ? "precision" : "recall";
    static constexpr metric_direction direction = metric_direction::up;

    void check() const { setting_checks(keras_class).at_most_one("threshold", threshold); }
    template <class Output> void check_output() const {
        constexpr std::size_t columns = Output::extents[Output::rank - 1];
        if (class_id && *class_id >= columns)
            raise<value_error>({keras_class, ": class_id is ", *class_id, ", but the model has ", columns, " outputs"});
    }

    template <class Output, class Target> using state = detail::counts_of_outputs<Output, Target>;

    /// With a class_id, of each row along the last axis only that output.
    template <class Output, class Target>
    void update_state(binary_counts& counts, std::span<const double> y, std::span<const double> target,
                      double weight) const {
        constexpr std::size_t columns = Output::extents[Output::rank - 1];
        for (std::size_t i = class_id.value_or(0); i < y.size(); i += class_id ? columns : 1)
            counts.count(y[i] > threshold, target[i] != 0 ? 1 : 0, weight);
    }

    double result(const binary_counts& counts) const {
        const double wrong = Of == positives::predicted ? counts.false_positives : counts.false_negatives;
        return detail::ratio_or_zero(counts.true_positives, counts.true_positives + wrong);
    }

private:
    static constexpr std::string_view keras_class = Of == positives::predicted ? "Precision" : "Recall";
};

/// The share of positive outputs that are right: TP / (TP + FP), 0 without any (Keras: `Precision`).
using Precision = share_of_positives<positives::predicted>;

/// The share of positive targets that are found: TP / (TP + FN), 0 without any (Keras: `Recall`).
using Recall = share_of_positives<positives::expected>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Precision;
using authoring::Recall;
}  // namespace strata
