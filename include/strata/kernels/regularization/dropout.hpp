#pragma once

#include "strata/core/number.hpp"
#include "strata/core/random_cells.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Cells that are dropped at random.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// What becomes of a cell: a kept one is multiplied by `factor`; then something is added to it, which depends on
/// whether it was kept.
struct dropping {
    number rate;
    number factor, added = 0, added_to_dropped = 0;
};

/// Drops cells with the probability `What.rate`. Cell i shares its fate with all cells i + k Draws. What is kept from
/// `forward` to `backward` is one bit for each draw and lane.
template <std::size_t Cells, std::size_t Draws, dropping What, class V> class dropout {
    static constexpr std::size_t word_bits = 32;
    using words = std::uint32_t[lanes<V>];

public:
    /// Cells of V with room for the bits.
    static constexpr std::size_t kept_cells = (Draws + word_bits - 1) / word_bits;
    static_assert(sizeof(words) <= sizeof(V));

    /// Draws, and writes the cells of y; y may be x.
    STRATA_OUT_OF_LINE static void forward(const random_cells& random, const V* x, V* y, V* kept) {
        draw(random, kept);
        for_each_cell(kept, [&](std::size_t cell, const V& factor) {
            y[cell] = x[cell] * factor;
            if constexpr (What.added != 0 || What.added_to_dropped != 0)
                y[cell] = y[cell] + math::select(factor == constant<V>(0), constant<V>(What.added_to_dropped),
                                                 constant<V>(What.added));
        });
    }

    /// dx may be dy.
    STRATA_OUT_OF_LINE static void backward(const V* dy, V* dx, const V* kept) {
        for_each_cell(kept, [&](std::size_t cell, const V& factor) { dx[cell] = dy[cell] * factor; });
    }

private:
    /// Bit j of word i stands for draw 32 i + j: whether it keeps its cells.
    static void draw(const random_cells& random, V* kept) {
        constexpr auto limit = static_cast<std::uint32_t>(What.rate * 0x1p32);
        for (std::size_t first = 0; first < Draws; first += word_bits, ++kept) {
            words bits{};
            for (std::size_t j = 0; j < std::min(word_bits, Draws - first); j += 4) {
                std::uint32_t drawn[4][lanes<V>];
                random.draw(static_cast<std::uint32_t>((first + j) / 4), drawn);
                for (std::size_t n = 0; n < lanes<V>; ++n) {
                    const std::uint32_t four =
                        std::uint32_t{drawn[0][n] >= limit} | std::uint32_t{drawn[1][n] >= limit} << 1 |
                        std::uint32_t{drawn[2][n] >= limit} << 2 | std::uint32_t{drawn[3][n] >= limit} << 3;
                    bits[n] |= four << j;
                }
            }
            std::memcpy(static_cast<void*>(kept), bits, sizeof(bits));
        }
    }

    /// Calls f(cell, factor), the factor zero in lanes that are dropped.
    template <class F> [[gnu::always_inline]] static void for_each_cell(const V* kept, const F& f) {
        for (std::size_t first = 0; first < Draws; first += word_bits, ++kept) {
            words bits;
            std::memcpy(bits, static_cast<const void*>(kept), sizeof(bits));
            for (std::size_t j = 0; j < std::min(word_bits, Draws - first); ++j) {
                V factor;
                for (std::size_t n = 0; n < lanes<V>; ++n)
                    as_lanes(&factor)[n] = (bits[n] >> j & 1) != 0 ? scalar_t<V>(What.factor) : scalar_t<V>(0);
                for (std::size_t cell = first + j; cell < Cells; cell += Draws) f(cell, factor);
            }
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
