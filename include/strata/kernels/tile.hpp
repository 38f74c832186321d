#pragma once

#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>

/// Register tiles: how the inner loops of all matrix-like kernels are cut so that their sums stay in registers.
///
/// Loops over a tile have constant length and carry `#pragma GCC unroll`, which clang knows too: taken apart, the
/// arrays of sums become registers. The kernels are not inlined, so that training, evaluation and prediction share one
/// copy.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

template <std::size_t I> using index = std::integral_constant<std::size_t, I>;

/// Calls f(index<0>{}), ..., f(index<N - 1>{}): a loop whose counter is a constant in each iteration.
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

/// A product of `rows` x `columns` sums that is to be cut into tiles. In each step of the inner loop a tile loads one
/// operand for each of its rows and one for each of its columns.
struct product {
    std::size_t rows = 1;
    std::size_t columns = 1;
    std::size_t column_step = 1;  // the columns of a tile are a multiple of this
    std::size_t fetch = 0;  // half cycles to fetch the operand of a row, or of a step of columns, from further away

    /// Half cycles of one step of all tiles together, the shorter ones at the edges included: a tile takes as long as
    /// its multiply-adds, its loads (both two a cycle), its fetches from further away or the wait for its own sums
    /// (five cycles: the instruction's four, and no loop is that exact), whichever is longest.
    constexpr std::size_t half_cycles(tile t) const { return weigh(t, 1, 0); }

    /// The same in sixteenths, and one more for each load: among equals and nearly equals fewer loads count.
    constexpr std::size_t cost(tile t) const { return weigh(t, 16, 1); }

private:
    constexpr std::size_t weigh(tile t, std::size_t half_cycle, std::size_t load) const {
        const auto one = [&](std::size_t r, std::size_t c) {
            constexpr std::size_t latency = 2 * 5;
            const std::size_t fetches = fetch * (r + (c + column_step - 1) / column_step);
            return r * c == 0 ? 0 : half_cycle * std::max({r * c, r + c, fetches, latency}) + load * (r + c);
        };
        const std::size_t rest_r = rows % t.rows, rest_c = columns % t.columns;
        return (rows / t.rows) * ((columns / t.columns) * one(t.rows, t.columns) + one(t.rows, rest_c)) +
               (columns / t.columns) * one(rest_r, t.columns) + one(rest_r, rest_c);
    }
};

/// The tile of a product: of those that fit into the registers, the one with the lowest cost. A tile needs
/// rows * columns registers for sums, `columns` for the operands that are reused, and one more.
constexpr tile choose_tile(const product& p, std::size_t registers = vector_registers) {
    const std::size_t narrowest = std::min(p.columns, p.column_step);
    tile best{1, narrowest};
    for (std::size_t r = 1; r <= std::min(p.rows, registers); ++r) {
        for (std::size_t c = narrowest; c <= std::min(p.columns, registers); c += p.column_step) {
            if (r * c + c + 1 > registers) break;
            if (p.cost({r, c}) < p.cost(best)) best = {r, c};
        }
    }
    return best;
}

constexpr tile choose_tile(std::size_t rows, std::size_t columns) {
    return choose_tile({.rows = rows, .columns = columns});
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
