#pragma once

#include "strata/simd/pack.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

/// Integers beside the lanes of a pack: random bits, places in memory.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

template <std::size_t Lanes> struct word_vector {
    typedef std::uint32_t type __attribute__((vector_size(4 * Lanes)));
};
template <> struct word_vector<1> {
    using type = std::uint32_t;
};

}  // namespace detail

/// A word of 32 bits for each lane of V. Operators work lane by lane.
template <class V> using words = typename detail::word_vector<lanes<V>>::type;

/// Numbers below 2^31 as values.
template <class V> [[gnu::always_inline]] inline V from_words(const words<V>& numbers) {
    using T = scalar_t<V>;
    if constexpr (lanes<V> == 1) {
        return static_cast<T>(static_cast<std::int32_t>(numbers));
    } else {
        typedef std::int32_t integers __attribute__((vector_size(4 * lanes<V>)));
        typedef T values __attribute__((vector_size(sizeof(V))));
        return V(__builtin_convertvector(std::bit_cast<integers>(numbers), values));
    }
}

/// Values of at least 0 and below 2^31 as numbers, without their fractions.
template <class V> [[gnu::always_inline]] inline words<V> to_words(const V& numbers) {
    using T = scalar_t<V>;
    if constexpr (lanes<V> == 1) {
        return static_cast<std::uint32_t>(static_cast<std::int32_t>(numbers));
    } else {
        typedef std::int32_t integers __attribute__((vector_size(4 * lanes<V>)));
        typedef T values __attribute__((vector_size(sizeof(V))));
        return std::bit_cast<words<V>>(__builtin_convertvector(std::bit_cast<values>(numbers.data), integers));
    }
}

/// Lane n of a cell of its own, `at` values of one lane further on than `cells`, a multiple of lanes<V>. Loads one by
/// one: a gather instruction takes longer on many processors, and so does reading a register from memory to which its
/// lanes were written one by one.
template <class V> [[gnu::always_inline]] inline V gather(const V* cells, const std::uint32_t (&at)[lanes<V>]) {
    constexpr std::size_t L = lanes<V>;
    using T = scalar_t<V>;
    if constexpr (L == 1) {
        return cells[at[0]];
    } else {
        typedef T values __attribute__((vector_size(sizeof(V))));
        const T* const from = as_lanes(cells);
        return [&]<std::size_t... N>(std::index_sequence<N...>) __attribute__((always_inline)) {
            return V(values{from[at[N] + N]...});
        }
        (std::make_index_sequence<L>{});
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
