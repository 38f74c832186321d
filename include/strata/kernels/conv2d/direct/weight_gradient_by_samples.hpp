#pragma once

#include "strata/kernels/column_blocks.hpp"
#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/simd/memory.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The gradient of a convolution with respect to its weights, with lanes over samples: summed over pixels, and over
/// lanes at the end.
///
/// A tile has filters x taps x channels, where the taps are all of a kernel row: a step to the next pixel then fetches
/// the cells of one new column only, the others are in the L1 already.
///
/// X is what is multiplied: the cells of both x and dz.
template <conv2d_geometry G, class V, class X = V> class conv2d_weight_gradient_by_samples {
public:
    using T = scalar_t<V>;

    /// For some rows of outputs.
    [[gnu::noinline]] static void run(const X* x, const X* dz, T* dw, span_of_indices rows = {0, G.output.rows}) {
        for (std::size_t kernel_row = 0; kernel_row < G.kernel.rows; ++kernel_row) {
            for (std::size_t group = 0; group < G.groups; ++group) {
                for_each_block<G.group_channels(), shape.columns / tap_block>([&](auto channels, std::size_t channel) {
                    for_each_block<G.group_filters(), shape.rows>([&](auto filters, std::size_t filter) {
                        unroll<G.kernel.columns / tap_block>([&](auto i) {
                            add_tile<i * tap_block, filters, channels>(
                                kernel_row, group, channel, group * G.group_filters() + filter, x, dz, dw, rows);
                        });
                    });
                });
            }
        }
    }

    /// Half cycles for one pixel, where a sum over lanes counts as `lane_sum`.
    static constexpr std::size_t half_cycles_of_pixel() {
        constexpr std::size_t lane_sum = 16, pixels = G.output.rows * G.output.columns;
        return G.kernel.rows * G.kernel.columns / tap_block * G.groups * sums.half_cycles(shape) +
               lane_sum * G.weight_count() / pixels;
    }

private:
    static constexpr std::size_t tap_block = G.kernel.columns + 2 <= vector_registers ? G.kernel.columns : 1;

    /// Half cycles to fetch a cell: from the L2, half of which small images fill at most, or the third one.
    static constexpr std::size_t fetch = [] {
        constexpr std::size_t cells =
            G.input.rows * G.input.columns * G.channels + G.output.rows * G.output.columns * G.filters;
        return cells * sizeof(V) <= l2_size / 2 ? 3 : 12;
    }();

    static constexpr product sums{
        .rows = G.group_filters(), .columns = tap_block * G.group_channels(), .column_step = tap_block, .fetch = fetch};
    static constexpr tile shape = choose_tile(sums);

    static constexpr span_of_indices outputs_of(std::size_t tap) {
        return outputs_of_tap(tap * G.dilation.columns, G.strides.columns, G.before.columns, G.input.columns,
                              G.output.columns);
    }

    template <class Column> static constexpr bool uses(std::size_t tap) {
        if constexpr (is_constant<Column>) {
            return outputs_of(tap).begin <= Column::value && Column::value < outputs_of(tap).end;
        } else {
            return true;
        }
    }

    template <std::size_t Tap, std::size_t Filters, std::size_t Channels>
    static void add_tile(std::size_t kernel_row, std::size_t group, std::size_t channel, std::size_t filter, const X* x,
                         const X* dz, T* dw, span_of_indices output_rows) {
        V sum[Filters][tap_block][Channels];
#pragma GCC unroll 32
        for (std::size_t i = 0; i < Filters; ++i) {
#pragma GCC unroll 32
            for (std::size_t k = 0; k < tap_block; ++k) {
#pragma GCC unroll 32
                for (std::size_t c = 0; c < Channels; ++c) sum[i][k][c] = V(T(0));
            }
        }
        // Columns in the middle use every tap of the tile; those at the edges are written out one by one.
        constexpr std::size_t begin = outputs_of(Tap).begin;
        constexpr std::size_t end = std::max(begin, outputs_of(Tap + tap_block - 1).end);
        const auto rows =
            outputs_of_tap(kernel_row * G.dilation.rows, G.strides.rows, G.before.rows, G.input.rows, G.output.rows);
        const std::size_t last_row = std::min(rows.end, output_rows.end);
        for (std::size_t row = std::max(rows.begin, output_rows.begin); row < last_row; ++row) {
            const X* pixels = x + G.input_cell(G.input_row(row, kernel_row), 0, group * G.group_channels() + channel);
            const X* gradients = dz + G.output_cell(row, 0, filter);
            unroll<begin>([&](auto column) { add_column<Tap>(column, pixels, gradients, sum); });
            for (std::size_t column = begin; column < end; ++column) add_column<Tap>(column, pixels, gradients, sum);
            unroll<G.output.columns - end>([&](auto i) { add_column<Tap>(index<end + i>{}, pixels, gradients, sum); });
        }
#pragma GCC unroll 32
        for (std::size_t i = 0; i < Filters; ++i) {
#pragma GCC unroll 32
            for (std::size_t k = 0; k < tap_block; ++k) {
#pragma GCC unroll 32
                for (std::size_t c = 0; c < Channels; ++c) {
                    dw[G.weight(kernel_row, Tap + k, channel + c, filter + i)] += sum_lanes(sum[i][k][c]);
                }
            }
        }
    }

    template <std::size_t Tap, class Column, std::size_t Filters, std::size_t Channels>
    [[gnu::always_inline]] static void add_column(Column column, const X* pixels, const X* gradients,
                                                  V (&sum)[Filters][tap_block][Channels]) {
        // One address that varies, and constant distances from it.
        using difference = std::ptrdiff_t;
        pixels += column * G.strides.columns * G.channels;
        gradients += column * G.filters;
        X pixel[tap_block][Channels];
#pragma GCC unroll 32
        for (std::size_t k = 0; k < tap_block; ++k) {
            if (!uses<Column>(Tap + k)) continue;
            const difference at = difference((Tap + k) * G.dilation.columns) - difference(G.before.columns);
#pragma GCC unroll 32
            for (std::size_t c = 0; c < Channels; ++c)
                pixel[k][c] = load_for<Filters>(pixels[at * difference(G.channels) + difference(c)]);
        }
#pragma GCC unroll 32
        for (std::size_t i = 0; i < Filters; ++i) {
            const X gradient = gradients[i];
#pragma GCC unroll 32
            for (std::size_t k = 0; k < tap_block; ++k) {
                if (!uses<Column>(Tap + k)) continue;
#pragma GCC unroll 32
                for (std::size_t c = 0; c < Channels; ++c) {
                    sum[i][k][c] = multiply_add(gradient, pixel[k][c], sum[i][k][c]);
                }
            }
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
