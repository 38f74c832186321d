#pragma once

#include "strata/simd/pack.hpp"
#include "support/ulp.hpp"

#include <array>
#include <bit>
#include <stdexcept>
#include <vector>

/// Functions of one number, in every lane of a pack, against exact ones.
namespace strata::authoring::test {

/// f of one number, in every lane; all lanes have to agree.
template <class V, class F> scalar_t<V> in_lanes(F&& f, scalar_t<V> x) {
    std::array<scalar_t<V>, lanes<V>> values;
    store<V>(f(V(x)), values.data());
    for (const auto value : values) {
        if (std::bit_cast<std::array<unsigned char, sizeof value>>(value) !=
            std::bit_cast<std::array<unsigned char, sizeof value>>(values[0])) {
            throw std::logic_error("lanes differ");
        }
    }
    return values[0];
}

/// Numbers on both sides of zero, denser around it, in [-limit, limit].
template <class T> std::vector<T> sweep(T smallest, T limit, T factor) {
    std::vector<T> values{0};
    for (T x = smallest; x <= limit; x *= factor) {
        values.push_back(x);
        values.push_back(-x);
    }
    return values;
}

template <class V, class F, class G> double worst_ulp(const std::vector<scalar_t<V>>& values, F&& ours, G&& exact) {
    double worst = 0;
    for (const auto x : values) {
        const double distance = ulp_distance(in_lanes<V>(ours, x), exact(static_cast<long double>(x)));
        if (distance > worst) worst = distance;
    }
    return worst;
}

#define STRATA_LIFTED(function) [](const auto& x) { return math::function(x); }

}  // namespace strata::authoring::test
