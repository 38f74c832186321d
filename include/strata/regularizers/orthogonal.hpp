#pragma once

#include "strata/core/backend_epsilon.hpp"
#include "strata/core/number.hpp"
#include "strata/core/weight_rules.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What an OrthogonalRegularizer makes orthogonal to each other (Keras: `mode`).
enum class OrthogonalMode { rows, columns };

namespace detail {

/// `factor` times the mean of |u v| over all pairs u, v of rows (or columns) of a matrix that were divided by their
/// norms; and its gradient.
STRATA_OUT_OF_LINE inline double orthogonal_penalty(const weight_values<const double>& weights, double factor,
                                                    bool by_rows, std::span<double> gradient) {
    const std::size_t count = weights.extents[by_rows ? 0 : 1], size = weights.extents[by_rows ? 1 : 0];
    const auto place = [&](std::size_t vector, std::size_t k) {
        return by_rows ? vector * size + k : k * count + vector;
    };
    std::fill(gradient.begin(), gradient.end(), 0.0);
    if (count < 2) return 0;

    // One after the other: the vectors of length 1, the gradient with respect to each, and what each was divided by.
    std::vector<double>& scratch = weights.scratch;
    scratch.assign((2 * size + 1) * count, 0.0);
    double *const units = scratch.data(), *const slopes = units + size * count, *const scales = slopes + size * count;
    for (std::size_t i = 0; i < count; ++i) {
        double square = 0;
        for (std::size_t k = 0; k < size; ++k) square += weights.values[place(i, k)] * weights.values[place(i, k)];
        scales[i] = std::min(1 / std::sqrt(square), 1 / backend_epsilon);
        for (std::size_t k = 0; k < size; ++k) units[i * size + k] = weights.values[place(i, k)] * scales[i];
    }

    const double share = factor * 2 / (static_cast<double>(count) * static_cast<double>(count - 1));
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const double *const u = units + i * size, *const v = units + j * size;
            const double product = std::inner_product(u, u + size, v, 0.0);
            const double slope = product > 0 ? share : product < 0 ? -share : 0;
            sum += std::abs(product);
            for (std::size_t k = 0; k < size; ++k) {
                slopes[i * size + k] += slope * v[k];
                slopes[j * size + k] += slope * u[k];
            }
        }
    }

    // A change along a vector itself does not turn it.
    for (std::size_t i = 0; i < count; ++i) {
        const double *const u = units + i * size, *const slope = slopes + i * size;
        const double along = scales[i] < 1 / backend_epsilon ? std::inner_product(u, u + size, slope, 0.0) : 0;
        for (std::size_t k = 0; k < size; ++k) gradient[place(i, k)] = (slope[k] - along * u[k]) * scales[i];
    }
    return share * sum;
}

}  // namespace detail

/// Factor times the mean of the absolute products of any two rows, or columns, of a matrix, divided by their norms
/// (Keras: `OrthogonalRegularizer`): it draws them to be orthogonal. For parameters of two axes. Each step takes rows^2
/// columns multiplications, and one thread.
template <number Factor = 0.01, OrthogonalMode Mode = OrthogonalMode::rows> struct OrthogonalRegularizer {
    static_assert(Factor >= 0, "OrthogonalRegularizer: the factor must not be negative");
    static constexpr std::size_t rank = 2;

    static double penalty(const weight_values<const double>& weights, std::span<double> gradient) {
        return detail::orthogonal_penalty(weights, Factor, Mode == OrthogonalMode::rows, gradient);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::OrthogonalMode;
using authoring::OrthogonalRegularizer;
}  // namespace strata
