#pragma once

#include "strata/kernels/tile.hpp"

#include <concepts>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Whether an argument is an index<...>, known while compiling.
template <class Index> inline constexpr bool is_constant = !std::same_as<Index, std::size_t>;

/// Cuts one row of an image into blocks, so that padding costs nothing in the middle of it.
///
/// Calls body(index<width>{}, first) for neighbouring blocks of 0, ..., Count - 1. Where `Inner(first, width)` holds,
/// the block has all of its taps inside of the image and `first` is a plain number; for the blocks at the edges `first`
/// is an index<...>, and the body can choose the taps to leave out while compiling.
template <std::size_t Count, std::size_t Block, auto Inner, class Body>
[[gnu::always_inline]] inline void for_each_column_block(Body&& body) {
    constexpr std::size_t blocks = Count / Block;
    constexpr std::size_t left = [] {
        std::size_t n = 0;
        while (n < blocks && !Inner(n * Block, Block)) ++n;
        return n;
    }();
    constexpr std::size_t right = [] {
        std::size_t n = 0;
        while (n < blocks - left && !Inner((blocks - 1 - n) * Block, Block)) ++n;
        return n;
    }();
    unroll<left>([&](auto i) { body(index<Block>{}, index<i * Block>{}); });
    for (std::size_t first = left * Block; first < (blocks - right) * Block; first += Block) {
        body(index<Block>{}, first);
    }
    unroll<right>([&](auto i) { body(index<Block>{}, index<(blocks - right + i) * Block>{}); });
    if constexpr (blocks * Block < Count) body(index<Count - blocks * Block>{}, index<blocks * Block>{});
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
