#pragma once

#include "strata/core/math.hpp"
#include "strata/kernels/conv2d_geometry.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

/// Pooling over windows of an image; cells of the padding are ignored, as in Keras: they neither win a maximum nor
/// count in a mean.
namespace strata::inline STRATA_ISA::kernels {

namespace detail {

constexpr bool has_padding(const conv2d_geometry& g) {
    return (g.output.rows - 1) * g.strides.rows + g.kernel.rows > g.input.rows ||
           (g.output.columns - 1) * g.strides.columns + g.kernel.columns > g.input.columns;
}

/// Whether every cell of the input belongs to exactly one window.
constexpr bool windows_partition_input(const conv2d_geometry& g) {
    return g.kernel == g.strides && g.output.rows * g.kernel.rows == g.input.rows &&
           g.output.columns * g.kernel.columns == g.input.columns;
}

/// Calls body(cell of the output, rows, columns) for each window, with the part of the input that it covers.
template <conv2d_geometry G, class Body> [[gnu::always_inline]] inline void for_each_window(Body&& body) {
    const auto covered = [](std::size_t first, std::size_t length, std::size_t before, std::size_t inputs) {
        if constexpr (!has_padding(G)) return span_of_indices{first, first + length};
        return span_of_indices{first - std::min(first, before), std::min(first + length - before, inputs)};
    };
    for (std::size_t row = 0; row < G.output.rows; ++row) {
        const auto rows = covered(row * G.strides.rows, G.kernel.rows, G.before.rows, G.input.rows);
        for (std::size_t column = 0; column < G.output.columns; ++column) {
            const auto columns =
                covered(column * G.strides.columns, G.kernel.columns, G.before.columns, G.input.columns);
            body(G.output_cell(row, column, 0), rows, columns);
        }
    }
}

}  // namespace detail

/// y = the mean of each window.
template <conv2d_geometry G, class V> void average_pooling2d_forward(const V* x, V* y) {
    detail::for_each_window<G>([&](std::size_t to, span_of_indices rows, span_of_indices columns) {
        const std::size_t cells = (rows.end - rows.begin) * (columns.end - columns.begin);
        const V scale(scalar_t<V>(1) / scalar_t<V>(cells));
        for (std::size_t c = 0; c < G.channels; ++c) {
            V sum(scalar_t<V>(0));
            for (std::size_t row = rows.begin; row < rows.end; ++row) {
                for (std::size_t column = columns.begin; column < columns.end; ++column) {
                    sum = sum + x[G.input_cell(row, column, c)];
                }
            }
            y[to + c] = sum * scale;
        }
    });
}

/// dx = the gradient with respect to the input.
template <conv2d_geometry G, class V> void average_pooling2d_gradient(const V* dy, V* dx) {
    constexpr bool partition = detail::windows_partition_input(G);
    if constexpr (!partition) std::fill_n(dx, G.input.rows * G.input.columns * G.channels, V(scalar_t<V>(0)));
    detail::for_each_window<G>([&](std::size_t from, span_of_indices rows, span_of_indices columns) {
        const std::size_t cells = (rows.end - rows.begin) * (columns.end - columns.begin);
        const V scale(scalar_t<V>(1) / scalar_t<V>(cells));
        for (std::size_t c = 0; c < G.channels; ++c) {
            const V share = dy[from + c] * scale;
            for (std::size_t row = rows.begin; row < rows.end; ++row) {
                for (std::size_t column = columns.begin; column < columns.end; ++column) {
                    V& cell = dx[G.input_cell(row, column, c)];
                    if constexpr (partition)
                        cell = share;
                    else
                        cell = cell + share;
                }
            }
        }
    });
}

/// y = the largest cell of each window.
template <conv2d_geometry G, class V> void max_pooling2d_forward(const V* x, V* y) {
    detail::for_each_window<G>([&](std::size_t to, span_of_indices rows, span_of_indices columns) {
        for (std::size_t c = 0; c < G.channels; ++c) {
            V largest(-std::numeric_limits<scalar_t<V>>::infinity());
            for (std::size_t row = rows.begin; row < rows.end; ++row) {
                for (std::size_t column = columns.begin; column < columns.end; ++column) {
                    largest = math::max(largest, x[G.input_cell(row, column, c)]);
                }
            }
            y[to + c] = largest;
        }
    });
}

/// dx = the gradient with respect to the input; of several largest cells the first one of the window receives it.
template <conv2d_geometry G, class V> void max_pooling2d_gradient(const V* x, const V* y, const V* dy, V* dx) {
    const V zero(scalar_t<V>(0));
    std::fill_n(dx, G.input.rows * G.input.columns * G.channels, zero);
    detail::for_each_window<G>([&](std::size_t from, span_of_indices rows, span_of_indices columns) {
        for (std::size_t c = 0; c < G.channels; ++c) {
            V left = dy[from + c];  // what no cell has received yet
            for (std::size_t row = rows.begin; row < rows.end; ++row) {
                for (std::size_t column = columns.begin; column < columns.end; ++column) {
                    const std::size_t at = G.input_cell(row, column, c);
                    const auto wins = x[at] == y[from + c];
                    dx[at] = dx[at] + math::select(wins, left, zero);
                    left = math::select(wins, zero, left);
                }
            }
        }
    });
}

}  // namespace strata::inline STRATA_ISA::kernels
