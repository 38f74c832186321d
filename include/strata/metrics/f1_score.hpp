#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/losses/loss.hpp"
#include "strata/metrics/class_counts.hpp"
#include "strata/metrics/metric.hpp"
#include "strata/metrics/precision_recall.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// How the scores of all classes become one number: their mean, one score of all counts together, or a mean in which
/// each class counts as often as it is expected.
enum class Averaging { macro, micro, weighted };

namespace detail {

/// The counts of each class.
template <std::size_t Classes> struct counts_of_classes {
    std::array<binary_counts, Classes> of_class{};

    counts_of_classes& operator+=(const counts_of_classes& other) {
        for (std::size_t k = 0; k < Classes; ++k) of_class[k] += other.of_class[k];
        return *this;
    }
};

/// The settings of F1Score and what it does, for any beta.
struct f_score {
    Averaging average = Averaging::macro;
    double beta = 1;

    double of(const binary_counts& counts) const {
        const double positives = counts.true_positives;
        const double precision = positives / (positives + counts.false_positives + backend_epsilon);
        const double recall = positives / (positives + counts.false_negatives + backend_epsilon);
        return (1 + beta * beta) * precision * recall / (beta * beta * precision + recall + backend_epsilon);
    }

    double of(std::span<const binary_counts> classes) const {
        if (average == Averaging::micro) {
            binary_counts all;
            for (const binary_counts& counts : classes) all += counts;
            return of(all);
        }
        double sum = 0, weights = 0;
        for (const binary_counts& counts : classes) {
            const double weight = average == Averaging::macro ? 1 : counts.true_positives + counts.false_negatives;
            sum += of(counts) * weight;
            weights += weight;
        }
        return weights == 0 ? 0 : sum / weights;
    }
};

}  // namespace detail

/// (1 + beta^2) precision recall / (beta^2 precision + recall) of each class, averaged (Keras: `FBetaScore`, with the
/// average of the classes in place of a score for each; classification_report prints those). Without a threshold the
/// largest output of a row is the predicted class. Targets are class numbers or one-hot rows.
struct FBetaScore {
    Averaging average = Averaging::macro;
    double beta = 1;
    std::optional<double> threshold{};

    static constexpr std::string_view name = "fbeta_score";
    static constexpr metric_direction direction = metric_direction::up;

    void check() const { setting_checks("FBetaScore").positive("beta", beta); }

    template <class Output, class Target> using state = detail::counts_of_classes<class_rows<Output, Target>::classes>;

    template <class Output, class Target>
    void update_state(state<Output, Target>& counts, std::span<const double> y, std::span<const double> target,
                      double weight) const {
        using rows = class_rows<Output, Target>;
        for (std::size_t row = 0; row < rows::rows; ++row) {
            const auto outputs = rows::row_of(y, row);
            const double largest = outputs[rows::largest(outputs)];
            for (std::size_t k = 0; k < rows::classes; ++k) {
                const bool predicted =
                    threshold ? outputs[k] > *threshold : outputs[k] >= largest && std::abs(outputs[k]) > 1e-9;
                counts.of_class[k].count(predicted, rows::expected(target, row, k), weight);
            }
        }
    }

    template <std::size_t Classes> double result(const detail::counts_of_classes<Classes>& counts) const {
        return detail::f_score{average, beta}.of(counts.of_class);
    }
};

/// FBetaScore with a beta of 1: the harmonic mean of precision and recall (Keras: `F1Score`).
struct F1Score {
    Averaging average = Averaging::macro;
    std::optional<double> threshold{};

    static constexpr std::string_view name = "f1_score";
    static constexpr metric_direction direction = metric_direction::up;

    template <class Output, class Target> using state = FBetaScore::state<Output, Target>;

    template <class Output, class Target>
    void update_state(state<Output, Target>& counts, std::span<const double> y, std::span<const double> target,
                      double weight) const {
        FBetaScore{.threshold = threshold}.update_state<Output, Target>(counts, y, target, weight);
    }

    template <std::size_t Classes> double result(const detail::counts_of_classes<Classes>& counts) const {
        return detail::f_score{average, 1}.of(counts.of_class);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Averaging;
using authoring::F1Score;
using authoring::FBetaScore;
}  // namespace strata
