#pragma once

#include "strata/metrics/metric.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

/// Metrics of regression that are no loss; MeanSquaredError, MeanAbsoluteError and every other loss is a metric as it
/// is.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The square root of the mean squared difference (Keras: `RootMeanSquaredError`).
struct RootMeanSquaredError {
    static constexpr std::string_view name = "root_mean_squared_error";
    static constexpr metric_direction direction = metric_direction::down;

    template <class Output, class Target> struct state : mean_state {
        static_assert(Output::size == Target::size, "RootMeanSquaredError: each output needs a target of its own");
    };

    template <class Output, class Target>
    void update_state(mean_state& squares, std::span<const double> y, std::span<const double> target,
                      double weight) const {
        for (std::size_t i = 0; i < y.size(); ++i)
            squares += {weight * (y[i] - target[i]) * (y[i] - target[i]), weight};
    }

    double result(const mean_state& squares) const { return std::sqrt(squares.result()); }
};

namespace detail {

/// The mean and the squared distances from it, which merge without cancellation (Chan, Golub, LeVeque 1979), and the
/// squared errors.
struct variance_sums {
    double weight = 0, mean = 0, variation = 0, errors = 0;

    variance_sums& operator+=(const variance_sums& other) {
        const double sum = weight + other.weight;
        if (sum == 0) return *this;
        const double distance = other.mean - mean, share = other.weight / sum;
        mean += distance * share;
        variation += other.variation + distance * distance * weight * share;
        errors += other.errors;
        weight = sum;
        return *this;
    }
};

}  // namespace detail

/// The coefficient of determination: 1 - squared errors / squared distances of the targets from their mean, the mean
/// over the outputs (Keras: `R2Score`, uniform_average). It is 0 where all targets are equal.
struct R2Score {
    static constexpr std::string_view name = "r2_score";
    static constexpr metric_direction direction = metric_direction::up;

    template <class Output, class Target> struct state {
        static_assert(Output::size == Target::size, "R2Score: each output needs a target of its own");
        std::array<detail::variance_sums, Output::size> outputs{};

        state& operator+=(const state& other) {
            for (std::size_t i = 0; i < Output::size; ++i) outputs[i] += other.outputs[i];
            return *this;
        }
    };

    template <class Output, class Target>
    void update_state(state<Output, Target>& seen, std::span<const double> y, std::span<const double> target,
                      double weight) const {
        for (std::size_t i = 0; i < y.size(); ++i)
            seen.outputs[i] += {weight, target[i], 0, weight * (y[i] - target[i]) * (y[i] - target[i])};
    }

    double result(const auto& seen) const {
        double sum = 0;
        for (const detail::variance_sums& output : seen.outputs)
            sum += output.variation == 0 ? 0 : 1 - output.errors / output.variation;
        return sum / static_cast<double>(seen.outputs.size());
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::R2Score;
using authoring::RootMeanSquaredError;
}  // namespace strata
