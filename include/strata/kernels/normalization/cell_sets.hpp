#pragma once

#include "strata/kernels/tile.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

/// Sets of cells of one sample that are normalized together.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// `count` sets, whose first cells are `distance` apart. A set is `runs` runs of `width` neighbouring cells each, which
/// start `stride` cells apart. The parameters of a set start `parameter_distance` behind those of the one before.
struct cell_sets {
    std::size_t count, distance;
    std::size_t runs, stride, width;
    std::size_t parameter_distance;

    /// Each row of a matrix is a set; the parameters belong to the columns.
    static constexpr cell_sets of_rows(std::size_t rows, std::size_t columns) {
        return {rows, columns, 1, columns, columns, 0};
    }

    /// Neighbouring channels at all positions are a set; the parameters belong to the channels.
    static constexpr cell_sets of_channels(std::size_t positions, std::size_t channels, std::size_t groups) {
        return {groups, channels / groups, positions, channels, channels / groups, channels / groups};
    }

    /// Cells of one set, and of all.
    constexpr std::size_t size() const { return runs * width; }
    constexpr std::size_t cells() const { return count * size(); }

    /// The parameters of all sets; cell i has parameter i % parameters().
    constexpr std::size_t parameters() const { return parameter_distance == 0 ? width : count * width; }

    /// The set of the cell that parameter p has in a row of parameters() cells.
    constexpr std::size_t set_of(std::size_t row, std::size_t p) const {
        return parameter_distance == 0 ? row : p / width;
    }
};

/// N sums over the cells of a set at once: `add(cell, column, sums)` adds the terms of a cell; `cell` counts from the
/// set's first one, `column` in its run. Neighbours are added up first, a few dozen cells at a time, see long_sums.hpp.
/// Four sums of each kind grow side by side, since each has to wait for itself.
template <cell_sets Sets, std::size_t N, class V, class Add>
[[gnu::always_inline]] inline std::array<V, N> sums_over_set(const Add& add) {
    constexpr std::size_t block = terms_of_block, side_by_side = 4;
    constexpr bool side_by_side_runs = Sets.runs >= side_by_side;
    constexpr std::size_t columns = std::min(Sets.width, side_by_side_runs ? block / side_by_side : block);
    constexpr std::size_t runs = std::min(Sets.runs, block / columns);
    std::array<V, N> total;
    [[maybe_unused]] std::array<V, N> lost;
    total.fill(V(scalar_t<V>(0)));
    lost.fill(V(scalar_t<V>(0)));
    for (std::size_t first_run = 0; first_run < Sets.runs; first_run += runs) {
        const std::size_t last_run = std::min(first_run + runs, Sets.runs);
        for (std::size_t first = 0; first < Sets.width; first += columns) {
            const std::size_t last = std::min(first + columns, Sets.width);
            std::array<std::array<V, N>, side_by_side> part;
            for (auto& sums : part) sums.fill(V(scalar_t<V>(0)));
            std::size_t run = first_run;
            if constexpr (side_by_side_runs) {
                for (; run + side_by_side <= last_run; run += side_by_side) {
                    for (std::size_t i = first; i < last; ++i)
                        unroll<side_by_side>([&](auto j) { add((run + j) * Sets.stride + i, i, part[j]); });
                }
            }
            for (; run < last_run; ++run) {
                std::size_t i = first;
                for (; i + side_by_side <= last; i += side_by_side)
                    unroll<side_by_side>([&](auto j) { add(run * Sets.stride + i + j, i + j, part[j]); });
                for (; i < last; ++i) add(run * Sets.stride + i, i, part[0]);
            }
            for (std::size_t n = 0; n < N; ++n) {
                const V sum = (part[0][n] + part[1][n]) + (part[2][n] + part[3][n]);
                if constexpr (Sets.size() > longest_running_sum)
                    add_compensated(sum, total[n], lost[n]);
                else
                    total[n] = total[n] + sum;
            }
        }
    }
    return total;
}

/// Calls f(cell, column) for each cell of a set.
template <cell_sets Sets, class F> [[gnu::always_inline]] inline void for_each_cell(const F& f) {
    for (std::size_t run = 0; run < Sets.runs; ++run) {
        for (std::size_t i = 0; i < Sets.width; ++i) f(run * Sets.stride + i, i);
    }
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
