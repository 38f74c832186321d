#pragma once

#include "strata/kernels/tile.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>

/// Products of two matrices of cells: unlike the weights of a dense layer, both are others in each sample.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// How far apart neighbouring rows and neighbouring columns of a matrix lie.
struct matrix_strides {
    std::size_t row = 1;
    std::size_t column = 1;

    constexpr matrix_strides transposed() const { return {column, row}; }
};

/// Which cells of a matrix are not zero by their place.
enum class triangle { none, lower, upper };

/// y = a b, of rows x terms and terms x columns; the columns of y lie side by side.
struct matrix_product {
    std::size_t rows, columns, terms;
    matrix_strides a, b;
    std::size_t y_row;                     ///< how far apart the rows of y lie
    triangle shape_of_a = triangle::none;  ///< its zeros are stored, and most are skipped
    triangle shape_of_y = triangle::none;  ///< above a lower triangle, y may hold anything
};

namespace detail {

/// The sums of rows x columns cells of y over the terms first, ..., last - 1.
template <matrix_product P, std::size_t Rows, std::size_t Columns, class V>
[[gnu::always_inline]] inline void multiply_tile(const V* a, const V* b, std::size_t first, std::size_t last, V* y) {
    V sum[Rows][Columns];
#pragma GCC unroll 32
    for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
        for (std::size_t c = 0; c < Columns; ++c) sum[r][c] = constant<V>(0);
    }
    for (std::size_t k = first; k < last; ++k) {
        V right[Columns];
#pragma GCC unroll 32
        for (std::size_t c = 0; c < Columns; ++c) right[c] = load_for<Rows>(b[k * P.b.row + c * P.b.column]);
#pragma GCC unroll 32
        for (std::size_t r = 0; r < Rows; ++r) {
            const V left = load_for<Columns>(a[r * P.a.row + k * P.a.column]);
#pragma GCC unroll 32
            for (std::size_t c = 0; c < Columns; ++c) sum[r][c] = multiply_add(left, right[c], sum[r][c]);
        }
    }
#pragma GCC unroll 32
    for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
        for (std::size_t c = 0; c < Columns; ++c) y[r * P.y_row + c] = sum[r][c];
    }
}

}  // namespace detail

/// Writes a product.
template <matrix_product P, class V> STRATA_OUT_OF_LINE void multiply_matrices(const V* a, const V* b, V* y) {
    constexpr tile shape = choose_tile(P.rows, P.columns);
    for_each_block<P.rows, shape.rows>([&](auto block_rows, std::size_t row) {
        constexpr std::size_t rows = block_rows;
        const std::size_t first = P.shape_of_a == triangle::upper ? std::min(row, P.terms) : 0;
        const std::size_t last = P.shape_of_a == triangle::lower ? std::min(row + rows, P.terms) : P.terms;
        for_each_block<P.columns, shape.columns>([&](auto block_columns, std::size_t column) {
            if (P.shape_of_y == triangle::lower && column >= row + rows) return;
            detail::multiply_tile<P, rows, block_columns>(a + row * P.a.row, b + column * P.b.column, first, last,
                                                          y + row * P.y_row + column);
        });
    });
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
