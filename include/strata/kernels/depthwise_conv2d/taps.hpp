#pragma once

#include "strata/kernels/column_blocks.hpp"
#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Depthwise convolutions, in which each filter reads one channel. Their geometry is that of a convolution with as many
/// groups as channels.
constexpr std::size_t depth_multiplier(const conv2d_geometry& g) { return g.filters / g.channels; }

/// How a row of outputs meets a row of taps: each cell of the input is loaded once, for all of the taps that read it.
template <conv2d_geometry G> class depthwise_row {
    using difference = std::ptrdiff_t;

    static constexpr bool reads_input(std::size_t column, std::size_t distance) {
        const std::size_t at = column * G.strides.columns + distance;
        return at >= G.before.columns && at - G.before.columns < G.input.columns;
    }

    static constexpr auto inner = [](std::size_t first, std::size_t width) {
        return reads_input(first, 0) && reads_input(first + width - 1, (G.kernel.columns - 1) * G.dilation.columns);
    };

    template <class Column> static constexpr bool uses(std::size_t distance) {
        if constexpr (is_constant<Column>)
            return reads_input(Column::value, distance);
        else
            return true;
    }

    /// The output of a block whose tap is so far from the block's first cell; none is a large number.
    static constexpr std::size_t output(std::size_t distance, std::size_t tap) {
        const std::size_t before = tap * G.dilation.columns;
        return distance < before || (distance - before) % G.strides.columns != 0
                   ? std::size_t(-1)
                   : (distance - before) / G.strides.columns;
    }

    /// Outputs of a block: their sums, a row of weights and a cell fit into the registers, and the blocks are as equal
    /// as they can be.
    static constexpr std::size_t block = [] {
        constexpr std::size_t most = 12, taken = std::min(vector_registers, G.kernel.columns + 1);
        const std::size_t fit = std::clamp<std::size_t>(vector_registers - taken, 4, most);
        const std::size_t blocks = (G.output.columns + fit - 1) / fit;
        return (G.output.columns + blocks - 1) / blocks;
    }();

public:
    /// Calls body(index<width>{}, column) for blocks of outputs; see for_each_column_block.
    template <class Body> [[gnu::always_inline]] static void for_each_block(Body&& body) {
        for_each_column_block<G.output.columns, block, inner>(body);
    }

    /// Calls multiply(output of the block, tap, cell) for the block of `Columns` outputs that begins at `column`; `row`
    /// is the first cell of a row of the input, in the channel that is read.
    template <std::size_t Columns, class V, class Column, class Body>
    [[gnu::always_inline]] static void for_each_product(Column column, const V* row, Body&& multiply) {
        constexpr std::size_t reach =
            (Columns - 1) * G.strides.columns + (G.kernel.columns - 1) * G.dilation.columns + 1;
        // One address that varies, and constant distances from it.
        row += column * G.strides.columns * G.channels;
#pragma GCC unroll 64
        for (std::size_t at = 0; at < reach; ++at) {
            if (!uses<Column>(at)) continue;
            const difference distance = difference(at) - difference(G.before.columns);
            const V cell = load_for<G.kernel.columns>(row[distance * difference(G.channels)]);
#pragma GCC unroll 64
            for (std::size_t tap = 0; tap < G.kernel.columns; ++tap) {
                if (output(at, tap) < Columns) multiply(output(at, tap), tap, cell);
            }
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
