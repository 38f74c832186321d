#pragma once

#include "strata/kernels/column_blocks.hpp"
#include "strata/kernels/conv2d_geometry.hpp"

#include <cstddef>

namespace strata::inline STRATA_ISA::kernels {

/// The gradient of a convolution with respect to its input, gathered: each cell of dx collects what it gave to the
/// outputs. `dz` is the gradient with respect to what the activation was applied to. Overwrites dx. X is what is
/// multiplied: the cells of dz, each of which meets one weight, a scalar_t<X>.
template <conv2d_geometry G, class V, class X = V> class conv2d_input_gradient {
public:
    using T = scalar_t<V>;
    using W = scalar_t<X>;

    [[gnu::noinline]] static void run(const X* dz, const W* w, V* dx) {
        // Tiles start at multiples of the stride: then each tap meets the same columns in all of them, one of as many
        // neighbours as the stride.
        constexpr std::size_t stride = G.strides.columns;
        constexpr tile shape = choose_tile(
            {.rows = G.group_channels(), .columns = (G.input.columns + stride - 1) / stride, .sums = stride});
        for (std::size_t row = 0; row < G.input.rows; ++row) {
            for (std::size_t group = 0; group < G.groups; ++group) {
                for_each_block<G.group_channels(), shape.rows>([&](auto channels, std::size_t channel) {
                    for_each_column_block<G.input.columns, shape.columns * stride, inner>(
                        [&](auto columns, auto column) {
                            add_tile<channels, columns>(row, column, group, channel, dz, w, dx);
                        });
                });
            }
        }
    }

private:
    using difference = std::ptrdiff_t;

    /// The output column whose tap reads the input column, times the stride.
    static constexpr difference position(std::size_t column, std::size_t tap) {
        return static_cast<difference>(column + G.before.columns) - static_cast<difference>(tap * G.dilation.columns);
    }

    static constexpr bool on_stride(std::size_t column, std::size_t tap) {
        return position(column, tap) % static_cast<difference>(G.strides.columns) == 0;
    }

    static constexpr bool meets_output(std::size_t column, std::size_t tap) {
        return position(column, tap) >= 0 &&
               position(column, tap) < static_cast<difference>(G.output.columns * G.strides.columns);
    }

    static constexpr auto inner = [](std::size_t first, std::size_t width) {
        return meets_output(first, G.kernel.columns - 1) && meets_output(first + width - 1, 0);
    };

    template <class Column> static constexpr bool uses(std::size_t offset, std::size_t tap) {
        if constexpr (is_constant<Column>)
            return on_stride(offset, tap) && meets_output(Column::value + offset, tap);
        else
            return on_stride(offset, tap);
    }

    template <std::size_t Channels, std::size_t Columns, class Column>
    static void add_tile(std::size_t row, Column column, std::size_t group, std::size_t channel, const X* dz,
                         const W* w, V* dx) {
        V sum[Channels][Columns];
#pragma GCC unroll 32
        for (std::size_t i = 0; i < Channels; ++i) {
#pragma GCC unroll 32
            for (std::size_t j = 0; j < Columns; ++j) sum[i][j] = V(T(0));
        }
        for (std::size_t tap = 0; tap < G.kernel.rows && tap * G.dilation.rows <= row + G.before.rows; ++tap) {
            const std::size_t scaled_row = row + G.before.rows - tap * G.dilation.rows;
            if (scaled_row % G.strides.rows != 0 || scaled_row / G.strides.rows >= G.output.rows) continue;
            const std::size_t filter = group * G.group_filters();
            const X* gradients = dz + G.output_cell(scaled_row / G.strides.rows, 0, filter);
            const W* weights = w + G.weight(tap, 0, channel, filter);
            for (std::size_t f = 0; f < G.group_filters(); ++f) add_kernel_row(column, gradients + f, weights + f, sum);
        }
        V* const result = dx + G.input_cell(row, column, group * G.group_channels() + channel);
#pragma GCC unroll 32
        for (std::size_t j = 0; j < Columns; ++j) {
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Channels; ++i) result[j * G.channels + i] = sum[i][j];
        }
    }

    template <class Column, std::size_t Channels, std::size_t Columns>
    [[gnu::always_inline]] static void add_kernel_row(Column column, const X* gradients, const W* weights,
                                                      V (&sum)[Channels][Columns]) {
        // One address that varies, and constant distances from it.
        constexpr difference stride = G.strides.columns;
        gradients += column / G.strides.columns * G.filters;
#pragma GCC unroll 32
        for (std::size_t tap = 0; tap < G.kernel.columns; ++tap) {
            X gradient[Columns];
#pragma GCC unroll 32
            for (std::size_t j = 0; j < Columns; ++j) {
                const difference distance = position(j, tap) / stride * static_cast<difference>(G.filters);
                if (uses<Column>(j, tap)) gradient[j] = gradients[distance];
            }
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Channels; ++i) {
                const X weight(weights[(tap * G.group_channels() + i) * G.filters]);
#pragma GCC unroll 32
                for (std::size_t j = 0; j < Columns; ++j) {
                    if (uses<Column>(j, tap)) sum[i][j] = multiply_add(weight, gradient[j], sum[i][j]);
                }
            }
        }
    }
};

}  // namespace strata::inline STRATA_ISA::kernels
