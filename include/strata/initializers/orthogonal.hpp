#pragma once

#include "strata/core/parameter.hpp"
#include "strata/initializers/options.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The sum of products, in four sums that do not wait for each other.
inline double inner_product(std::span<const double> a, std::span<const double> b) {
    double sums[4] = {};
    std::size_t i = 0;
    for (; i + 4 <= a.size(); i += 4) {
        for (std::size_t k = 0; k < 4; ++k) sums[k] += a[i + k] * b[i + k];
    }
    for (; i < a.size(); ++i) sums[0] += a[i] * b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Makes vectors orthonormal, one after the other, in directions that are those of a QR decomposition whose R has a
/// positive diagonal (the modified method of Gram and Schmidt, twice: Giraud, Langou, Rozloznik 2005).
inline void orthonormalize(std::span<double> values, std::size_t length) {
    const auto vector = [&](std::size_t k) { return values.subspan(k * length, length); };
    for (std::size_t k = 0; k < values.size() / length; ++k) {
        const std::span<double> v = vector(k);
        for (int time = 0; time < 2; ++time) {
            for (std::size_t before = 0; before < k; ++before) {
                const std::span<const double> u = vector(before);
                const double share = inner_product(u, v);
                for (std::size_t i = 0; i < length; ++i) v[i] -= share * u[i];
            }
            const double norm = std::sqrt(inner_product(v, v));
            for (double& value : v) value /= norm;
        }
    }
}

}  // namespace detail

/// A random orthogonal matrix, as many columns as the last extent and as many rows as the product of the others: its
/// columns are orthonormal, or where these are more than the rows, its rows. The Q of the QR decomposition of normal
/// values, with the signs of R's diagonal (Keras: `Orthogonal`; Saxe, McClelland, Ganguli 2014).
struct Orthogonal {
    /// With settings: Gain.
    template <class... Options> struct With : with_gain<Orthogonal, Options...> {};

    static void fill(const initial_values& tensor) {
        const std::size_t columns = tensor.extents.back(), rows = tensor.values.size() / columns;
        const std::size_t count = std::min(rows, columns), length = std::max(rows, columns);
        std::vector<double> vectors(tensor.values.size());
        for (double& value : vectors) value = tensor.random.normal();
        detail::orthonormalize(vectors, length);
        for (std::size_t k = 0; k < count; ++k) {
            for (std::size_t i = 0; i < length; ++i)
                tensor.values[rows < columns ? k * columns + i : i * columns + k] = vectors[k * length + i];
        }
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Orthogonal;
}  // namespace strata
