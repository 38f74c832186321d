#pragma once

#include "strata/simd/pack.hpp"
#include "strata/simd/tanh_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

/// Elementary functions for every value type V of the kernels. Call them with `math::` in front, so that neither std
/// nor xsimd is found instead.
STRATA_EXACT_ROUNDING_BEGIN
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace math {

/// The smaller of a bound a and a value b. A value that is not a number stays one: where one operand is none, an x86
/// processor yields the second, and since its version 14 xsimd exchanges the two.
template <class V> V min(const V& a, const V& b) {
    if constexpr (lanes<V> == 1)
        return a < b ? a : b;
    else if constexpr (XSIMD_VERSION_MAJOR < 14)
        return xsimd::min(a, b);
    else
        return xsimd::min(b, a);
}

/// The larger of a bound a and a value b. A value that is not a number stays one, as in min.
template <class V> V max(const V& a, const V& b) {
    if constexpr (lanes<V> == 1)
        return a > b ? a : b;
    else if constexpr (XSIMD_VERSION_MAJOR < 14)
        return xsimd::max(a, b);
    else
        return xsimd::max(b, a);
}

namespace detail {

/// x, or where exp(x) is zero or infinite anyway, a number for which xsimd's functions do nothing invalid: those
/// convert x / log(2) to an integer.
template <class V> [[gnu::always_inline]] inline V within_range_of_exp(const V& x) {
    constexpr bool single = sizeof(scalar_t<V>) == sizeof(float);
    return math::max(V(scalar_t<V>(single ? -105 : -750)), math::min(V(scalar_t<V>(single ? 90 : 711)), x));
}

}  // namespace detail

template <class V> V exp(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::exp(x);
    else
        return xsimd::exp(detail::within_range_of_exp(x));
}

/// exp(x) - 1 for x <= 0, or not much more: xsimd would convert a huge number to an integer, which is invalid.
template <class V> V expm1(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::expm1(x);
    else
        return xsimd::expm1(math::max(V(scalar_t<V>(-80)), x));
}

template <class V> V log1p(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::log1p(x);
    else
        return xsimd::log1p(x);
}

template <class V> V log(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::log(x);
    else
        return xsimd::log(x);
}

template <class V> V sqrt(const V& x) {
    if constexpr (lanes<V> == 1) {
        return std::sqrt(x);
    } else {
#ifdef __aarch64__
        // xsimd 8 refines an estimate here: 1.5 units in the last place off, and no number for infinity.
        V root;
        for (std::size_t n = 0; n < lanes<V>; ++n) as_lanes(&root)[n] = std::sqrt(as_lanes(&x)[n]);
        return root;
#else
        return xsimd::sqrt(x);
#endif
    }
}

/// a / b. xsimd 8 refines an estimate on ARM, and a number divided by itself may be more than one.
template <class V> V divide(const V& a, const V& b) {
#ifdef __aarch64__
    if constexpr (lanes<V> > 1) return V(a.data / b.data);
#endif
    return a / b;
}

template <class V> V abs(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::abs(x);
    else
        return xsimd::abs(x);
}

/// Lane by lane: `condition ? yes : no`. The condition is what comparing two V yields.
template <class Condition, class V> V select(const Condition& condition, const V& yes, const V& no) {
#ifdef STRATA_HAS_REGISTERS
    if constexpr (lanes<V> > 1) return xsimd::select(condition, yes, no);
#endif
    if constexpr (lanes<V> == 1) return condition ? yes : no;
}

/// Whether all numbers of an array are finite.
template <class V> STRATA_OUT_OF_LINE bool all_finite(const scalar_t<V>* values, std::size_t count) {
    // A difference of two that are not finite is not a number, and neither is a sum with it.
    V sum(scalar_t<V>(0));
    std::size_t i = 0;
    for (; i + lanes<V> <= count; i += lanes<V>) {
        const V v = load<V>(values + i);
        sum = sum + (v - v);
    }
    scalar_t<V> rest = sum_lanes(sum);
    for (; i < count; ++i) rest += values[i] - values[i];
    return rest == 0;
}

/// The larger of two values, and not a number where one of them is none.
template <class V> V largest(const V& a, const V& b) { return math::select(a == a, math::max(a, b), a); }

namespace detail {

/// The hyperbolic tangent of a pack of floats, without a branch, in two steps. With x = |z| = n log(2) + f,
/// -0.14 <= f <= 0.553, and t = tanh(f) by a polynomial, the addition theorem is tanh(x) = s / (s + 1 - t),
/// s = t + (4^n - 1) / 2 (1 + t): for n = 0, small x, that is t itself. The rounding of s hardly counts where n > 0,
/// since it is in the divisor, too.
template <class V> struct halfway_to_tanh {
    V t, half_power;  // 4^n / 2
};
template <class V> [[gnu::always_inline]] inline halfway_to_tanh<V> begin_tanh(const V& z) {
    const V x = math::min(V(9.02f), math::abs(z));  // from there on the result is 1
    const V rounder(12582912.f + 63.f);             // so large that a sum with it is rounded to an integer
    const V n = multiply_add(x - V(0.2066f), V(1.44269504f), rounder);  // its lowest bits are n + 63
    const V f = multiply_add(n - rounder, V(-0.693147182f), x);

    const V q = f * f;  // a minimax approximation of the relative error
    V p = multiply_add(q, V(0.0163804011f), V(-0.0526424879f));
    p = multiply_add(p, q, V(0.133202801f));
    p = multiply_add(p, q, V(-0.33332928f));
    return {multiply_add(f * q, p, f), shift_bits<24>(n)};  // whose exponent is 2n - 1 + 127
}
template <class V> [[gnu::always_inline]] inline V finish_tanh(const halfway_to_tanh<V>& half, const V& z) {
    const V s = multiply_add(half.half_power - V(0.5f), half.t + V(1.f), half.t);
    return math::divide(s, s + (V(1.f) - half.t)) | (z & V(-0.f));
}

/// The same by tanh_table, where numbers can be looked up: it takes two thirds of the time.
template <class V> [[gnu::always_inline]] inline V tanh_by_table(const V& z) {
    const V x = math::min(V(tanh_table::limit), math::abs(z));
    const V cell = shift_bits<-21>(multiply_add(x, V(tanh_table::scale), V(1.f)));
    const auto of_cell = [&](const tanh_table::numbers& numbers) { return look_up(load<V>(numbers.data()), cell); };
    const V distance = x - of_cell(table_of_tanh<>.center);
    V y = of_cell(table_of_tanh<>.coefficients[tanh_table::degree]);
#pragma GCC unroll 8
    for (std::size_t k = 1; k <= tanh_table::degree; ++k)
        y = multiply_add(y, distance, of_cell(table_of_tanh<>.coefficients[tanh_table::degree - k]));
    return y | (z & V(-0.f));
}

}  // namespace detail

/// The hyperbolic tangent; in float within 2 units in the last place. Always inlined: a loop that calls it would load
/// its constants in each iteration.
template <class V> [[gnu::always_inline]] inline V tanh(const V& z) {
    if constexpr (lanes<V> == 1)
        return std::tanh(z);
    else if constexpr (sizeof(scalar_t<V>) == sizeof(double))
        return xsimd::tanh(math::max(V(-40.0), math::min(V(40.0), z)));  // of more it would do something invalid
    else if constexpr (has_lookup<V>)
        return detail::tanh_by_table(z);
    else
        return detail::finish_tanh(detail::begin_tanh(z), z);
}

/// y = tanh(z) for so many packs, one after the other; y may be z. A processor looks ahead over some hundred
/// instructions, a few packs from begin to end; so two dozen begin before the first of them is finished.
template <class V> void tanh(const scalar_t<V>* z, std::size_t packs, scalar_t<V>* y) {
    if constexpr (lanes<V> == 1 || sizeof(scalar_t<V>) == sizeof(double) || has_lookup<V>) {
        for (std::size_t i = 0; i < packs * lanes<V>; i += lanes<V>) store<V>(math::tanh(load<V>(z + i)), y + i);
    } else {
        constexpr std::size_t at_once = 24;
        detail::halfway_to_tanh<V> half[at_once];
        for (std::size_t count; packs > 0; packs -= count, z += count * lanes<V>, y += count * lanes<V>) {
            count = std::min(packs, at_once);
            for (std::size_t i = 0; i < count; ++i) half[i] = detail::begin_tanh(load<V>(z + i * lanes<V>));
            for (std::size_t i = 0; i < count; ++i)
                store<V>(detail::finish_tanh(half[i], load<V>(z + i * lanes<V>)), y + i * lanes<V>);
        }
    }
}

}  // namespace math
}  // namespace STRATA_ISA
}  // namespace strata::authoring
STRATA_EXACT_ROUNDING_END
