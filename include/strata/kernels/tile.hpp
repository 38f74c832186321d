#pragma once

#include "strata/core/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

/// Register tiles: how the inner loops of all matrix-like kernels are cut so that their sums stay in registers.
namespace strata::kernels {

template <std::size_t I> using index = std::integral_constant<std::size_t, I>;

/// Calls f(index<0>{}), ..., f(index<N - 1>{}): a loop whose counter is a constant in each turn.
template <std::size_t N, class F> [[gnu::always_inline]] inline void unroll(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) { (f(index<I>{}), ...); }
    (std::make_index_sequence<N>{});
}

/// Calls body(index<size>{}, first) for neighbouring blocks of 0, ..., Count - 1: blocks of Block, and a shorter last
/// one.
template <std::size_t Count, std::size_t Block, class Body>
[[gnu::always_inline]] inline void for_each_block(Body&& body) {
    constexpr std::size_t whole = Count / Block * Block;
    if constexpr (whole == Block) {
        body(index<Block>{}, index<0>{});
    } else {
        for (std::size_t first = 0; first < whole; first += Block) body(index<Block>{}, first);
    }
    if constexpr (whole < Count) body(index<Count - whole>{}, index<whole>{});
}

/// Rows x columns sums that are kept in registers.
struct tile {
    std::size_t rows = 1;
    std::size_t columns = 1;
};

/// The tile for a product of `rows` x `columns` sums, in which each step of the inner loop loads one operand for each
/// row and one for each column of the tile.
///
/// The rule: a tile needs rows * columns registers for sums, `columns` for the operands that are reused, and one more.
/// Of the tiles that fit, the one is taken that needs the fewest half cycles for all tiles together, the shorter ones
/// at the edges included: a step of a tile takes as long as its multiply-adds, its loads (both two a cycle) or the wait
/// for its own sums (four cycles), whichever is longest. Among equals, the one with fewer loads. The columns of a tile
/// are a multiple of `step`.
constexpr tile choose_tile(std::size_t rows, std::size_t columns, std::size_t step = 1,
                           std::size_t registers = vector_registers) {
    constexpr std::size_t latency = 8, more_than_loads = 4096;  // a half cycle outweighs the loads of all tiles
    tile best{1, std::min(columns, step)};
    std::size_t best_cost = ~std::size_t{0};
    for (std::size_t r = 1; r <= std::min(rows, registers); ++r) {
        for (std::size_t c = std::min(step, columns); c <= std::min(columns, registers); c += step) {
            if (r * c + c + 1 > registers) break;
            const auto cost_of = [](std::size_t a, std::size_t b) {
                return a * b == 0 ? 0 : more_than_loads * std::max({a * b, a + b, latency}) + a + b;
            };
            const std::size_t rest_r = rows % r, rest_c = columns % c;
            const std::size_t cost = (rows / r) * (columns / c) * cost_of(r, c) + (columns / c) * cost_of(rest_r, c) +
                                     (rows / r) * cost_of(r, rest_c) + cost_of(rest_r, rest_c);
            if (cost < best_cost) {
                best_cost = cost;
                best = {r, c};
            }
        }
    }
    return best;
}

}  // namespace strata::kernels
