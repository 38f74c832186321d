#pragma once

#include "strata/kernels/activation.hpp"
#include "strata/kernels/tile.hpp"

#include <algorithm>
#include <cstddef>

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
///
/// Here the lanes run over units: a block of dz is turned, so that the sum over samples needs no sum over lanes.
template <std::size_t Inputs, std::size_t Units, class V> class dense_weight_gradient {
public:
    using T = scalar_t<V>;

    static void run(const V* x, const V* dz, T* dw) {
        for_each_block<vectors, shape.columns>([&](auto columns, std::size_t first) {
            constexpr std::size_t width = columns * lanes<V>;
            const std::size_t unit = first * lanes<V>, used = std::min(width, Units - unit);
            alignas(64) T gradients[lanes<V> * width] = {};  // samples x units
            for (std::size_t u = 0; u < used; ++u) {
                for (std::size_t n = 0; n < lanes<V>; ++n) gradients[n * width + u] = as_lanes(dz + unit + u)[n];
            }
            for_each_block<Inputs, shape.rows>([&](auto rows, std::size_t input) {
                add_tile<rows, columns>(as_lanes(x + input), gradients, used, dw + input * Units + unit);
            });
        });
    }

private:
    static constexpr std::size_t vectors = (Units + lanes<V> - 1) / lanes<V>;
    static constexpr tile shape = choose_tile(Inputs, vectors);

    template <std::size_t Rows, std::size_t Columns>
    static void add_tile(const T* samples, const T* gradients, std::size_t used, T* dw) {
        V sum[Rows][Columns];
        unroll<Rows>([&](auto i) { unroll<Columns>([&](auto j) { sum[i][j] = V(T(0)); }); });
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            V gradient[Columns];
            unroll<Columns>([&](auto j) { gradient[j] = load<V>(gradients + (n * Columns + j) * lanes<V>); });
            unroll<Rows>([&](auto i) {
                const V value(samples[i * lanes<V> + n]);
                unroll<Columns>([&](auto j) { sum[i][j] = multiply_add(value, gradient[j], sum[i][j]); });
            });
        }
        unroll<Rows>([&](auto i) {
            unroll<Columns>([&](auto j) {
                const std::size_t before = std::min(used, j * lanes<V>);
                add_to(sum[i][j], dw + i * Units + before, std::min(used - before, lanes<V>));
            });
        });
    }

    /// to[0], ..., to[count - 1] += the first lanes.
    [[gnu::always_inline]] static void add_to(const V& value, T* to, std::size_t count) {
        if (count == lanes<V>) {
            store<V>(load<V>(to) + value, to);
        } else {
            T values[lanes<V>];
            store<V>(value, values);
            for (std::size_t u = 0; u < count; ++u) to[u] += values[u];
        }
    }
};

/// dx[inputs] = the gradient with respect to the input.
template <std::size_t Inputs, std::size_t Units, class V>
void dense_input_gradient(const V* dz, const scalar_t<V>* w, V* dx) {
    constexpr tile T = choose_tile(Inputs, 1);
    for_each_block<Inputs, T.rows>([&](auto inputs, std::size_t input) {
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
