#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/conv2d/winograd/rows_geometry.hpp"
#include "strata/kernels/conv2d/winograd/transforms.hpp"
#include "strata/kernels/tile.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The forward pass of Winograd's convolution by rows, of transformed windows and weights: y = activation(x * w +
/// bias). For a tile of filters the products at all positions of a window are summed up and transformed back in
/// registers.
template <conv2d_geometry G, class Activation, bool Bias, class V> class conv2d_by_rows_forward {
    using T = scalar_t<V>;
    using matrices = winograd::matrices<G.kernel.columns>;
    static constexpr std::size_t window = matrices::window;
    static constexpr conv2d_geometry products = by_rows(G);

    /// The filters of a tile. Measured: four, 24 sums for kernels of 5 columns, are the best for those of 3, too.
    static constexpr std::size_t filters_at_once = 4;

public:
    /// `bias` is not read without Bias.
    [[gnu::noinline]] static void run(const V* x, const T* w, const T* bias, V* y) {
        for (std::size_t row = 0; row < G.output.rows; ++row) {
            for (std::size_t i = 0; i < products.output.columns; ++i) {
                for_each_block<G.filters, filters_at_once>(
                    [&](auto filters, std::size_t filter) { add_tile<filters>(row, i, filter, x, w, bias, y); });
            }
            activate<Activation>(y + G.output_cell(row, 0, 0), G.output.columns * G.filters);
        }
    }

private:
    template <std::size_t Filters>
    static void add_tile(std::size_t row, std::size_t number, std::size_t filter, const V* x, const T* w,
                         [[maybe_unused]] const T* bias, V* y) {
        V sum[Filters][window];
#pragma GCC unroll 32
        for (std::size_t i = 0; i < Filters; ++i) {
#pragma GCC unroll 6
            for (std::size_t p = 0; p < window; ++p) sum[i][p] = V(T(0));
        }
        const auto taps = taps_of_row(G, row);
        for (std::size_t tap = taps.begin; tap < taps.end; ++tap) {
            const V* input = x + products.input_cell(G.input_row(row, tap), number, 0);
            const T* weights = w + products.weight(tap, 0, 0, filter);
            for (std::size_t c = 0; c < G.channels; ++c, ++input, weights += products.filters) {
#pragma GCC unroll 6
                for (std::size_t p = 0; p < window; ++p) {
                    const V cell = load_for<Filters>(input[p * G.channels]);
#pragma GCC unroll 32
                    for (std::size_t i = 0; i < Filters; ++i)
                        sum[i][p] = multiply_add(V(weights[p * G.filters + i]), cell, sum[i][p]);
                }
            }
        }
        const std::size_t column = number * winograd::outputs;
        V* const to = y + G.output_cell(row, column, filter);
#pragma GCC unroll 32
        for (std::size_t i = 0; i < Filters; ++i) {
            V result[winograd::outputs];
            matrices::to_outputs::apply(sum[i], result);
            if constexpr (Bias) {
                const V term(bias[filter + i]);
                result[0] = result[0] + term;
                result[1] = result[1] + term;
            }
            to[i] = result[0];
            if (column + 1 < G.output.columns) to[G.filters + i] = result[1];
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
