#pragma once

#include "strata/kernels/depthwise_conv2d/taps.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The gradient of a depthwise convolution with respect to its weights, summed over pixels and lanes; added to dw. `dz`
/// is the gradient with respect to what the activation was applied to.
///
/// The image is read once, in its order. The sums of all taps lie in `scratch`; those of a filter, as many rows of taps
/// as fit, stay in registers for a block of columns.
template <conv2d_geometry G, class V> class depthwise_weight_gradient {
public:
    using T = scalar_t<V>;
    static constexpr std::size_t scratch = G.weight_count();

    [[gnu::noinline]] static void run(const V* x, const V* dz, T* dw, V* sums) {
        std::fill_n(sums, scratch, V(T(0)));
        for (std::size_t row = 0; row < G.output.rows; ++row) {
            columns::for_each_block([&](auto width, auto column) {
                for_each_block<G.kernel.rows, rows_at_once>(
                    [&](auto rows, std::size_t first) { add_block<width, rows>(row, column, first, x, dz, sums); });
            });
        }
        for (std::size_t f = 0; f < G.filters; ++f) {
            for (std::size_t tap = 0; tap < taps; ++tap) dw[tap * G.filters + f] += sum_lanes(sums[f * taps + tap]);
        }
    }

private:
    using columns = depthwise_row<G>;
    static constexpr std::size_t taps = G.kernel.rows * G.kernel.columns;

    static constexpr std::size_t rows_at_once = [] {
        constexpr std::size_t gradients_and_cell = 5;
        return std::clamp<std::size_t>((vector_registers - gradients_and_cell) / G.kernel.columns, 1, G.kernel.rows);
    }();

    /// What a block of columns gives to the rows first, ..., first + Rows - 1 of the taps.
    template <std::size_t Columns, std::size_t Rows, class Column>
    [[gnu::always_inline]] static void add_block(std::size_t row, Column column, std::size_t first, const V* x,
                                                 const V* dz, V* sums) {
        const auto inside = taps_of_row(G, row);
        dz += G.output_cell(row, 0, 0);
        if (inside.begin <= first && first + Rows <= inside.end) {
            add_rows<Columns, Rows>(row, column, first, x, dz, sums);
        } else {
            for (std::size_t tap = std::max(inside.begin, first); tap < std::min(inside.end, first + Rows); ++tap)
                add_rows<Columns, 1>(row, column, tap, x, dz, sums);
        }
    }

    /// The same for rows of taps inside of the image.
    template <std::size_t Columns, std::size_t Rows, class Column>
    [[gnu::always_inline]] static void add_rows(std::size_t row, Column column, std::size_t first, const V* x,
                                                const V* dz, V* sums) {
        x += G.input_cell(G.input_row(row, first), 0, 0);
        sums += first * G.kernel.columns;
        for (std::size_t f = 0; f < G.filters; ++f, sums += taps) {
            V sum[Rows * G.kernel.columns];
            std::copy_n(sums, Rows * G.kernel.columns, sum);
            V gradient[Columns];
#pragma GCC unroll 32
            for (std::size_t j = 0; j < Columns; ++j) gradient[j] = dz[(column + j) * G.filters + f];
#pragma GCC unroll 32
            for (std::size_t r = 0; r < Rows; ++r) {
                columns::template for_each_product<Columns>(
                    column, x + G.input_cell(r * G.dilation.rows, 0, f / depth_multiplier(G)),
                    [&](std::size_t j, std::size_t k, const V& cell) __attribute__((always_inline)) {
                        V& of_tap = sum[r * G.kernel.columns + k];
                        of_tap = multiply_add(gradient[j], cell, of_tap);
                    });
            }
            std::copy_n(sum, Rows * G.kernel.columns, sums);
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
