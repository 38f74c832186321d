#pragma once

#include "strata/core/pack.hpp"

#include <cmath>

/// Elementary functions for every value type V of the kernels. Call them with `math::` in front, so that neither std
/// nor xsimd is found instead.
namespace strata::inline STRATA_ISA::math {

template <class V> V exp(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::exp(x);
    else
        return xsimd::exp(x);
}

template <class V> V expm1(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::expm1(x);
    else
        return xsimd::expm1(x);
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

template <class V> V erf(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::erf(x);
    else
        return xsimd::erf(x);
}

template <class V> V abs(const V& x) {
    if constexpr (lanes<V> == 1)
        return std::abs(x);
    else
        return xsimd::abs(x);
}

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

/// Lane by lane: `condition ? yes : no`. The condition is what comparing two V yields.
template <class Condition, class V> V select(const Condition& condition, const V& yes, const V& no) {
    if constexpr (lanes<V> == 1)
        return condition ? yes : no;
    else
        return xsimd::select(condition, yes, no);
}

namespace detail {

/// The hyperbolic tangent of a pack of floats: up to 0.58 by a polynomial, beyond it by 1 - 2 / (exp(2|z|) + 1). The
/// polynomials are minimax approximations of the relative error; that of exp(2x) = 2^n exp(2f) needs |f| <= log(2)/4.
template <class V> [[gnu::always_inline]] inline V tanh(const V& z) {
    const V x = math::min(V(9.02f), math::abs(z));         // from there on the result is 1
    const V rounder(12582912.f + 127.f);                   // so large that a sum with it is rounded to an integer
    const V n = multiply_add(x, V(2.88539008f), rounder);  // its lowest bits are those of the exponent of 2^n
    const V f = multiply_add(n - rounder, V(-0.34657359f), x);
    V e = multiply_add(f, V(0.265284628f), V(0.670381606f));
    e = multiply_add(e, f, V(1.33341157f));
    e = multiply_add(e, f, V(1.99996567f));
    e = multiply_add(e, f, V(1.9999994f));
    e = multiply_add(e, f, V(1.f));
    const V large = V(1.f) - V(2.f) / multiply_add(shift_bits<23>(n), e, V(1.f));

    const V q = z * z;
    V p = multiply_add(q, V(0.0159443952f), V(-0.0524064563f));
    p = multiply_add(p, q, V(0.133164972f));
    p = multiply_add(p, q, V(-0.333327591f));
    const V small = multiply_add(z * q, p, z);
    return math::select(x > V(0.58f), xsimd::copysign(large, z), small);
}

}  // namespace detail

/// The hyperbolic tangent; in float within 2 units in the last place. Always inlined: a loop that calls it would load
/// its constants in each turn.
template <class V> [[gnu::always_inline]] inline V tanh(const V& z) {
    if constexpr (lanes<V> == 1)
        return std::tanh(z);
    else if constexpr (sizeof(scalar_t<V>) == sizeof(double))
        return xsimd::tanh(z);
    else
        return detail::tanh(z);
}

}  // namespace strata::inline STRATA_ISA::math
