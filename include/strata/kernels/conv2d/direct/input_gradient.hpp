#pragma once

#include "strata/kernels/column_blocks.hpp"
#include "strata/kernels/conv2d/geometry.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The gradient of a convolution with respect to its input, gathered: each cell of dx collects what it gave to the
/// outputs. `dz` is the gradient with respect to what the activation was applied to. Overwrites dx. X is what is
/// multiplied: the cells of dz, each of which meets one weight, a scalar_t<X>.
template <conv2d_geometry G, class V, class X = V> class conv2d_input_gradient {
public:
    using T = scalar_t<V>;
    using W = scalar_t<X>;

    [[gnu::noinline]] static void run(const X* dz, const W* w, V* dx) {
        for (std::size_t row = 0; row < G.input.rows; ++row) {
            for (std::size_t group = 0; group < G.groups; ++group) {
                unroll<std::min(stride, G.input.columns)>([&](auto first_column) {
                    using every = every_column<first_column>;
                    constexpr tile shape = choose_tile(G.group_channels(), every::count);
                    for_each_block<G.group_channels(), shape.rows>([&](auto channels, std::size_t channel) {
                        for_each_column_block<every::count, shape.columns, every::inner>(
                            [&](auto columns, auto column) {
                                add_tile<every, channels, columns>(row, column, group, channel, dz, w, dx);
                            });
                    });
                });
            }
        }
    }

private:
    using difference = std::ptrdiff_t;
    static constexpr std::size_t stride = G.strides.columns;

    /// The columns First, First + stride, ...: all of them meet the same taps of the kernel, those of neighbouring
    /// outputs, as if there were no stride.
    template <std::size_t First> struct every_column {
        static constexpr std::size_t first = First;
        static constexpr std::size_t count = (G.input.columns - First + stride - 1) / stride;

        /// From the output whose tap reads the first column to the first output, times the stride.
        static constexpr difference distance(std::size_t tap) {
            return static_cast<difference>(First + G.before.columns) -
                   static_cast<difference>(tap * G.dilation.columns);
        }
        static constexpr bool meets(std::size_t tap) { return distance(tap) % difference(stride) == 0; }

        /// The output whose tap reads the column with this number.
        static constexpr difference output(std::size_t column, std::size_t tap) {
            return static_cast<difference>(column) + distance(tap) / difference(stride);
        }
        static constexpr bool is_output(std::size_t column, std::size_t tap) {
            return output(column, tap) >= 0 && output(column, tap) < difference(G.output.columns);
        }

        static constexpr auto inner = [](std::size_t column, std::size_t width) {
            for (std::size_t tap = 0; tap < G.kernel.columns; ++tap) {
                if (meets(tap) && !(is_output(column, tap) && is_output(column + width - 1, tap))) return false;
            }
            return true;
        };
    };

    /// Whether the tap reads the column that lies `offset` behind `Column`.
    template <class Every, class Column> static constexpr bool uses(std::size_t offset, std::size_t tap) {
        if constexpr (is_constant<Column>)
            return Every::meets(tap) && Every::is_output(Column::value + offset, tap);
        else
            return Every::meets(tap);
    }

    template <class Every, std::size_t Channels, std::size_t Columns, class Column>
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
            for (std::size_t f = 0; f < G.group_filters(); ++f)
                add_kernel_row<Every>(column, gradients + f, weights + f, sum);
        }
        V* const result = dx + G.input_cell(row, Every::first + column * stride, group * G.group_channels() + channel);
#pragma GCC unroll 32
        for (std::size_t j = 0; j < Columns; ++j) {
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Channels; ++i) result[j * stride * G.channels + i] = sum[i][j];
        }
    }

    template <class Every, class Column, std::size_t Channels, std::size_t Columns>
    [[gnu::always_inline]] static void add_kernel_row(Column column, const X* gradients, const W* weights,
                                                      V (&sum)[Channels][Columns]) {
        // One address that varies, and constant distances from it.
        gradients += column * G.filters;
#pragma GCC unroll 32
        for (std::size_t tap = 0; tap < G.kernel.columns; ++tap) {
            X gradient[Columns];
#pragma GCC unroll 32
            for (std::size_t j = 0; j < Columns; ++j) {
                if (uses<Every, Column>(j, tap))
                    gradient[j] = load_for<Channels>(gradients[Every::output(j, tap) * difference(G.filters)]);
            }
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Channels; ++i) {
                const X weight(weights[(tap * G.group_channels() + i) * G.filters]);
#pragma GCC unroll 32
                for (std::size_t j = 0; j < Columns; ++j) {
                    if (uses<Every, Column>(j, tap)) sum[i][j] = multiply_add(weight, gradient[j], sum[i][j]);
                }
            }
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
