#pragma once

#include "strata/simd/math.hpp"

#include <cmath>

/// Functions that lose their digits when they are computed as their definitions say.
STRATA_EXACT_ROUNDING_BEGIN
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace math {

/// A polynomial; the coefficient of the highest power comes first.
template <class V, class... Coefficients>
[[gnu::always_inline]] inline V polynomial(const V& x, double highest, Coefficients... lower) {
    V sum((scalar_t<V>(highest)));
    ((sum = multiply_add(sum, x, V(scalar_t<V>(lower)))), ...);
    return sum;
}

namespace detail {

/// exp(x^2) erfc(x) for x >= 0: t times a polynomial in t = k / (k + x), which interpolates at the Chebyshev points for
/// all x up to where erfc is zero. The relative error is 5e-9 in float and 2e-16 in double.
template <class V> [[gnu::always_inline]] inline V scaled_erfc(const V& x) {
    const auto number = [](double value) { return V(scalar_t<V>(value)); };
    if constexpr (sizeof(scalar_t<V>) == sizeof(float)) {
        const V t = math::divide(number(3), number(3) + x);
        return t * polynomial(multiply_add(number(2.5), t, number(-1.5)),  //
                              1.47127767e-5, 5.92695897e-6, -0.000237032263, -0.000512516572, 0.00247211087,
                              0.0197605826, 0.0710739573, 0.172222098, 0.309540701, 0.425659461);
    } else {
        const V t = math::divide(number(4), number(4) + x);
        return t * polynomial(multiply_add(number(16.0 / 7), t, number(-9.0 / 7)),  //
                              -1.1430916603024058e-10, -4.7414182674389886e-10, 1.5307223981822374e-9,
                              7.6164932162695712e-9, -1.1798188322239349e-8, -9.2536059583914520e-8,
                              2.4018555298298860e-8, 1.0519825143801613e-6, 1.6149455915413967e-6,
                              -9.0072871068288400e-6, -4.5406318174244228e-5, -3.2908584786907626e-5,
                              0.00051984121013271487, 0.0031925482928462193, 0.011461066792160656, 0.030854432599150122,
                              0.067325617361540881, 0.12338090596463901, 0.19346236466229255, 0.26206585456959505,
                              0.30782209556653279);
    }
}

}  // namespace detail

/// 1 - erf(x), in the far tail accurate to the last digits, too.
template <class V> V erfc(const V& x) {
    if constexpr (lanes<V> == 1) {
        return std::erfc(x);
    } else {
        const V zero(scalar_t<V>(0)), two(scalar_t<V>(2));
        const V magnitude = math::min(V(scalar_t<V>(30)), math::abs(x));  // erfc(30) is zero
        // Half of the digits, whose square is exact; so what rounding takes from the square of all of them is known.
        const V rounder(scalar_t<V>(sizeof(scalar_t<V>) == sizeof(float) ? 0x1.8p17 : 0x1.8p32));
        const V half = (magnitude + rounder) - rounder, rest = (magnitude - half) * (magnitude + half);
        const V square = multiply_add(half, half, rest), lost = rest - (square - half * half);
        const V power = math::exp(-square);
        const V tail = (power - power * lost) * detail::scaled_erfc(magnitude);
        return math::select(x < zero, two - tail, tail);
    }
}

/// z - tanh(z), near zero by the polynomial of (z - tanh(z)) / z^3.
template <class V> V minus_tanh(const V& z) {
    const V square = math::min(V(scalar_t<V>(0.36)), z * z);
    V p;
    if constexpr (sizeof(scalar_t<V>) == sizeof(float)) {
        p = polynomial(square, -0.00237076564, 0.00841007080, -0.0217883220, 0.0539615518, -0.133333129, 0.333333332);
    } else {
        p = polynomial(square, 1.8335962110039420e-5, -8.1547378065253651e-5, 0.00023225104067938509,
                       -0.00058805415484187290, 0.0014554648028007449, -0.0035920831663434575, 0.0088632321135414732,
                       -0.021869488383780929, 0.053968253964757625, -0.13333333333330196, 0.33333333333333329);
    }
    return math::select(square < V(scalar_t<V>(0.36)), z * square * p, z - math::tanh(z));
}

}  // namespace math
}  // namespace STRATA_ISA
}  // namespace strata::authoring
STRATA_EXACT_ROUNDING_END
