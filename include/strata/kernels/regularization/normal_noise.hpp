#pragma once

#include "strata/core/number.hpp"
#include "strata/core/random_cells.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"
#include "strata/simd/special_functions.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numbers>

/// Noise for cells.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Standard normal where x is uniform in (-1, 1): the inverse of the distribution's function, to six digits or more
/// (Giles, "Approximating the erfinv function", 2010).
template <class V> V normal_from_uniform(const V& x) {
    const V w = -math::log((constant<V>(1) - x) * (constant<V>(1) + x));
    const V center =
        math::polynomial(w - constant<V>(2.5), 2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06,
                         0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941);
    const V root = math::sqrt(math::max(constant<V>(5), w)) - constant<V>(3);
    const V tail = math::polynomial(root, -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
                                    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682);
    return math::select(w < constant<V>(5), center, tail) * x * constant<V>(std::numbers::sqrt2);
}

/// Calls f(cell, value) for each cell with a number that is drawn from the standard normal distribution.
template <std::size_t Cells, class V, class F>
[[gnu::always_inline]] inline void for_each_normal(const random_cells& random, const F& f) {
    using T = scalar_t<V>;
    for (std::size_t first = 0; first < Cells; first += 4) {
        std::uint32_t words[4][lanes<V>];
        random.draw(static_cast<std::uint32_t>(first / 4), words);
        for (std::size_t j = 0; j < std::min<std::size_t>(4, Cells - first); ++j) {
            V uniform;  // 24 bits, which a float holds: the same number in every precision
            for (std::size_t n = 0; n < lanes<V>; ++n)
                as_lanes(&uniform)[n] =
                    (static_cast<T>(static_cast<std::int32_t>(words[j][n]) >> 8) + T(0.5)) * T(0x1p-23);
            f(first + j, normal_from_uniform(uniform));
        }
    }
}

/// y = x n, n normal with mean 1; y may be x. It is its own backward pass.
template <std::size_t Cells, number Variance, class V>
STRATA_OUT_OF_LINE void multiply_by_noise(const random_cells& random, const V* x, V* y) {
    const V deviation = math::sqrt(constant<V>(Variance));
    for_each_normal<Cells, V>(
        random, [&](std::size_t cell, const V& n) { y[cell] = x[cell] * multiply_add(n, deviation, constant<V>(1)); });
}

/// y = x + Deviation n, n standard normal; y may be x.
template <std::size_t Cells, number Deviation, class V>
STRATA_OUT_OF_LINE void add_noise(const random_cells& random, const V* x, V* y) {
    for_each_normal<Cells, V>(
        random, [&](std::size_t cell, const V& n) { y[cell] = multiply_add(n, constant<V>(Deviation), x[cell]); });
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
