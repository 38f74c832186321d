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

/// Convolution of one sample whose lanes run over filters: y = x * w + bias.
///
/// The input (with its padding, if there is any) has either format, the output its channels last. A tile of rows x
/// columns x vectors of filters is summed up in registers.
template <conv2d_geometry G, data_format From, bool Bias, class V> class conv2d_filters {
public:
    using T = scalar_t<V>;

    /// `bias` is not read without Bias.
    static void run(const T* x, const T* w, const T* bias, T* y) {
        for (std::size_t group = 0; group < G.groups; ++group) {
            for_each_block<vectors::count, shape.columns>([&](auto count, std::size_t first) {
                for_each_block<G.output.rows, rows_at_once>([&](auto rows, std::size_t row) {
                    for_each_block<G.output.columns, shape.rows>([&](auto columns, std::size_t column) {
                        add_tile<rows, columns, count>(row, column, group, first, x, w, bias, y);
                    });
                });
            });
        }
    }

private:
    using vectors = vectors_over<G.group_filters(), V>;
    static constexpr image_steps in = steps_of(From, padded_extents(G), G.channels);
    static constexpr tile shape = choose_tile(G.output.columns, vectors::count);

    /// More rows share the weights, as long as all sums, the weights of the taps and one pixel fit into registers.
    static constexpr std::size_t rows_at_once = [] {
        const std::size_t weights = shape.columns == 1 ? G.kernel.columns : shape.columns;
        const std::size_t left = vector_registers - std::min(vector_registers, weights + 1);
        return std::clamp<std::size_t>(left / (shape.rows * shape.columns), 1, G.output.rows);
    }();

    template <std::size_t Rows, std::size_t Columns, std::size_t Vectors>
    static void add_tile(std::size_t row, std::size_t column, std::size_t group, std::size_t first, const T* x,
                         const T* w, [[maybe_unused]] const T* bias, T* y) {
        std::size_t filter[Vectors];
        V sum[Rows][Columns][Vectors];
#pragma GCC unroll 32
        for (std::size_t v = 0; v < Vectors; ++v) {
            filter[v] = group * G.group_filters() + vectors::start(first + v);
            V value(T(0));
            if constexpr (Bias) value = load<V>(bias + filter[v]);
#pragma GCC unroll 32
            for (std::size_t i = 0; i < Rows * Columns; ++i) sum[i / Columns][i % Columns][v] = value;
        }
        for (std::size_t tap = 0; tap < G.kernel.rows; ++tap) {
            for (std::size_t c = 0; c < G.group_channels(); ++c) {
                add_kernel_row(x + in.cell(row * G.strides.rows + tap * G.dilation.rows, column * G.strides.columns,
                                           group * G.group_channels() + c),
                               w + G.weight(tap, 0, c, 0), filter, sum);
            }
        }
#pragma GCC unroll 32
        for (std::size_t i = 0; i < Rows * Columns; ++i) {
            const std::size_t r = i / Columns, j = i % Columns;
#pragma GCC unroll 32
            for (std::size_t v = 0; v < Vectors; ++v) {
                vectors::store(sum[r][j][v], y + G.output_cell(row + r, column + j, filter[v]));
            }
        }
    }

    /// How many taps go along the pixels together. Each pixel is loaded once for all of them, which counts where it has
    /// but one vector of filters; with more vectors a tap of its own keeps the sums further apart.
    template <std::size_t Sums, std::size_t Vectors>
    static constexpr std::size_t taps_at_once = Vectors > 1
                                                    ? 1
                                                    : std::clamp<std::size_t>(vector_registers -
                                                                                  std::min(vector_registers, Sums + 1),
                                                                              1, G.kernel.columns);

    template <std::size_t Rows, std::size_t Columns, std::size_t Vectors>
    [[gnu::always_inline]] static void add_kernel_row(const T* pixels, const T* w, const std::size_t (&filter)[Vectors],
                                                      V (&sum)[Rows][Columns][Vectors]) {
        constexpr std::size_t block = taps_at_once<Rows * Columns * Vectors, Vectors>;
        constexpr std::size_t whole = G.kernel.columns / block, rest = G.kernel.columns % block;
        unroll<whole>([&](auto i) __attribute__((always_inline)) {
            add_taps<block>(index<i * block>{}, pixels, w, filter, sum);
        });
        if constexpr (rest > 0) add_taps<rest>(index<whole * block>{}, pixels, w, filter, sum);
    }

    /// Goes along the pixels: each is read once for all of the taps.
    template <std::size_t Taps, std::size_t First, std::size_t Rows, std::size_t Columns, std::size_t Vectors>
    [[gnu::always_inline]] static void add_taps(index<First>, const T* pixels, const T* w,
                                                const std::size_t (&filter)[Vectors],
                                                V (&sum)[Rows][Columns][Vectors]) {
        constexpr std::size_t reach = (Columns - 1) * G.strides.columns + (Taps - 1) * G.dilation.columns + 1;
        V weight[Taps][Vectors];
#pragma GCC unroll 32
        for (std::size_t k = 0; k < Taps; ++k) {
#pragma GCC unroll 32
            for (std::size_t v = 0; v < Vectors; ++v) {
                weight[k][v] = load<V>(w + G.weight(0, First + k, 0, 0) + filter[v]);
            }
        }
#pragma GCC unroll 32
        for (std::size_t at = 0; at < reach; ++at) {
#pragma GCC unroll 32
            for (std::size_t r = 0; r < Rows; ++r) {
                add_pixel(at, pixels + in.cell(r * G.strides.rows, at + First * G.dilation.columns, 0), weight, sum[r]);
            }
        }
    }

    template <std::size_t Taps, std::size_t Columns, std::size_t Vectors>
    [[gnu::always_inline]] static void add_pixel(std::size_t at, const T* pixel, const V (&weight)[Taps][Vectors],
                                                 V (&sum)[Columns][Vectors]) {
#pragma GCC unroll 32
        for (std::size_t k = 0; k < Taps; ++k) {
            const std::size_t before = k * G.dilation.columns, column = (at - before) / G.strides.columns;
            if (at < before || (at - before) % G.strides.columns != 0 || column >= Columns) continue;
#pragma GCC unroll 32
            for (std::size_t v = 0; v < Vectors; ++v) {
                sum[column][v] = multiply_add(V(*pixel), weight[k][v], sum[column][v]);
            }
        }
    }
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
