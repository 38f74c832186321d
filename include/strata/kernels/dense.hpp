#pragma once

#include "strata/kernels/activation.hpp"
#include "strata/kernels/weight_tile.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

/// Fully connected layers. Weights are inputs x units, row-major, as in Keras.
namespace strata::kernels {

/// y[units] = activation(x[inputs] w + bias). `bias` is not read without Bias.
template <std::size_t Inputs, std::size_t Units, class Activation, bool Bias, class V>
void dense_forward(const V* x, const scalar_t<V>* w, [[maybe_unused]] const scalar_t<V>* bias, V* y) {
    constexpr tile T = choose_tile(Units, 1);
    for_each_block<Units, T.rows>([&](auto units, std::size_t unit) {
        V sum[decltype(units)::value];
        unroll<units>([&](auto u) {
            if constexpr (Bias)
                sum[u] = V(bias[unit + u]);
            else
                sum[u] = V(scalar_t<V>(0));
        });
        for (std::size_t i = 0; i < Inputs; ++i) {
            const V in = x[i];
            const scalar_t<V>* weights = w + i * Units + unit;
            unroll<units>([&](auto u) { sum[u] = multiply_add(in, V(weights[u]), sum[u]); });
        }
        unroll<units>([&](auto u) { y[unit + u] = sum[u]; });
    });
    activate<Activation>(y, Units);
}

/// dw[inputs][units] += the gradient with respect to the weights, summed over the lanes.
template <std::size_t Inputs, std::size_t Units, class V>
void dense_weight_gradient(const V* x, const V* dz, scalar_t<V>* dw) {
    using weights = weight_tile<Inputs, Units, Units, V>;
    for (std::size_t unit = 0; unit < Units; unit += weights::width) {
        typename weights::turned gradients;
        weights::turn(dz, unit, gradients);
        const typename weights::term term{x, &gradients};
        weights::add({&term, 1}, unit, dw);
    }
}

/// How many rows of a matrix with `stride` bytes from row to row can be read side by side: no more than a first cache
/// keeps where the stride is a large power of two.
constexpr std::size_t rows_side_by_side(std::size_t stride) {
    constexpr std::size_t ways = 6, period = 4096;  // addresses that far apart compete for the same place
    return ways * (period / std::gcd(period, stride));
}

/// dx[inputs] = the gradient with respect to the input.
template <std::size_t Inputs, std::size_t Units, class V>
void dense_input_gradient(const V* dz, const scalar_t<V>* w, V* dx) {
    constexpr std::size_t rows = std::min(choose_tile(Inputs, 1).rows, rows_side_by_side(Units * sizeof(scalar_t<V>)));
    for_each_block<Inputs, rows>([&](auto inputs, std::size_t input) {
        V sum[decltype(inputs)::value];
        unroll<inputs>([&](auto i) { sum[i] = V(scalar_t<V>(0)); });
        for (std::size_t u = 0; u < Units; ++u) {
            const V gradient = dz[u];
            unroll<inputs>([&](auto i) { sum[i] = multiply_add(gradient, V(w[(input + i) * Units + u]), sum[i]); });
        }
        unroll<inputs>([&](auto i) { dx[input + i] = sum[i]; });
    });
}

}  // namespace strata::kernels
