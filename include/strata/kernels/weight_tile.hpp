#pragma once

#include "strata/kernels/tile.hpp"
#include "strata/simd/bfloat16.hpp"
#include "strata/simd/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// One term of the sums of a weight_tile: the cells of all rows, neighbours in memory, and the transposed gradients
/// that they meet.
template <class X> struct weight_term {
    const X* cells;
    const operand<X>* gradients;
};

/// The gradient of a block of weights with lanes over the units (or filters) that they lead to: the sum over samples
/// then needs no sum over lanes, and the operands of a tile stay in the L1.
///
/// Weights are rows x Units with a distance of `Stride` from row to row. For that the gradient of the units is
/// transposed: in the cells lanes are samples, here one register holds a sample's gradient of neighbouring units.
///
/// X are the cells of the rows: those of a bfloat16_cell meet the gradients of two samples at a time.
template <std::size_t Rows, std::size_t Units, std::size_t Stride, class V, class X = V> class weight_tile {
public:
    using T = scalar_t<V>;

private:
    static constexpr std::size_t vectors = packs_for<V>(Units);
    static constexpr product sums{.rows = Rows, .columns = vectors};
    static constexpr tile shape = choose_tile(sums);

public:
    /// How many units are transposed at a time, in whole registers.
    static constexpr std::size_t width = shape.columns * lanes<V>;

    /// Half cycles for the cells of all rows and one gradient of each unit.
    static constexpr std::size_t half_cycles = lanes<X> * sums.half_cycles(shape);

    /// Half cycles to transpose one cell's gradients of all units.
    static constexpr std::size_t half_cycles_to_transpose = vectors * 4 * lanes<V>;

    /// How many registers the transposed gradients of one cell take: samples, or pairs of them, x width.
    static constexpr std::size_t transposed_size = lanes<X> * shape.columns;

    /// Transposes the gradients of units `unit`, ..., `unit + width - 1`, or those of them that exist.
    static void transpose_gradients(const V* gradients, std::size_t unit, operand<X>* to) {
        for (std::size_t j = 0; j < shape.columns; ++j) {
            const std::size_t first = unit + j * lanes<V>;
            V block[lanes<V>];
            for (std::size_t u = 0; u < lanes<V>; ++u) block[u] = gradients[std::min(first + u, Units - 1)];
            transpose(block);
            for (std::size_t n = 0; n < lanes<X>; ++n) {
                if constexpr (lanes<X> == lanes<V>)
                    to[n * shape.columns + j] = block[n];
                else
                    to[n * shape.columns + j] = operand<X>(block[2 * n], block[2 * n + 1]);
            }
        }
    }

    /// How many rows are added at a time.
    static constexpr std::size_t rows = shape.rows;

    /// How many tiles all rows are cut into.
    static constexpr std::size_t tiles = (Rows + rows - 1) / rows;

    /// dw[row][unit + u] += the sum over terms and samples, for all rows and the units that have been transposed. Calls
    /// between() before each term of each tile.
    template <class Between>
    static void add(std::span<const weight_term<X>> terms, std::size_t unit, T* dw, const Between& between) {
        for_each_block<Rows, rows>([&](auto block, std::size_t row) {
            compute_rows<block>(terms, row, unit, dw + row * Stride, true, between);
        });
    }

    /// The same for a block of rows; dw is the first one's. Unless `adds` the sums take the place of what is there.
    template <std::size_t Block, class Between>
    static void compute_rows(std::span<const weight_term<X>> terms, std::size_t row, std::size_t unit, T* dw, bool adds,
                             const Between& between) {
        constexpr std::size_t last = (Units - 1) / width * width;
        if (unit < last) {
            compute_tile<Block, width>(terms, row, dw + unit, adds, between);
        } else {
            compute_tile<Block, Units - last>(terms, row, dw + last, adds, between);
        }
    }

private:
    template <std::size_t R, std::size_t Used, class Between>
    static void compute_tile(std::span<const weight_term<X>> terms, std::size_t row, T* dw, bool adds,
                             const Between& between) {
        constexpr std::size_t C = packs_for<V>(Used);
        V sum[R][C];
#pragma GCC unroll 32
        for (std::size_t i = 0; i < R; ++i) {
#pragma GCC unroll 32
            for (std::size_t j = 0; j < C; ++j) sum[i][j] = V(T(0));
        }
        for (const weight_term<X>& term : terms) {
            between();
            const scalar_t<X>* values = as_lanes(term.cells + row);
#pragma GCC unroll 1
            for (std::size_t n = 0; n < lanes<X>; ++n) {
                operand<X> gradient[C];
#pragma GCC unroll 32
                for (std::size_t j = 0; j < C; ++j) gradient[j] = load_for<R>(term.gradients[n * shape.columns + j]);
#pragma GCC unroll 32
                for (std::size_t i = 0; i < R; ++i) {
                    const operand<X> value(values[i * lanes<X> + n]);
#pragma GCC unroll 32
                    for (std::size_t j = 0; j < C; ++j) sum[i][j] = multiply_add(value, gradient[j], sum[i][j]);
                }
            }
        }
        if constexpr (Used % lanes<V> > lanes<V> / 4) {
            write_with_rest<Used>(sum, dw, adds);
        } else {
#pragma GCC unroll 32
            for (std::size_t i = 0; i < R; ++i) {
#pragma GCC unroll 32
                for (std::size_t j = 0; j < C; ++j) {
                    write(sum[i][j], dw + i * Stride + j * lanes<V>, std::min(lanes<V>, Used - j * lanes<V>), adds);
                }
            }
        }
    }

    /// The first lanes become, or are added to, to[0], ..., to[count - 1].
    [[gnu::always_inline]] static void write(const V& value, T* to, std::size_t count, bool adds) {
        if (count == lanes<V>) {
            store<V>(adds ? load<V>(to) + value : value, to);
        } else {
            for (std::size_t u = 0; u < count; ++u) to[u] = adds ? to[u] + as_lanes(&value)[u] : as_lanes(&value)[u];
        }
    }

    /// Writes the sums of rows whose last register is not full, but too full for writing its lanes one by one.
    ///
    /// It is written whole and hangs over into what follows, most often the next row. So everything is read before
    /// anything is written, in the order of the memory: the last to write to a place is the row that it belongs to. The
    /// rows that would hang out of the tile's memory write their last register shifted, behind what is there.
    template <std::size_t Used, std::size_t R, std::size_t C>
    [[gnu::always_inline]] static void write_with_rest(V (&sum)[R][C], T* dw, bool adds) {
        constexpr std::size_t rest = Used % lanes<V>, whole = Used - rest;
        const auto hangs_out = [](std::size_t i) { return i * Stride + whole + lanes<V> > (R - 1) * Stride + Used; };
#pragma GCC unroll 32
        for (std::size_t i = 0; i < R; ++i) {
            const T* row = dw + i * Stride;
#pragma GCC unroll 32
            for (std::size_t j = 0; j < C - 1; ++j) {
                if (adds) sum[i][j] = load<V>(row + j * lanes<V>) + sum[i][j];
            }
            if (hangs_out(i)) continue;
            const V old = load<V>(row + whole);
            sum[i][C - 1] = first_lanes_of<rest>(adds ? old + sum[i][C - 1] : sum[i][C - 1], old);
        }
#pragma GCC unroll 32
        for (std::size_t i = 0; i < R; ++i) {
            T* row = dw + i * Stride;
            V& last = sum[i][C - 1];
#pragma GCC unroll 32
            for (std::size_t j = 0; j < C - 1; ++j) store<V>(sum[i][j], row + j * lanes<V>);
            if (!hangs_out(i)) {
                store<V>(last, row + whole);
            } else if (i * Stride + Used >= lanes<V>) {
                T* to = row + Used - lanes<V>;
                const V old = load<V>(to);
                store<V>(adds ? old + moved_to_the_end<rest>(V(T(0)), last) : moved_to_the_end<rest>(old, last), to);
            } else {
                write(last, row + whole, rest, adds);
            }
        }
    }

    /// The first `Count` lanes of `value`, and the others of `other`.
    template <std::size_t Count> [[gnu::always_inline]] static V first_lanes_of(const V& value, const V& other) {
        return [&]<std::size_t... Lane>(std::index_sequence<Lane...>) __attribute__((always_inline)) {
            return V(__builtin_shufflevector(value.data, other.data, int(Lane < Count ? Lane : lanes<V> + Lane)...));
        }
        (std::make_index_sequence<lanes<V>>{});
    }

    /// The first lanes of `before`, and behind them the first `Count` ones of `value`.
    template <std::size_t Count> [[gnu::always_inline]] static V moved_to_the_end(const V& before, const V& value) {
        constexpr std::size_t kept = lanes<V> - Count;
        return [&]<std::size_t... Lane>(std::index_sequence<Lane...>) __attribute__((always_inline)) {
            return V(__builtin_shufflevector(before.data, value.data, int(Lane < kept ? Lane : Count + Lane)...));
        }
        (std::make_index_sequence<lanes<V>>{});
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
