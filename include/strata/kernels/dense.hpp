#pragma once

#include "strata/core/memory.hpp"
#include "strata/kernels/activation.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

/// Fully connected layers. Weights are inputs x units, row-major, as in Keras. X is what is multiplied: cells, each of
/// which meets one weight, a scalar_t<X>.
namespace strata::inline STRATA_ISA::kernels {

/// Whether the weights of a layer are more than a second cache holds, and come from further away each time.
template <std::size_t Inputs, std::size_t Units, class W>
inline constexpr bool streams_weights = sizeof(W) * Inputs * Units > 1024 * 1024;

/// With so many rows the sums of a tile fill the registers, of which an instruction set has 16 or 32.
inline constexpr std::size_t rows_worth_joining = 3;

/// How many of the rows of inputs are multiplied by the weights at the same time.
template <std::size_t Rows, std::size_t Units>
inline constexpr std::size_t rows_at_once = choose_tile({.rows = Units, .columns = Rows}).columns;

/// y[rows][units] = activation(x[rows][inputs] w + bias). `bias` is not read without Bias.
///
/// Weights that no second cache holds pass by in blocks of neighbouring rows, and those of the next units are fetched
/// ahead: read column by column each line would come from another page, too far apart for the machine to foresee.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class Activation, bool Bias, class V, class X>
[[gnu::noinline]] void dense_forward(const X* x, const scalar_t<X>* w, [[maybe_unused]] const scalar_t<V>* bias, V* y) {
    using T = scalar_t<V>;
    constexpr tile shape = choose_tile({.rows = Units, .columns = Rows, .column_step = Rows});
    constexpr bool large = streams_weights<Inputs, Units, scalar_t<X>>;
    constexpr std::size_t block = large ? std::min<std::size_t>(Inputs, 384) : Inputs;
    for (std::size_t first = 0; first < Inputs; first += block) {
        const std::size_t end = std::min(first + block, Inputs);
        for_each_block<Units, shape.rows>([&](auto block_units, std::size_t unit) {
            constexpr std::size_t units = block_units;
            V sum[units][Rows];
#pragma GCC unroll 32
            for (std::size_t u = 0; u < units; ++u) {
#pragma GCC unroll 32
                for (std::size_t r = 0; r < Rows; ++r)
                    sum[u][r] = first > 0 ? y[r * Units + unit + u] : Bias ? V(bias[unit + u]) : V(T(0));
            }
            for (std::size_t i = first; i < end; ++i) {
                X in[Rows];
#pragma GCC unroll 32
                for (std::size_t r = 0; r < Rows; ++r) in[r] = x[r * Inputs + i];
                const scalar_t<X>* weights = w + i * Units + unit;
                if constexpr (large) {
                    constexpr std::size_t line = alignment / sizeof(T);
                    for (std::size_t u = 0; u < units; u += line) __builtin_prefetch(weights + units + u);
                }
#pragma GCC unroll 32
                for (std::size_t u = 0; u < units; ++u) {
                    const X weight(weights[u]);
#pragma GCC unroll 32
                    for (std::size_t r = 0; r < Rows; ++r) sum[u][r] = multiply_add(in[r], weight, sum[u][r]);
                }
            }
#pragma GCC unroll 32
            for (std::size_t u = 0; u < units; ++u) {
#pragma GCC unroll 32
                for (std::size_t r = 0; r < Rows; ++r) y[r * Units + unit + u] = sum[u][r];
            }
        });
    }
    activate<Activation>(y, Rows * Units);
}

/// How many rows of a matrix with `stride` bytes from row to row can be read side by side: no more than a first cache
/// keeps where the stride is a large power of two.
constexpr std::size_t rows_side_by_side(std::size_t stride) {
    constexpr std::size_t ways = 6,
                          period = 4096;  // addresses that far apart compete for the same place
    return ways * (period / std::gcd(period, stride));
}

/// dx[inputs] = the gradient with respect to the input.
template <std::size_t Inputs, std::size_t Units, class V, class X>
[[gnu::noinline]] void dense_input_gradient(const X* dz, const scalar_t<X>* w, V* dx) {
    constexpr std::size_t rows = std::min(choose_tile(Inputs, 1).rows, rows_side_by_side(Units * sizeof(scalar_t<V>)));
    for_each_block<Inputs, rows>([&](auto block_inputs, std::size_t input) {
        constexpr std::size_t inputs = block_inputs;
        V sum[inputs];
#pragma GCC unroll 32
        for (std::size_t i = 0; i < inputs; ++i) sum[i] = V(scalar_t<V>(0));
        for (std::size_t u = 0; u < Units; ++u) {
            const X gradient = dz[u];
            const scalar_t<X>* weights = w + input * Units + u;
#pragma GCC unroll 32
            for (std::size_t i = 0; i < inputs; ++i) {
                sum[i] = multiply_add(gradient, X(weights[i * Units]), sum[i]);
            }
        }
#pragma GCC unroll 32
        for (std::size_t i = 0; i < inputs; ++i) dx[input + i] = sum[i];
    });
}

}  // namespace strata::inline STRATA_ISA::kernels
