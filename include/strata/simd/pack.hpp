#pragma once

#include "strata/config.hpp"
#include "strata/simd/machine.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <type_traits>
#include <utility>

STRATA_EXACT_ROUNDING_BEGIN
#include <xsimd/xsimd.hpp>
STRATA_EXACT_ROUNDING_END

#if !defined(STRATA_SCALAR) && !defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)
#define STRATA_HAS_REGISTERS 1
#endif

/// The value types of the kernels. A kernel is a template over V: with `V = pack<float>` each lane is another sample,
/// with `V = double` the same lines compute one sample in full precision. This is the only header that knows xsimd.
namespace strata::authoring {
inline namespace STRATA_ISA {

#if XSIMD_VERSION_MAJOR < 9 && defined(__AVX512BW__)
// xsimd 8's code for bytes and words, which avx512bw adds, does not compile with g++ -O0; floats do not need it.
using register_set = xsimd::avx512dq;
#else
using register_set = xsimd::default_arch;
#endif

/// Keras' dtype policy "mixed_bfloat16", in place of the type of a model's values: these are floats, as is all that is
/// computed with them but for the products of convolutions and dense layers, whose operands may be rounded to bfloat16
/// (the upper half of a float: 8 bits of precision). Where the instruction set has no such products, nothing is
/// rounded.
struct mixed_bfloat16 {};

#ifdef STRATA_HAS_BFLOAT16
/// The registers of pack<mixed_bfloat16>: those of floats, but a type of its own, so that kernels can tell it.
struct bfloat16_set : register_set {};
#else
using bfloat16_set = register_set;
#endif

}  // namespace STRATA_ISA
}  // namespace strata::authoring

#ifdef STRATA_HAS_BFLOAT16
namespace xsimd::types {

XSIMD_DECLARE_SIMD_REGISTER_ALIAS(strata::authoring::bfloat16_set, strata::authoring::register_set);

template <class T>
struct get_bool_simd_register<T, strata::authoring::bfloat16_set>
    : get_bool_simd_register<T, strata::authoring::register_set> {};

}  // namespace xsimd::types
#endif

STRATA_EXACT_ROUNDING_BEGIN
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

#ifdef STRATA_HAS_REGISTERS
template <class T> struct pack_of {
    using type = xsimd::batch<T, register_set>;
};

template <> struct pack_of<mixed_bfloat16> {
    using type = xsimd::batch<float, bfloat16_set>;
};
#else
template <class T> struct pack_of {
    using type = T;
};

template <> struct pack_of<mixed_bfloat16> {
    using type = float;
};
#endif

}  // namespace detail

/// A register full of samples: 16 floats with AVX-512, 8 with AVX2, 4 with SSE2 and NEON, 1 where xsimd knows no
/// registers or STRATA_SCALAR is defined.
template <class T> using pack = typename detail::pack_of<T>::type;

template <class V> struct pack_traits {
    using scalar = V;
    static constexpr std::size_t lanes = 1;
};

#ifdef STRATA_HAS_REGISTERS
template <class T, class Arch> struct pack_traits<xsimd::batch<T, Arch>> {
    using scalar = T;
    static constexpr std::size_t lanes = xsimd::batch<T, Arch>::size;
};
#endif

/// The element type of V: float for pack<float>, double for double.
template <class V> using scalar_t = typename pack_traits<V>::scalar;

/// Whether kernels may round the operands of products of V to bfloat16.
template <class V>
inline constexpr bool rounds_products =
    std::is_same_v<V, pack<mixed_bfloat16>> && !std::is_same_v<bfloat16_set, register_set>;

/// The number of samples in V.
template <class V> inline constexpr std::size_t lanes = pack_traits<V>::lanes;

/// How many packs hold `count` values, or samples, one in each lane; the last pack may not be full.
template <class V> constexpr std::size_t packs_for(std::size_t count) { return (count + lanes<V> - 1) / lanes<V>; }

/// a * b + c, in one instruction wherever the machine has one.
template <class V> [[gnu::always_inline]] inline V multiply_add(const V& a, const V& b, const V& c) {
    if constexpr (lanes<V> == 1) {
        return a * b + c;
    } else {
        // One expression on the register type: g++ and clang both fuse it. xsimd before 11 has no fused AVX-512
        // multiply-add, and clang does not fuse across the calls of its operators.
        return V(a.data * b.data + c.data);
    }
}

/// The sum of all lanes.
template <class V> [[gnu::always_inline]] inline scalar_t<V> sum_lanes(const V& v) {
    if constexpr (lanes<V> == 1) {
        return v;
    } else {
#if XSIMD_VERSION_MAJOR >= 10
        return reduce_add(v);  // found by its argument, where xsimd has registers
#else
        return hadd(v);
#endif
    }
}

/// The bits of each float of a pack, moved up, or down where `Count` is negative: `shift_bits<23>` makes an exponent of
/// an integer in the lowest bits.
template <int Count, class V> [[gnu::always_inline]] inline V shift_bits(const V& v) {
    static_assert(lanes<V> > 1 && std::is_same_v<scalar_t<V>, float>);
    typedef unsigned integers __attribute__((vector_size(sizeof(V))));
    typedef float floats __attribute__((vector_size(sizeof(V))));
    if constexpr (Count < 0)
        return V(std::bit_cast<floats>(std::bit_cast<integers>(v.data) >> -Count));
    else
        return V(std::bit_cast<floats>(std::bit_cast<integers>(v.data) << Count));
}

/// Whether one instruction looks up numbers in a register.
#ifdef __AVX512F__
template <class V> inline constexpr bool has_lookup = sizeof(V) == 64 && std::is_same_v<scalar_t<V>, float>;
#else
template <class V> inline constexpr bool has_lookup = false;
#endif

/// Lane by lane the lane of `numbers` that the lowest bits of `at` name.
template <class V>
[[gnu::always_inline]] inline V look_up([[maybe_unused]] const V& numbers, [[maybe_unused]] const V& at) {
    static_assert(has_lookup<V>);
#ifdef __AVX512F__
    return V(_mm512_permutexvar_ps(_mm512_castps_si512(at.data), numbers.data));
#endif
}

/// Reads a register for so many uses, once. g++ would read a value that is needed a few times anew for each
/// multiply-add, and then loads take longer than the multiply-adds.
template <std::size_t Uses, class Register> [[gnu::always_inline]] inline Register load_for(const Register& from) {
    if constexpr (Uses > 1 && requires { from.data; }) {
        const decltype(from.data) bits = *const_cast<const volatile decltype(from.data)*>(&from.data);
        return Register(bits);
    } else {
        return from;
    }
}

/// The lanes of an array of V, one after the other: cell i of sample n is `as_lanes(cells)[i * lanes<V> + n]`.
template <class V> [[gnu::always_inline]] inline scalar_t<V>* as_lanes(V* cells) {
    return reinterpret_cast<scalar_t<V>*>(cells);
}

template <class V> [[gnu::always_inline]] inline const scalar_t<V>* as_lanes(const V* cells) {
    return reinterpret_cast<const scalar_t<V>*>(cells);
}

/// Reads lanes<V> neighbouring values; no alignment is needed.
template <class V> [[gnu::always_inline]] inline V load(const scalar_t<V>* from) {
    if constexpr (lanes<V> == 1) {
        return *from;
    } else {
        return V::load_unaligned(from);
    }
}

/// Writes lanes<V> neighbouring values; no alignment is needed.
template <class V> [[gnu::always_inline]] inline void store(const V& value, scalar_t<V>* to) {
    if constexpr (lanes<V> == 1) {
        *to = value;
    } else {
        value.store_unaligned(to);
    }
}

/// Writes lanes<V> neighbouring values to an address aligned to sizeof(V), where the machine can by a non-temporal
/// store, into memory past all caches. A core that writes as usual first has other cores give up their copies, and
/// waits for it. Another thread sees the values after a barrier of a team.
template <class V> [[gnu::always_inline]] inline void store_non_temporal(const V& value, scalar_t<V>* to) {
#ifdef __AVX512F__
    if constexpr (sizeof(V) == 64)
        return _mm512_stream_ps(reinterpret_cast<float*>(to), std::bit_cast<__m512>(value.data));
#endif
#ifdef __AVX__
    if constexpr (sizeof(V) == 32)
        return _mm256_stream_ps(reinterpret_cast<float*>(to), std::bit_cast<__m256>(value.data));
#endif
#ifdef __SSE2__
    if constexpr (sizeof(V) == 16)
        return _mm_stream_ps(reinterpret_cast<float*>(to), std::bit_cast<__m128>(value.data));
#endif
    store<V>(value, to);
}

/// The first `count` values from an address on, fewer than lanes<V>, and zeros behind them.
template <class V> [[gnu::always_inline]] inline V load_first(const scalar_t<V>* from, std::size_t count) {
#ifdef __AVX512F__
    if constexpr (lanes<V> == 16) return V(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from));
#endif
    V values(scalar_t<V>(0));
    for (std::size_t n = 0; n < count; ++n) as_lanes(&values)[n] = from[n];
    return values;
}

/// Writes the first `count` lanes.
template <class V> [[gnu::always_inline]] inline void store_first(const V& values, std::size_t count, scalar_t<V>* to) {
    for (std::size_t n = 0; n < count; ++n) to[n] = as_lanes(&values)[n];
}

namespace detail {

/// Takes neighbouring blocks of `Block` lanes in turn from a and b: the even ones of both, or with Odd the odd ones.
template <std::size_t Block, bool Odd, class V> [[gnu::always_inline]] inline V blocks_in_turn(const V& a, const V& b) {
    constexpr auto source = [](std::size_t lane) {
        const bool from_b = lane / Block % 2 == 1;
        return static_cast<int>(lane + (Odd ? Block : 0) + (from_b ? lanes<V> - Block : 0));
    };
    return [&]<std::size_t... Lane>(std::index_sequence<Lane...>) __attribute__((always_inline)) {
        return V(__builtin_shufflevector(a.data, b.data, source(Lane)...));
    }
    (std::make_index_sequence<lanes<V>>{});
}

/// One round of a transposition: exchanges the odd blocks of a with the even ones of b.
template <std::size_t Block, class V> [[gnu::always_inline]] inline void exchange_blocks(V& a, V& b) {
    const V even = blocks_in_turn<Block, false>(a, b);
    b = blocks_in_turn<Block, true>(a, b);
    a = even;
}

}  // namespace detail

/// Exchanges rows and lanes: afterwards lane i of rows[j] is what lane j of rows[i] was. Log2(lanes) rounds, each with
/// blocks of half the size of the one before.
template <class V, std::size_t Block = lanes<V> / 2> [[gnu::always_inline]] inline void transpose(V (&rows)[lanes<V>]) {
    if constexpr (Block > 0) {
        [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
            (detail::exchange_blocks<Block>(rows[I + I / Block * Block], rows[I + I / Block * Block + Block]), ...);
        }
        (std::make_index_sequence<lanes<V> / 2>{});
        transpose<V, Block / 2>(rows);
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::mixed_bfloat16;
}  // namespace strata
STRATA_EXACT_ROUNDING_END
