#pragma once

#include "strata/core/context.hpp"
#include "strata/core/data_format.hpp"
#include "strata/kernels/conv2d/one_sample/padding.hpp"
#include "strata/kernels/one_sample/vectors.hpp"
#include "strata/kernels/pooling2d/windows.hpp"
#include "strata/simd/math.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// The mean of a window.
struct average_of_window {
    template <class T> static constexpr T start = 0;
    template <class V> static V add(const V& sum, const V& cell) { return sum + cell; }
    template <class V> static V finish(const V& sum, const V& share) { return sum * share; }
};

/// The largest cell of a window.
struct maximum_of_window {
    template <class T> static constexpr T start = -std::numeric_limits<T>::infinity();
    template <class V> static V add(const V& largest, const V& cell) { return math::largest(largest, cell); }
    template <class V> static V finish(const V& largest, const V&) { return largest; }
};

/// Pooling of one sample, in the format of its input. Cells of the padding are ignored.
template <conv2d_geometry G, class Window, class V> class pooling2d {
public:
    using T = scalar_t<V>;
    static constexpr std::size_t scratch = padded_extents(G).columns;
    static constexpr bool reads_channels_first = true;
    static constexpr data_format output_format(data_format input) { return input; }

    template <data_format Format> static void run(forward_context<T> c) {
        const T* const x = c.x;
        T *const y = c.y, *const line = c.scratch;
        constexpr std::size_t planes = Format == data_format::channels_last ? 1 : G.channels;
        for (std::size_t plane = 0; plane < planes; ++plane) {
            for (std::size_t row = 0; row < G.output.rows; ++row) {
                const auto taps = taps_of_row(G, row);
                const std::size_t first = G.input_row(row, taps.begin);
                const std::size_t rows = taps.end - taps.begin;
                if constexpr (Format == data_format::channels_last)
                    pool_row(x + G.input_cell(first, 0, 0), rows, y + G.output_cell(row, 0, 0));
                else
                    pool_row_of_channel(x + (plane * G.input.rows + first) * G.input.columns, rows, line,
                                        y + (plane * G.output.rows + row) * G.output.columns);
            }
        }
    }

private:
    static constexpr bool padded = padded_extents(G) != G.input;

    static constexpr span_of_indices taps_of(std::size_t column) {
        return taps_of_output(column * G.strides.columns, G.kernel.columns, 1, G.before.columns, G.input.columns);
    }

    /// One divided by the number of the columns that belong to a window.
    static constexpr auto column_share = [] {
        std::array<T, G.output.columns> shares{};
        for (std::size_t column = 0; column < G.output.columns; ++column)
            shares[column] = T(1) / static_cast<T>(taps_of(column).end - taps_of(column).begin);
        return shares;
    }();

    /// The lanes run over channels.
    static void pool_row(const T* x, std::size_t rows, T* y) {
        using vectors = vectors_over<G.channels, V>;
        for (std::size_t column = 0; column < G.output.columns; ++column, y += G.channels) {
            const auto taps = taps_of(column);
            const V share(T(1) / static_cast<T>(rows) * column_share[column]);
            const T* window = x + (column * G.strides.columns + taps.begin - G.before.columns) * G.channels;
            for (std::size_t v = 0; v < vectors::count; ++v) {
                const T* cells = window + vectors::start(v);
                const V sum = fold_window<G.kernel.rows * G.kernel.columns>(
                    {0, rows}, {0, taps.end - taps.begin}, V(Window::template start<T>),
                    [&](std::size_t row, std::size_t tap) {
                        return load<V>(cells + (row * G.input.columns + tap) * G.channels);
                    },
                    [](const V& a, const V& b) { return Window::add(a, b); });
                store<V>(Window::finish(sum, share), y + vectors::start(v));
            }
        }
    }

    /// The lanes run over columns. Windows that are far apart or reach over the border go through `line`, which holds
    /// the sums down the rows of all columns.
    static void pool_row_of_channel(const T* x, std::size_t rows, T* line, T* y) {
        const T row_share = T(1) / static_cast<T>(rows);
        if constexpr (G.strides.columns <= 2 && G.kernel.columns <= terms_of_block && !padded) {
            using vectors = vectors_over<G.output.columns, V>;
            const V share(row_share * column_share[0]);
            for (std::size_t v = 0; v < vectors::count; ++v) {
                const V sum = windows_of(x + vectors::start(v) * G.strides.columns);
                store<V>(Window::finish(sum, share), y + vectors::start(v));
            }
        } else {
            using vectors = vectors_over<G.input.columns, V>;
            if constexpr (padded) std::fill_n(line, padded_extents(G).columns, Window::template start<T>);
            for (std::size_t v = 0; v < vectors::count; ++v)
                vectors::store(down(x + vectors::start(v), rows), line + G.before.columns + vectors::start(v));
            for (std::size_t column = 0; column < G.output.columns; ++column) {
                const T sum = fold_window<G.kernel.columns>(
                    {0, 1}, {0, G.kernel.columns}, Window::template start<T>,
                    [&](std::size_t, std::size_t tap) { return line[column * G.strides.columns + tap]; },
                    [](const T& a, const T& b) { return Window::add(a, b); });
                y[column] = Window::finish(sum, row_share * column_share[column]);
            }
        }
    }

    /// The sums of neighbouring columns of windows.
    [[gnu::always_inline]] static V down(const T* x, std::size_t rows) {
        if constexpr (G.kernel.rows > terms_of_block) {
            return fold_window<G.kernel.rows>(
                {0, rows}, {0, 1}, V(Window::template start<T>),
                [&](std::size_t row, std::size_t) { return load<V>(x + row * G.input.columns); },
                [](const V& a, const V& b) { return Window::add(a, b); });
        }
        V sum = load<V>(x);
        for (std::size_t row = 1; row < rows; ++row) sum = Window::add(sum, load<V>(x + row * G.input.columns));
        return sum;
    }

    /// The sums of neighbouring windows, one or two columns apart.
    [[gnu::always_inline]] static V windows_of(const T* x) {
        V sum(Window::template start<T>);
        for (std::size_t tap = 0; tap < G.kernel.columns; tap += G.strides.columns) {
            const V a = down(x + tap, G.kernel.rows);
            if constexpr (G.strides.columns == 1) {
                sum = Window::add(sum, a);
            } else {
                const V b = down(x + tap + lanes<V>, G.kernel.rows);
                sum = Window::add(sum, every_second<0>(a, b));
                if (tap + 1 < G.kernel.columns) sum = Window::add(sum, every_second<1>(a, b));
            }
        }
        return sum;
    }
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
