#pragma once

#include "strata/core/tensor.hpp"

#include <cstddef>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// Mean and variance of each place along the last axis.
struct column_moments {
    std::vector<double> mean, variance;
};

/// The moments over all but the last axis, in double precision. x has samples, and so many columns.
STRATA_OUT_OF_LINE inline column_moments moments_of_columns(const array_ref& x, std::size_t columns) {
    const std::size_t count = x.samples() * x.sample_size();
    column_moments moments{std::vector<double>(columns), std::vector<double>(columns)};
    const double share = static_cast<double>(columns) / static_cast<double>(count);
    x.visit([&](const auto* values) {
        for (std::size_t i = 0; i < count; ++i) moments.mean[i % columns] += static_cast<double>(values[i]);
        for (double& mean : moments.mean) mean *= share;
        for (std::size_t i = 0; i < count; ++i) {
            const double difference = static_cast<double>(values[i]) - moments.mean[i % columns];
            moments.variance[i % columns] += difference * difference;
        }
    });
    for (double& variance : moments.variance) variance *= share;
    return moments;
}

}  // namespace detail

}  // namespace STRATA_ISA
}  // namespace strata::authoring
