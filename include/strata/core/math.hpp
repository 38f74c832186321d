#pragma once

#include "strata/core/pack.hpp"

#include <cmath>

/// Elementary functions for every value type V of the kernels. Call them with `math::` in front, so that neither std
/// nor xsimd is found instead.
namespace strata::math {

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
    if constexpr (lanes<V> == 1)
        return std::sqrt(x);
    else
        return xsimd::sqrt(x);
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

/// The hyperbolic tangent; in float within 5 units in the last place, 6 where the machine has no fused multiply-add.
///
/// In float a rational function x P(x^2) / Q(x^2) of degree 9 over 8, the minimax approximation of the relative error
/// with coefficients moved to near floats that keep it smallest. The limit is where it yields one, or, where a machine
/// rounds on the way differently, the float below.
template <class V> V tanh(const V& z) {
    if constexpr (lanes<V> == 1) {
        return std::tanh(z);
    } else if constexpr (sizeof(scalar_t<V>) == sizeof(double)) {
        return xsimd::tanh(z);
    } else {
        const V limit(8.03553391f);
        const V x = math::max(-limit, math::min(limit, z));
        const V q = x * x;
        V p = multiply_add(q, V(1.35338372e-08f), V(2.07371904e-05f));
        p = multiply_add(p, q, V(3.50333937e-03f));
        p = multiply_add(p, q, V(1.33875415e-01f));
        V d = multiply_add(q, V(7.84950998e-07f), V(3.29833158e-04f));
        d = multiply_add(d, q, V(2.59064417e-02f));
        d = multiply_add(d, q, V(4.67208594e-01f));
        d = multiply_add(d, q, V(1.f));
        return multiply_add(x * q, p, x) / d;
    }
}

}  // namespace strata::math
