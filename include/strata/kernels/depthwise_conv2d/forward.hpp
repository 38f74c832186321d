#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/depthwise_conv2d/taps.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// y = activation(x * w + bias), where each filter reads one channel. With Mirrored the taps come in reverse order.
///
/// No padding in memory. A tile of neighbouring columns is summed up in registers, which a row of weights stays in,
/// too.
template <conv2d_geometry G, class Activation, bool Bias, class V, bool Mirrored = false> class depthwise_forward_pass {
public:
    using T = scalar_t<V>;

    /// `bias` is not read without Bias.
    [[gnu::noinline]] static void run(const V* x, const T* w, const T* bias, V* y) {
        for (std::size_t row = 0; row < G.output.rows; ++row) {
            columns::for_each_block([&](auto width, auto column) {
                for (std::size_t f = 0; f < G.filters; ++f) add_tile<width>(row, column, f, x, w, bias, y);
            });
            activate<Activation>(y + G.output_cell(row, 0, 0), G.output.columns * G.filters);
        }
    }

private:
    using columns = depthwise_row<G>;

    static constexpr std::size_t weight(std::size_t row, std::size_t tap, std::size_t filter) {
        return Mirrored ? G.weight(G.kernel.rows - 1 - row, G.kernel.columns - 1 - tap, 0, filter)
                        : G.weight(row, tap, 0, filter);
    }

    template <std::size_t Columns, class Column>
    [[gnu::always_inline]] static void add_tile(std::size_t row, Column column, std::size_t filter, const V* x,
                                                const T* w, [[maybe_unused]] const T* bias, V* y) {
        V start(T(0));
        if constexpr (Bias) start = V(bias[filter]);
        V sum[Columns];
#pragma GCC unroll 32
        for (std::size_t j = 0; j < Columns; ++j) sum[j] = start;
        const auto taps = taps_of_row(G, row);
        for (std::size_t tap = taps.begin; tap < taps.end; ++tap) {
            V weights[G.kernel.columns];
#pragma GCC unroll 32
            for (std::size_t k = 0; k < G.kernel.columns; ++k) weights[k] = V(w[weight(tap, k, filter)]);
            columns::template for_each_product<Columns>(
                column, x + G.input_cell(G.input_row(row, tap), 0, filter / depth_multiplier(G)),
                [&](std::size_t j, std::size_t k, const V& cell)
                    __attribute__((always_inline)) { sum[j] = multiply_add(weights[k], cell, sum[j]); });
        }
        V* const result = y + G.output_cell(row, column, filter);
#pragma GCC unroll 32
        for (std::size_t j = 0; j < Columns; ++j) result[j * G.filters] = sum[j];
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
