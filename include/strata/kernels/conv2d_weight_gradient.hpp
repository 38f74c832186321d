#pragma once

#include "strata/kernels/column_blocks.hpp"
#include "strata/kernels/conv2d_geometry.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::kernels {

/// The gradient of a convolution with respect to its weights, summed over pixels and lanes; added to dw. `dz` is the
/// gradient with respect to what the activation was applied to.
///
/// A tile has filters x taps. The taps of one kernel row lie on neighbouring channels or, where there are few channels,
/// on several kernel columns.
template <conv2d_geometry G, class V> class conv2d_weight_gradient {
public:
    using T = scalar_t<V>;

    static void run(const V* x, const V* dz, T* dw) {
        for (std::size_t kernel_row = 0; kernel_row < G.kernel.rows; ++kernel_row) {
            for (std::size_t group = 0; group < G.groups; ++group) {
                for_each_block<G.group_channels(), channel_block>([&](auto channels, std::size_t channel) {
                    for_each_block<G.group_filters(), shape.rows>([&](auto filters, std::size_t filter) {
                        unroll<(G.kernel.columns + tap_block - 1) / tap_block>([&](auto i) {
                            constexpr std::size_t tap = i * tap_block;
                            add_tile<filters, std::min(tap_block, G.kernel.columns - tap), channels, tap>(
                                kernel_row, group, channel, group * G.group_filters() + filter, x, dz, dw);
                        });
                    });
                });
            }
        }
    }

private:
    static constexpr bool few_channels = G.group_channels() < 4;
    static constexpr tile shape =
        few_channels ? choose_tile(G.group_filters(), G.kernel.columns* G.group_channels(), G.group_channels())
                     : choose_tile(G.group_filters(), G.group_channels());
    static constexpr std::size_t tap_block = few_channels ? shape.columns / G.group_channels() : 1;
    static constexpr std::size_t channel_block = few_channels ? G.group_channels() : shape.columns;

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

    template <std::size_t Filters, std::size_t Taps, std::size_t Channels, std::size_t Tap>
    static void add_tile(std::size_t kernel_row, std::size_t group, std::size_t channel, std::size_t filter, const V* x,
                         const V* dz, T* dw) {
        V sum[Filters][Taps][Channels];
        unroll<Filters>(
            [&](auto i) { unroll<Taps>([&](auto k) { unroll<Channels>([&](auto c) { sum[i][k][c] = V(T(0)); }); }); });
        // Columns in the middle use every tap of the tile; those at the edges are written out one by one.
        constexpr std::size_t begin = outputs_of(Tap).begin, end = std::max(begin, outputs_of(Tap + Taps - 1).end);
        const auto rows =
            outputs_of_tap(kernel_row * G.dilation.rows, G.strides.rows, G.before.rows, G.input.rows, G.output.rows);
        for (std::size_t row = rows.begin; row < rows.end; ++row) {
            const std::size_t input_row = row * G.strides.rows + kernel_row * G.dilation.rows - G.before.rows;
            const V* pixels = x + G.input_cell(input_row, 0, group * G.group_channels() + channel);
            const V* gradients = dz + G.output_cell(row, 0, filter);
            unroll<begin>([&](auto column) { add_column<Tap>(column, pixels, gradients, sum); });
            for (std::size_t column = begin; column < end; ++column) add_column<Tap>(column, pixels, gradients, sum);
            unroll<G.output.columns - end>([&](auto i) { add_column<Tap>(index<end + i>{}, pixels, gradients, sum); });
        }
        unroll<Filters>([&](auto i) {
            unroll<Taps>([&](auto k) {
                unroll<Channels>([&](auto c) {
                    dw[G.weight(kernel_row, Tap + k, channel + c, filter + i)] += sum_lanes(sum[i][k][c]);
                });
            });
        });
    }

    template <std::size_t Tap, class Column, std::size_t Filters, std::size_t Taps, std::size_t Channels>
    [[gnu::always_inline]] static void add_column(Column column, const V* pixels, const V* gradients,
                                                  V (&sum)[Filters][Taps][Channels]) {
        V pixel[Taps][Channels];
        unroll<Taps>([&](auto k) {
            if constexpr (uses<Column>(Tap + k)) {
                const std::size_t at = column * G.strides.columns + (Tap + k) * G.dilation.columns - G.before.columns;
                unroll<Channels>([&](auto c) { pixel[k][c] = pixels[at * G.channels + c]; });
            }
        });
        unroll<Filters>([&](auto i) {
            const V gradient = gradients[column * G.filters + i];
            unroll<Taps>([&](auto k) {
                if constexpr (uses<Column>(Tap + k)) {
                    unroll<Channels>([&](auto c) { sum[i][k][c] = multiply_add(gradient, pixel[k][c], sum[i][k][c]); });
                }
            });
        });
    }
};

}  // namespace strata::kernels
