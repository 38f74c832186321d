#pragma once

#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/kernels/conv2d/one_sample/padding.hpp"
#include "strata/kernels/one_sample/vectors.hpp"
#include "strata/kernels/tile.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// Convolution of one sample whose lanes run over the columns of the output: y = x * w + bias. Good for few filters.
///
/// Input (with its padding, if there is any) and output have their channels first, the strides over columns are 1. A
/// tile of rows x filters x vectors of columns is summed up in registers.
template <conv2d_geometry G, bool Bias, class V> class conv2d_columns {
public:
    using T = scalar_t<V>;

    /// `bias` is not read without Bias.
    static void run(const T* x, const T* w, const T* bias, T* y) {
        for_each_block<G.output.rows, rows_at_once>([&](auto rows, std::size_t row) {
            for (std::size_t group = 0; group < G.groups; ++group) {
                for_each_block<G.group_filters(), shape.rows>([&](auto filters, std::size_t filter) {
                    for_each_block<vectors::count, shape.columns>([&](auto count, std::size_t first) {
                        add_tile<rows, filters, count>(row, group * G.group_channels(),
                                                       group * G.group_filters() + filter, first, x, w, bias, y);
                    });
                });
            }
        });
    }

private:
    using vectors = vectors_over<G.output.columns, V>;
    static constexpr image_steps in = steps_of(data_format::channels_first, padded_extents(G), G.channels);
    static constexpr image_steps out = steps_of(data_format::channels_first, G.output, G.filters);
    static constexpr tile shape = choose_tile(G.group_filters(), vectors::count);

    /// Several rows where one has too few sums to hide the latency of their multiply-adds: two a cycle, four cycles
    /// each.
    static constexpr std::size_t rows_at_once = [] {
        constexpr std::size_t sums = shape.rows * shape.columns;
        const std::size_t fit = (vector_registers - 1) / (sums + shape.columns);
        return std::clamp<std::size_t>(std::min((fma_in_flight + sums - 1) / sums, fit), 1, G.output.rows);
    }();

    template <std::size_t Rows, std::size_t Filters, std::size_t Vectors>
    static void add_tile(std::size_t row, std::size_t channel, std::size_t filter, std::size_t first, const T* x,
                         const T* w, [[maybe_unused]] const T* bias, T* y) {
        std::size_t start[Vectors];
        for (std::size_t v = 0; v < Vectors; ++v) start[v] = vectors::start(first + v);
        V sum[Rows][Filters][Vectors];
#pragma GCC unroll 32
        for (std::size_t f = 0; f < Filters; ++f) {
            V value(T(0));
            if constexpr (Bias) value = V(bias[filter + f]);
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Rows * Vectors; ++i) sum[i / Vectors][f][i % Vectors] = value;
        }
        for (std::size_t c = 0; c < G.group_channels(); ++c) {
            for (std::size_t tap = 0; tap < G.kernel.rows; ++tap) {
                const T* pixels = x + in.cell(row * G.strides.rows + tap * G.dilation.rows, 0, channel + c);
                const T* weights = w + G.weight(tap, 0, c, filter);
#pragma GCC unroll 32
                for (std::size_t k = 0; k < G.kernel.columns; ++k) add_tap(k, pixels, weights, start, sum);
            }
        }
#pragma GCC unroll 32
        for (std::size_t f = 0; f < Filters; ++f) {
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Rows * Vectors; ++i) {
                const std::size_t r = i / Vectors, v = i % Vectors;
                vectors::store(sum[r][f][v], y + out.cell(row + r, start[v], filter + f));
            }
        }
    }

    template <std::size_t Rows, std::size_t Filters, std::size_t Vectors>
    [[gnu::always_inline]] static void add_tap(std::size_t tap, const T* pixels, const T* weights,
                                               const std::size_t (&start)[Vectors], V (&sum)[Rows][Filters][Vectors]) {
        V pixel[Rows][Vectors];
#pragma GCC unroll 32
        for (std::size_t r = 0; r < Rows; ++r) {
            const T* neighbours = pixels + in.cell(r * G.strides.rows, tap * G.dilation.columns, 0);
#pragma GCC unroll 32
            for (std::size_t v = 0; v < Vectors; ++v) pixel[r][v] = load<V>(neighbours + start[v]);
        }
#pragma GCC unroll 32
        for (std::size_t f = 0; f < Filters; ++f) {
            const V weight(weights[G.weight(0, tap, 0, f)]);
#pragma GCC unroll 32
            for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
                for (std::size_t v = 0; v < Vectors; ++v) {
                    sum[r][f][v] = multiply_add(weight, pixel[r][v], sum[r][f][v]);
                }
            }
        }
    }
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
