#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/column_blocks.hpp"
#include "strata/kernels/conv2d/geometry.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The order in which weights lie in memory: that of Keras, or the one in which the forward pass reads them. It takes a
/// tile's filters at a time; in Keras' order they lie in as many lines as there are taps and channels, which at powers
/// of two compete for a few places of the L1.
enum class weight_order { keras, tiles };

/// Direct convolution (cross-correlation, as in Keras): y = activation(x * w + bias).
///
/// No copy of the input and no padding in memory; a tile of filters x columns is summed up in registers. X is what is
/// multiplied: the cells of x, each of which meets one weight, a scalar_t<X>.
template <conv2d_geometry G, class Activation, bool Bias, class V, class X = V,
          weight_order Order = weight_order::keras>
class conv2d_forward_pass {
public:
    using T = scalar_t<V>;
    using W = scalar_t<X>;

    /// Puts weights from Keras' order into that of the tiles.
    static void order_by_tiles(const W* w, W* to) {
        for (std::size_t group = 0; group < G.groups; ++group) {
            for_each_block<G.group_filters(), shape.rows>([&](auto filters, std::size_t filter) {
                for (std::size_t tap = 0; tap < G.kernel.rows; ++tap) {
                    for (std::size_t c = 0; c < G.group_channels(); ++c) {
                        for (std::size_t column = 0; column < G.kernel.columns; ++column, to += filters)
                            std::copy_n(w + G.weight(tap, column, c, group * G.group_filters() + filter), filters(),
                                        to);
                    }
                }
            });
        }
    }

    /// `bias` is not read without Bias.
    static void run(const X* x, const W* w, const T* bias, V* y) {
        for (std::size_t row = 0; row < G.output.rows; ++row) run_row(row, x, w, bias, y + G.output_cell(row, 0, 0));
    }

    /// One row of y.
    [[gnu::noinline]] static void run_row(std::size_t row, const X* x, const W* w, const T* bias, V* y) {
        for (std::size_t group = 0; group < G.groups; ++group) {
            for_each_column_block<G.output.columns, shape.columns, inner>([&](auto columns, auto column) {
                for_each_block<G.group_filters(), shape.rows>([&](auto filters, std::size_t filter) {
                    add_tile<filters, columns>(row, column, group, group * G.group_filters() + filter, x, w, bias, y);
                });
            });
        }
        activate<Activation>(y, G.output.columns * G.filters);
    }

private:
    static constexpr tile shape = choose_tile(G.group_filters(), G.output.columns);

    /// Where a tile's first weight for a row of taps and a channel lies, and how far it is from one tap to the next.
    template <std::size_t Filters>
    static constexpr std::size_t first_weight(std::size_t tap, std::size_t channel, std::size_t filter) {
        if constexpr (Order == weight_order::keras)
            return G.weight(tap, 0, channel, filter);
        else
            return filter * (G.weight_count() / G.filters) +
                   (tap * G.group_channels() + channel) * G.kernel.columns * Filters;
    }
    template <std::size_t Filters>
    static constexpr std::size_t next_tap = Order == weight_order::keras ? G.group_channels() * G.filters : Filters;

    static constexpr bool reads_input(std::size_t column, std::size_t tap) {
        const std::size_t at = column * G.strides.columns + tap * G.dilation.columns;
        return at >= G.before.columns && at - G.before.columns < G.input.columns;
    }

    static constexpr auto inner = [](std::size_t first, std::size_t width) {
        return reads_input(first, 0) && reads_input(first + width - 1, G.kernel.columns - 1);
    };

    template <class Column> static constexpr bool uses(std::size_t offset, std::size_t tap) {
        if constexpr (is_constant<Column>)
            return reads_input(Column::value + offset, tap);
        else
            return true;
    }

    template <std::size_t Filters, std::size_t Columns, class Column>
    static void add_tile(std::size_t row, Column column, std::size_t group, std::size_t filter, const X* x, const W* w,
                         [[maybe_unused]] const T* bias, V* y) {
        V sum[Filters][Columns];
#pragma GCC unroll 32
        for (std::size_t i = 0; i < Filters; ++i) {
            V start(T(0));
            if constexpr (Bias) start = V(bias[filter + i]);
#pragma GCC unroll 32
            for (std::size_t j = 0; j < Columns; ++j) sum[i][j] = start;
        }
        const auto taps = taps_of_row(G, row);
        for (std::size_t tap = taps.begin; tap < taps.end; ++tap) {
            for (std::size_t c = 0; c < G.group_channels(); ++c) {
                add_kernel_row(column, x + G.input_cell(G.input_row(row, tap), 0, group * G.group_channels() + c),
                               w + first_weight<Filters>(tap, c, filter), sum);
            }
        }
        V* const result = y + G.output_cell(0, column, filter);
#pragma GCC unroll 32
        for (std::size_t j = 0; j < Columns; ++j) {
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Filters; ++i) result[j * G.filters + i] = sum[i][j];
        }
    }

    template <class Column, std::size_t Filters, std::size_t Columns>
    [[gnu::always_inline]] static void add_kernel_row(Column column, const X* input, const W* weights,
                                                      V (&sum)[Filters][Columns]) {
        // One address that varies, and constant distances from it.
        using difference = std::ptrdiff_t;
        input += column * G.strides.columns * G.channels;
#pragma GCC unroll 32
        for (std::size_t tap = 0; tap < G.kernel.columns; ++tap) {
            X pixel[Columns];
#pragma GCC unroll 32
            for (std::size_t j = 0; j < Columns; ++j) {
                const difference distance =
                    difference(j * G.strides.columns + tap * G.dilation.columns) - difference(G.before.columns);
                if (uses<Column>(j, tap)) pixel[j] = load_for<Filters>(input[distance * difference(G.channels)]);
            }
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Filters; ++i) {
                const X weight(weights[tap * next_tap<Filters> + i]);
#pragma GCC unroll 32
                for (std::size_t j = 0; j < Columns; ++j) {
                    if (uses<Column>(j, tap)) sum[i][j] = multiply_add(weight, pixel[j], sum[i][j]);
                }
            }
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
