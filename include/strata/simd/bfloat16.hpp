#pragma once

#include "strata/simd/pack.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef STRATA_HAS_BFLOAT16
#include <immintrin.h>
#endif

/// The operands of products that are rounded to bfloat16. The machine multiplies them two by two,
/// sum + a[0] * b[0] + a[1] * b[1] in float, so they come in pairs. Defined where rounds_products<V> may hold.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Two values that meet one sum; what a weight is to a cell of pairs.
struct bfloat16_pair {
    std::uint32_t bits = 0;  // the first value in the lower half
};

/// A pair of values of each sample.
template <class V> struct bfloat16_pairs;

/// One value of each sample, those of neighbouring samples in pairs.
template <class V> struct bfloat16_cell;

template <class V> struct pack_traits<bfloat16_pairs<V>> {
    using scalar = bfloat16_pair;
    static constexpr std::size_t lanes = authoring::lanes<V>;
};

template <class V> struct pack_traits<bfloat16_cell<V>> {
    using scalar = bfloat16_pair;
    static constexpr std::size_t lanes = authoring::lanes<V> / 2;
};

namespace detail {

template <class X> struct operand_of {
    using type = X;
};

template <class V> struct operand_of<bfloat16_cell<V>> {
    using type = bfloat16_pairs<V>;
};

}  // namespace detail

/// What multiply_add takes where the lanes of X, one by one, are a factor: X itself, or pairs for a bfloat16_cell.
template <class X> using operand = typename detail::operand_of<X>::type;

#ifdef STRATA_HAS_BFLOAT16

namespace detail {

/// The lowest `count` bits of a mask, at most 16 of them.
[[gnu::always_inline]] inline __mmask16 first_lanes(std::size_t count) {
    return static_cast<__mmask16>(count < 16 ? (1u << count) - 1 : 0xffff);
}

}  // namespace detail

template <class V> struct bfloat16_pairs {
    __m512i data;

    bfloat16_pairs() = default;
    [[gnu::always_inline]] explicit bfloat16_pairs(const __m512i& bits) : data(bits) {}
    /// The same pair for every sample.
    [[gnu::always_inline]] explicit bfloat16_pairs(bfloat16_pair both)
        : data(_mm512_set1_epi32(static_cast<int>(both.bits))) {}
    /// Rounds the two to the nearest, or to the even one of two that are equally near.
    [[gnu::always_inline]] bfloat16_pairs(const V& first, const V& second) {
        alignas(64) static constexpr std::uint16_t in_turn[32] = {0,  16, 1,  17, 2,  18, 3,  19, 4,  20, 5,
                                                                  21, 6,  22, 7,  23, 8,  24, 9,  25, 10, 26,
                                                                  11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
        data = _mm512_permutexvar_epi16(_mm512_load_si512(in_turn),
                                        std::bit_cast<__m512i>(_mm512_cvtne2ps_pbh(second.data, first.data)));
    }
};

template <class V> struct alignas(32) bfloat16_cell {
    __m256i data;

    bfloat16_cell() = default;
    [[gnu::always_inline]] explicit bfloat16_cell(bfloat16_pair both)
        : data(_mm256_set1_epi32(static_cast<int>(both.bits))) {}
    /// Rounds as bfloat16_pairs does.
    [[gnu::always_inline]] explicit bfloat16_cell(const V& v)
        : data(std::bit_cast<__m256i>(_mm512_cvtneps_pbh(v.data))) {}
};

/// sum + a[0] * b[0] + a[1] * b[1] in each lane.
template <class V>
[[gnu::always_inline]] inline V multiply_add(const bfloat16_pairs<V>& a, const bfloat16_pairs<V>& b, const V& sum) {
#ifdef __clang__
    // clang 16 crashes while it optimizes the intrinsic.
    auto result = sum.data;
    asm("vdpbf16ps %2, %1, %0" : "+v"(result) : "v"(a.data), "v"(b.data));
    return V(result);
#else
    return V(_mm512_dpbf16_ps(sum.data, std::bit_cast<__m512bh>(a.data), std::bit_cast<__m512bh>(b.data)));
#endif
}

/// Writes all pairs; no alignment is needed.
template <class V> [[gnu::always_inline]] inline void store(const bfloat16_pairs<V>& pairs, bfloat16_pair* to) {
    _mm512_storeu_si512(to, pairs.data);
}
template <class V> [[gnu::always_inline]] inline void store(const bfloat16_cell<V>& cell, bfloat16_pair* to) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), cell.data);
}

/// Writes the pairs of the first `count` lanes.
template <class V>
[[gnu::always_inline]] inline void store_first(const bfloat16_pairs<V>& pairs, std::size_t count, bfloat16_pair* to) {
    _mm512_mask_storeu_epi32(to, detail::first_lanes(count), pairs.data);
}

/// Writes the first `count` pairs.
template <class V>
[[gnu::always_inline]] inline void store_first(const bfloat16_cell<V>& cell, std::size_t count, bfloat16_pair* to) {
    _mm512_mask_storeu_epi32(to, detail::first_lanes(count), _mm512_castsi256_si512(cell.data));
}

#endif

}  // namespace STRATA_ISA
}  // namespace strata::authoring
