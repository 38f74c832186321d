#pragma once

#include "strata/kernels/bfloat16.hpp"
#include "strata/kernels/weight_tile.hpp"
#include "strata/simd/memory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The gradient of a dense layer with respect to its weights, inputs x units, summed over `Rows` rows of inputs and
/// over lanes. With Rounds its operands are rounded to bfloat16.
///
/// In two steps, so that one pack can be finished at once or all packs of a batch together: `keep` writes down what a
/// pack's gradient is made of, `compute` sums up blocks of neighbouring rows of weights, for any number of packs.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class V, bool Rounds = false>
class dense_weight_gradient {
    using T = scalar_t<V>;
    using X = std::conditional_t<Rounds, bfloat16_cell<V>, V>;
    using weights = weight_tile<Inputs, Units, Units, V, X>;
    using term = weight_term<X>;

    /// What is kept of a row: the inputs' cells, and behind them the units' gradients, transposed.
    static constexpr std::size_t column_blocks = (Units + weights::width - 1) / weights::width;
    static constexpr std::size_t input_cells = Rounds ? cells_of_values(Inputs) : Inputs;
    static constexpr std::size_t cells_of_row =
        input_cells + column_blocks * weights::transposed_size * sizeof(operand<X>) / sizeof(V);

public:
    /// How many cells `keep` writes.
    static constexpr std::size_t cells = Rows * cells_of_row;

    /// How many weights there are, the blocks that their rows are cut into, and the weights of each block but the last,
    /// which may be shorter. Their rows follow each other: a block is in one part.
    static constexpr std::size_t count = Inputs * Units, parts = 1, blocks = weights::tiles,
                                 weights_of_block = weights::rows * Units, scratch = 0;

    /// How many blocks should be computed together: their weights stay in the L2 while all operands are streamed.
    static constexpr std::size_t blocks_at_once = std::max<std::size_t>(values_at_a_time / weights_of_block, 1);

    /// Whether all packs of a batch together take less memory traffic than one by one: what is kept of a pack is less
    /// than the gradient that would be cleared, written and added.
    static constexpr bool is_faster = lanes<V> > 1 && 2 * lanes<V>* cells < count;

    /// Writes down what the gradient of a pack is made of.
    static void keep(const V* x, const V* dz, V* kept) {
        for (std::size_t row = 0; row < Rows; ++row, x += Inputs, dz += Units, kept += cells_of_row) {
            if constexpr (Rounds)
                round_cells(x, Inputs, reinterpret_cast<X*>(kept));
            else
                std::copy_n(x, Inputs, kept);
            transpose(dz, kept);
        }
    }

    /// Writes to dw the gradient of the weights in the blocks first, ..., last - 1, or adds it to what is there; `kept`
    /// holds what has been kept of the first pack, `distance` cells further that of the next one. Needs no scratch.
    static void compute(const V* kept, std::size_t distance, std::size_t packs, std::size_t first, std::size_t last,
                        T* dw, V* = nullptr, bool adds = false) {
        std::array<term, most_rows> rows;
        std::size_t used = 0;
        for (std::size_t p = 0; p < packs; ++p) {
            for (std::size_t r = 0; r < Rows; ++r) {
                const V* const row = kept + p * distance + r * cells_of_row;
                rows[used++] = {reinterpret_cast<const X*>(row), gradients_of(row)};
                if (used < most_rows && (p + 1 < packs || r + 1 < Rows)) continue;
                compute_rows_out_of_line({rows.data(), used}, first, last, dw, adds);
                adds = true;
                used = 0;
            }
        }
    }

    /// Adds to dw the gradient of all weights for one pack; `workspace` has as many cells as `keep` writes.
    static void run(const V* x, const V* dz, T* dw, V* workspace) {
        if constexpr (Rounds) {
            keep(x, dz, workspace);
            compute(workspace, 0, 1, 0, blocks, dw, nullptr, true);
        } else {
            for (std::size_t row = 0; row < Rows; ++row) {
                transpose(dz + row * Units, workspace);
                const term in_place{x + row * Inputs, gradients_of(workspace)};
                if constexpr (is_faster)
                    compute_rows_out_of_line({&in_place, 1}, 0, blocks, dw, true);
                else
                    compute_rows({&in_place, 1}, 0, blocks, dw, true);
            }
        }
    }

private:
    /// How many rows are added at a time.
    static constexpr std::size_t most_rows = 64;

    static const operand<X>* gradients_of(const V* row) {
        return reinterpret_cast<const operand<X>*>(row + input_cells);
    }

    static void transpose(const V* dz, V* row) {
        auto* const to = reinterpret_cast<operand<X>*>(row + input_cells);
        for (std::size_t b = 0; b < column_blocks; ++b)
            weights::transpose_gradients(dz, b * weights::width, to + b * weights::transposed_size);
    }

    /// compute_rows for layers that use `compute` and `run`: for the constants of `run` it would be compiled again.
    STRATA_OUT_OF_LINE static void compute_rows_out_of_line(std::span<const term> rows, std::size_t first,
                                                            std::size_t last, T* dw, bool adds) {
        compute_rows(rows, first, last, dw, adds);
    }

    /// `rows` are terms with the gradients of all units, one block of columns behind the other.
    static void compute_rows(std::span<const term> rows, std::size_t first, std::size_t last, T* dw, bool adds) {
        std::array<term, most_rows> terms;
        for (std::size_t begin = first; begin < last; begin += blocks_at_once) {
            for (std::size_t b = 0; b < column_blocks; ++b) {
                for (std::size_t i = 0; i < rows.size(); ++i)
                    terms[i] = {rows[i].cells, rows[i].gradients + b * weights::transposed_size};
                compute_columns({terms.data(), rows.size()}, b, begin, std::min(begin + blocks_at_once, last),
                                dw + (begin - first) * weights_of_block, adds);
            }
        }
    }

    static void compute_columns(std::span<const term> terms, std::size_t b, std::size_t first, std::size_t last, T* dw,
                                bool adds) {
        constexpr std::size_t whole = Inputs / weights::rows, rest = Inputs % weights::rows;
        for (std::size_t block = first; block < std::min(last, whole); ++block, dw += weights_of_block)
            weights::template compute_rows<weights::rows>(terms, block * weights::rows, b * weights::width, dw, adds,
                                                          [] {});
        if constexpr (rest > 0) {
            if (last == blocks)
                weights::template compute_rows<rest>(terms, Inputs - rest, b * weights::width, dw, adds, [] {});
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
