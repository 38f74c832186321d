#pragma once

#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/simd/long_sums.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Adds up the cells of a window: add(add(start, cell(row, column)), ...). The halves of a window with many cells are
/// added up apart: where many terms are added one after the other, rounding errors add up, too.
/// `Largest` is the number of cells that a window can have.
template <std::size_t Largest, class V, class Cell, class Add>
V fold_window(span_of_indices rows, span_of_indices columns, const V& start, const Cell& cell, const Add& add) {
    if constexpr (Largest > terms_of_block) {
        const std::size_t height = rows.end - rows.begin, width = columns.end - columns.begin;
        if (height * width > terms_of_block) {
            span_of_indices upper = rows, lower = rows, left = columns, right = columns;
            if (height > 1)
                upper.end = lower.begin = rows.begin + height / 2;
            else
                left.end = right.begin = columns.begin + width / 2;
            return add(fold_window<Largest>(upper, left, start, cell, add),
                       fold_window<Largest>(lower, right, start, cell, add));
        }
    }
    V result = start;
    for (std::size_t row = rows.begin; row < rows.end; ++row) {
        for (std::size_t column = columns.begin; column < columns.end; ++column)
            result = add(result, cell(row, column));
    }
    return result;
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
