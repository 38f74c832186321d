#pragma once

#include "strata/simd/bfloat16.hpp"

#include <cstddef>

/// Rounds arrays of operands to bfloat16, in the order in which a kernel multiplies them.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// How many pairs `count` values make; of an odd number the last one has zero for a partner.
constexpr std::size_t pairs_in(std::size_t count) { return (count + 1) / 2; }

/// How many cells of V have room for `count` pairs of weights, and for that many cells of one value.
template <class V> constexpr std::size_t cells_of_weights(std::size_t count) { return packs_for<V>(count); }
constexpr std::size_t cells_of_values(std::size_t count) { return (count + 1) / 2; }

/// Half cycles to make a cell of pairs, or a register of weights; measured.
inline constexpr std::size_t half_cycles_of_pair = 7;

/// How many times that for rows of `count` weights: a register that is not full takes twice as long.
template <class V> constexpr std::size_t registers_of_weights(std::size_t rows, std::size_t count) {
    return rows * (count / lanes<V> + (count % lanes<V> > 0 ? 2 : 0));
}

/// Operands in a scratch: cells of pairs, and pairs of weights behind them.
template <class V> struct paired_operands {
    bfloat16_pairs<V>* cells;
    bfloat16_pair* weights;

    paired_operands(V* scratch, std::size_t count)
        : cells{reinterpret_cast<bfloat16_pairs<V>*>(scratch)},
          weights{reinterpret_cast<bfloat16_pair*>(cells + count)} {}
};

/// to[i] = first[i] and second[i]; a row that does not exist, a null pointer, counts as zeros.
template <class V> void pair_rows(const V* first, const V* second, std::size_t count, bfloat16_pairs<V>* to) {
    const V zero(scalar_t<V>(0));
    if (first != nullptr && second != nullptr) {
        for (std::size_t i = 0; i < count; ++i) to[i] = bfloat16_pairs<V>(first[i], second[i]);
    } else {
        for (std::size_t i = 0; i < count; ++i)
            to[i] = bfloat16_pairs<V>(first ? first[i] : zero, second ? second[i] : zero);
    }
}

/// The same for rows of weights.
template <class V>
void pair_rows(const scalar_t<V>* first, const scalar_t<V>* second, std::size_t count, bfloat16_pair* to) {
    const V zero(scalar_t<V>(0));
    std::size_t i = 0;
    for (; i + lanes<V> <= count; i += lanes<V>)
        store(bfloat16_pairs<V>(load<V>(first + i), second ? load<V>(second + i) : zero), to + i);
    const std::size_t rest = count - i;
    if (rest == 0) return;
    store_first(bfloat16_pairs<V>(load_first<V>(first + i, rest), second ? load_first<V>(second + i, rest) : zero),
                rest, to + i);
}

/// Pairs the neighbours among the rows of a matrix of cells or weights; an odd last one with zeros.
template <std::size_t Rows, std::size_t Columns, class V, class From, class To>
void pair_neighbouring_rows(const From* from, To* to) {
    for (std::size_t row = 0; row < Rows; row += 2, from += 2 * Columns, to += Columns)
        pair_rows<V>(from, row + 1 < Rows ? from + Columns : nullptr, Columns, to);
}

/// Pairs the neighbours in each of `rows` rows of Count cells.
template <std::size_t Count, class V> void pair_neighbours(const V* cells, std::size_t rows, bfloat16_pairs<V>* to) {
    for (std::size_t row = 0; row < rows; ++row, cells += Count, to += pairs_in(Count)) {
        for (std::size_t i = 0; i < Count / 2; ++i) to[i] = bfloat16_pairs<V>(cells[2 * i], cells[2 * i + 1]);
        if constexpr (Count % 2 == 1) to[Count / 2] = bfloat16_pairs<V>(cells[Count - 1], V(scalar_t<V>(0)));
    }
}

/// Pairs the neighbours in one row of weights.
template <class V> void pair_row(const scalar_t<V>* weights, std::size_t count, bfloat16_pair* to) {
    std::size_t i = 0;
    for (; i + lanes<V> <= count; i += lanes<V>) store(bfloat16_cell<V>(load<V>(weights + i)), to + i / 2);
    if (i < count)
        store_first(bfloat16_cell<V>(load_first<V>(weights + i, count - i)), pairs_in(count - i), to + i / 2);
}

/// The same for rows of weights.
template <std::size_t Count, class V>
void pair_neighbours(const scalar_t<V>* weights, std::size_t rows, bfloat16_pair* to) {
    if constexpr (Count % 2 == 1) {
        for (std::size_t row = 0; row < rows; ++row)
            pair_row<V>(weights + row * Count, Count, to + row * pairs_in(Count));
    } else {
        pair_row<V>(weights, rows * Count, to);
    }
}

/// Rounds `count` cells.
template <class V> void round_cells(const V* cells, std::size_t count, bfloat16_cell<V>* to) {
    for (std::size_t i = 0; i < count; ++i) to[i] = bfloat16_cell<V>(cells[i]);
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
