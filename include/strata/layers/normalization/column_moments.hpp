#pragma once

#include "strata/core/errors.hpp"
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

/// Throws shape_error unless x has samples, and so many columns.
STRATA_OUT_OF_LINE inline column_moments moments_of_columns(const array_ref& x, std::size_t columns) {
    const auto extents = x.shape();
    if (extents.size() < 2 || extents.back() != columns)
        raise<shape_error>({"Normalization::adapt: an array with a last extent of ", columns, " is needed, ",
                            x.empty() ? "none" : shape_text(extents), " was given"});
    const std::size_t count = x.samples() * x.sample_size();
    if (count == 0) raise<shape_error>({"Normalization::adapt: an array without samples was given"});
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
