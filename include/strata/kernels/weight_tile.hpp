#pragma once

#include "strata/core/memory.hpp"
#include "strata/kernels/tile.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

namespace strata::inline STRATA_ISA::kernels {

/// The gradient of a block of weights with lanes over the units (or filters) that they lead to: the sum over samples
/// then needs no sum over lanes, and the operands of a tile stay in the first cache.
///
/// Weights are rows x Units with a distance of `Stride` from row to row. For that the gradient of the units is turned:
/// in the cells lanes are samples, here one register holds a sample's gradient of neighbouring units.
template <std::size_t Rows, std::size_t Units, std::size_t Stride, class V> class weight_tile {
public:
    using T = scalar_t<V>;

private:
    static constexpr std::size_t vectors = (Units + lanes<V> - 1) / lanes<V>;
    static constexpr product sums{.rows = Rows, .columns = vectors};
    static constexpr tile shape = choose_tile(sums);

public:
    /// How many units are turned at a time, in whole registers.
    static constexpr std::size_t width = shape.columns * lanes<V>;

    /// Half cycles for the cells of all rows and one gradient of each unit.
    static constexpr std::size_t half_cycles = lanes<V> * sums.half_cycles(shape);

    /// Half cycles to turn one cell's gradients of all units.
    static constexpr std::size_t half_cycles_of_turning = vectors * 4 * lanes<V>;

    /// The turned gradients of one cell: samples x width.
    struct turned {
        V gradients[lanes<V>][shape.columns];
    };

    /// One term of the sums: the cells of all rows, neighbours in memory, and the gradients that they meet.
    struct term {
        const V* cells;
        const turned* gradients;
    };

    /// Turns the gradients of units `unit`, ..., `unit + width - 1`, or those of them that exist.
    static void turn(const V* gradients, std::size_t unit, turned& to) {
        for (std::size_t j = 0; j < shape.columns; ++j) {
            const std::size_t first = unit + j * lanes<V>;
            V block[lanes<V>];
            for (std::size_t u = 0; u < lanes<V>; ++u) block[u] = gradients[std::min(first + u, Units - 1)];
            transpose(block);
            for (std::size_t n = 0; n < lanes<V>; ++n) to.gradients[n][j] = block[n];
        }
    }

    /// How many rows are added at a time.
    static constexpr std::size_t rows = shape.rows;

    /// dw[row][unit + u] += the sum over terms and samples, for all rows and the units that have been turned.
    static void add(std::span<const term> terms, std::size_t unit, T* dw) {
        for_each_block<Rows, rows>([&](auto block, std::size_t row) { add_rows<block>(terms, row, unit, dw); });
    }

    /// The same for a block of rows.
    template <std::size_t Block>
    static void add_rows(std::span<const term> terms, std::size_t row, std::size_t unit, T* dw) {
        constexpr std::size_t last = (Units - 1) / width * width;
        if (unit < last) {
            add_tile<Block, width>(terms, row, dw + row * Stride + unit);
        } else {
            add_tile<Block, Units - last>(terms, row, dw + row * Stride + last);
        }
    }

private:
    template <std::size_t R, std::size_t Used>
    static void add_tile(std::span<const term> terms, std::size_t row, T* dw) {
        constexpr std::size_t C = (Used + lanes<V> - 1) / lanes<V>;
        V sum[R][C];
#pragma GCC unroll 32
        for (std::size_t i = 0; i < R; ++i) {
#pragma GCC unroll 32
            for (std::size_t j = 0; j < C; ++j) sum[i][j] = V(T(0));
        }
        for (const term& t : terms) {
            const T* values = as_lanes(t.cells + row);
#pragma GCC unroll 1
            for (std::size_t n = 0; n < lanes<V>; ++n) {
                V gradient[C];
#pragma GCC unroll 32
                for (std::size_t j = 0; j < C; ++j) gradient[j] = t.gradients->gradients[n][j];
#pragma GCC unroll 32
                for (std::size_t i = 0; i < R; ++i) {
                    const V value(values[i * lanes<V> + n]);
#pragma GCC unroll 32
                    for (std::size_t j = 0; j < C; ++j) sum[i][j] = multiply_add(value, gradient[j], sum[i][j]);
                }
            }
        }
#pragma GCC unroll 32
        for (std::size_t i = 0; i < R; ++i) {
#pragma GCC unroll 32
            for (std::size_t j = 0; j < C; ++j) {
                add_to(sum[i][j], dw + i * Stride + j * lanes<V>, std::min(lanes<V>, Used - j * lanes<V>));
            }
        }
    }

    /// to[0], ..., to[count - 1] += the first lanes.
    [[gnu::always_inline]] static void add_to(const V& value, T* to, std::size_t count) {
        if (count == lanes<V>) {
            store<V>(load<V>(to) + value, to);
        } else {
            for (std::size_t u = 0; u < count; ++u) to[u] += as_lanes(&value)[u];
        }
    }
};

}  // namespace strata::inline STRATA_ISA::kernels
