#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/kernels/pooling2d/windows.hpp"
#include "strata/kernels/tile.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

/// Pooling over windows of an image; cells of the padding are ignored, as in Keras: they neither win a maximum nor
/// count in a mean.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Whether every cell of the input belongs to exactly one window.
constexpr bool windows_partition_input(const conv2d_geometry& g) {
    return g.kernel == g.strides && g.output.rows * g.kernel.rows == g.input.rows &&
           g.output.columns * g.kernel.columns == g.input.columns;
}

/// Whether some window reaches beyond the input.
constexpr bool has_padding(const conv2d_geometry& g) {
    return (g.output.rows - 1) * g.strides.rows + g.kernel.rows > g.input.rows ||
           (g.output.columns - 1) * g.strides.columns + g.kernel.columns > g.input.columns;
}

namespace detail {

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
            const V sum = fold_window<G.kernel.rows * G.kernel.columns>(
                rows, columns, V(scalar_t<V>(0)),
                [&](std::size_t row, std::size_t column) { return x[G.input_cell(row, column, c)]; },
                [](const V& a, const V& b) { return a + b; });
            y[to + c] = sum * scale;
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
                    largest = math::largest(largest, x[G.input_cell(row, column, c)]);
                }
            }
            y[to + c] = largest;
        }
    });
}

/// What the cells of a window receive of the gradient of their mean, asked one after the other: all the same.
template <class V> class parts_of_mean {
public:
    parts_of_mean(const V& dy, const V&, std::size_t cells)
        : part_(dy * V(scalar_t<V>(1) / static_cast<scalar_t<V>>(cells))) {}

    V next(const V&) { return part_; }

private:
    V part_;
};

/// What they receive of the gradient of their maximum y: the first of the largest cells receives all of it.
template <class V> class parts_of_maximum {
public:
    parts_of_maximum(const V& dy, const V& y, std::size_t) : left_(dy), largest_(y) {}

    V next(const V& x) {
        const V zero(scalar_t<V>(0));
        const auto wins = x == largest_;
        const V part = math::select(wins, left_, zero);
        left_ = math::select(wins, zero, left_);
        return part;
    }

private:
    V left_;  // what no cell has received yet
    V largest_;
};

/// The gradient of windows that partition the input, and in the same pass that of the activation whose result x is:
/// dx = the gradient with respect to what it was applied to, and, with Bias, db[channel] += the sum of that over cells
/// and lanes.
template <conv2d_geometry G, template <class> class Parts, class Activation, bool Bias, class V>
void pooling2d_activation_gradient(const V* x, const V* y, const V* dy, V* dx, [[maybe_unused]] scalar_t<V>* db) {
    static_assert(windows_partition_input(G));
    // The sums of few channels stay in registers; of many channels those go together that lie in one page.
    constexpr std::size_t together = G.channels <= 16 ? 8 : 64;
    for_each_block<G.channels, std::min(G.channels, together)>([=](auto channels, std::size_t first) {
        constexpr std::size_t width = channels;
        V sums[width];
        std::fill_n(sums, width, V(scalar_t<V>(0)));
        const auto add_window = [&](std::size_t row, std::size_t column, V(&to)[width]) {
#pragma GCC unroll 8
            for (std::size_t c = 0; c < width; ++c) {
                const std::size_t from = G.output_cell(row, column, first + c);
                Parts<V> parts(dy[from], y[from], G.kernel.rows * G.kernel.columns);
                V sum = to[c];
                for (std::size_t i = 0; i < G.kernel.rows; ++i) {
                    for (std::size_t j = 0; j < G.kernel.columns; ++j) {
                        const std::size_t at =
                            G.input_cell(row * G.kernel.rows + i, column * G.kernel.columns + j, first + c);
                        const V gradient = parts.next(x[at]) * Activation::slope(x[at]);
                        dx[at] = gradient;
                        sum = sum + gradient;
                    }
                }
                to[c] = sum;
            }
        };
        constexpr std::size_t windows = G.output.rows * G.output.columns;
        if constexpr (Bias && windows > longest_running_sum) {
            add_terms<windows>(sums, [&](std::size_t i, V(&to)[width]) {
                V window[width];
                std::fill_n(window, width, V(scalar_t<V>(0)));
                add_window(i / G.output.columns, i % G.output.columns, window);
                for (std::size_t c = 0; c < width; ++c) to[c] = to[c] + window[c];
            });
        } else {
            for (std::size_t row = 0; row < G.output.rows; ++row) {
                for (std::size_t column = 0; column < G.output.columns; ++column) add_window(row, column, sums);
            }
        }
        if constexpr (Bias) {
            for (std::size_t c = 0; c < width; ++c) db[first + c] += sum_lanes(sums[c]);
        }
    });
}

/// dx = the gradient with respect to the input.
template <conv2d_geometry G, template <class> class Parts, class V>
void pooling2d_gradient(const V* x, const V* y, const V* dy, V* dx) {
    if constexpr (windows_partition_input(G)) {
        pooling2d_activation_gradient<G, Parts, linear, false, V>(x, y, dy, dx, nullptr);
    } else {
        std::fill_n(dx, G.input.rows * G.input.columns * G.channels, V(scalar_t<V>(0)));
        detail::for_each_window<G>([&](std::size_t window, span_of_indices rows, span_of_indices columns) {
            const std::size_t cells = (rows.end - rows.begin) * (columns.end - columns.begin);
            for (std::size_t c = 0; c < G.channels; ++c) {
                Parts<V> parts(dy[window + c], y[window + c], cells);
                for (std::size_t row = rows.begin; row < rows.end; ++row) {
                    for (std::size_t column = columns.begin; column < columns.end; ++column) {
                        const std::size_t at = G.input_cell(row, column, c);
                        dx[at] = dx[at] + parts.next(x[at]);
                    }
                }
            }
        });
    }
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
