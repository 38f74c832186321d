#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Class numbers (N) or (N, 1) as rows (N, classes) with a 1 at the class and zeros else (Keras: `to_categorical`).
/// Without `classes` there are as many as the largest number says. Throws shape_error, and value_error for a label that
/// is not one of the numbers 0, ..., classes - 1.
[[nodiscard]] STRATA_OUT_OF_LINE inline tensor<float, 2> one_hot(const array_argument& labels,
                                                                 std::size_t classes = 0) {
    if (labels.shape().empty() || labels.sample_size() != 1)
        raise<shape_error>(
            {"one_hot: labels of shape (N) or (N, 1) are needed, ", shape_text(labels.shape()), " was given"});
    const std::size_t count = labels.samples();
    const bool counted = classes > 0;
    tensor<float, 2> rows;
    labels.visit([&](const auto* values) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto label = static_cast<double>(values[i]);
            if (!(label >= 0 && label < (counted ? static_cast<double>(classes) : 0x1p31) &&
                  label == std::floor(label)))
                raise<value_error>({"one_hot: label ", i, " is ", exact_text(label), ", class numbers from 0 to ",
                                    counted ? classes - 1 : (std::size_t{1} << 31) - 1, " are needed"});
            if (!counted) classes = std::max(classes, static_cast<std::size_t>(label) + 1);
        }
        rows = tensor<float, 2>(std::array<std::size_t, 2>{count, classes}, 0.0f);
        for (std::size_t i = 0; i < count; ++i) rows(i, static_cast<std::size_t>(values[i])) = 1;
    });
    return rows;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::one_hot;
}  // namespace strata
