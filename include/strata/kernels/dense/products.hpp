#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/simd/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

/// Fully connected layers. Weights are inputs x units, row-major, as in Keras. X is what is multiplied: cells, each of
/// which meets one weight, a scalar_t<X>.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// True if the weights of a layer fill an L2 or more, so that they are streamed in memory order.
template <std::size_t Inputs, std::size_t Units, class W>
inline constexpr bool streams_weights = sizeof(W) * Inputs * Units >= l2_size;

/// More rows than this would leave too few registers, of which an instruction set has 16 or 32, to each of them.
inline constexpr std::size_t rows_worth_joining = 3;

/// How many of the rows of inputs are multiplied by the weights at the same time.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class W>
inline constexpr std::size_t rows_at_once =
    streams_weights<Inputs, Units, W> ? std::min(Rows, rows_worth_joining)
                                      : choose_tile({.rows = Units, .columns = Rows}).columns;

namespace detail {

/// y[rows][units] = x[rows][inputs] w + bias, in tiles of sums that stay in registers while all inputs are streamed.
/// The weights of a tile lie below each other.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, bool Bias, class V, class X>
void multiply_in_tiles(const X* x, const scalar_t<X>* w, [[maybe_unused]] const scalar_t<V>* bias, V* y) {
    using T = scalar_t<V>;
    constexpr tile shape = choose_tile({.rows = Units, .columns = Rows, .column_step = Rows});
    for_each_block<Units, shape.rows>([&](auto block_units, std::size_t unit) {
        constexpr std::size_t units = block_units;
        V sum[units][Rows];
#pragma GCC unroll 32
        for (std::size_t u = 0; u < units; ++u) {
#pragma GCC unroll 32
            for (std::size_t r = 0; r < Rows; ++r) sum[u][r] = Bias ? V(bias[unit + u]) : V(T(0));
        }
        for (std::size_t i = 0; i < Inputs; ++i) {
            X in[Rows];
#pragma GCC unroll 32
            for (std::size_t r = 0; r < Rows; ++r) in[r] = x[r * Inputs + i];
            const scalar_t<X>* weights = w + i * Units + unit;
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

/// The same in the order of the memory, where the machine foresees what is read next: some inputs stay in registers
/// while the weights from them to all units are streamed, and each of these is read once.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, bool Bias, class V, class X>
void multiply_in_order(const X* x, const scalar_t<X>* w, [[maybe_unused]] const scalar_t<V>* bias, V* y) {
    using T = scalar_t<V>;
    constexpr std::size_t at_once = vector_registers / (Rows == 1 ? 2 : 4),
                          units_at_once = std::clamp<std::size_t>((vector_registers - 1) / Rows - at_once, 1, 8);
    static_assert(Rows * (at_once + units_at_once) < vector_registers);
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t u = 0; u < Units; ++u) y[r * Units + u] = Bias ? V(bias[u]) : V(T(0));
    }
    for_each_block<Inputs, at_once>([&](auto block_inputs, std::size_t input) {
        constexpr std::size_t inputs = block_inputs;
        X in[Rows][inputs];
#pragma GCC unroll 32
        for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
            for (std::size_t i = 0; i < inputs; ++i) in[r][i] = load_for<units_at_once>(x[r * Inputs + input + i]);
        }
        for_each_block<Units, units_at_once>([&](auto block_units, std::size_t unit) {
            constexpr std::size_t units = block_units;
            const scalar_t<X>* weights = w + input * Units + unit;
            V sum[Rows][units];
#pragma GCC unroll 32
            for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
                for (std::size_t u = 0; u < units; ++u) sum[r][u] = y[r * Units + unit + u];
            }
#pragma GCC unroll 32
            for (std::size_t i = 0; i < inputs; ++i) {
#pragma GCC unroll 32
                for (std::size_t u = 0; u < units; ++u) {
                    const X weight(weights[i * Units + u]);
#pragma GCC unroll 32
                    for (std::size_t r = 0; r < Rows; ++r) sum[r][u] = multiply_add(in[r][i], weight, sum[r][u]);
                }
            }
#pragma GCC unroll 32
            for (std::size_t r = 0; r < Rows; ++r) {
#pragma GCC unroll 32
                for (std::size_t u = 0; u < units; ++u) y[r * Units + unit + u] = sum[r][u];
            }
        });
    });
}

}  // namespace detail

/// y[rows][units] = activation(x[rows][inputs] w + bias). `bias` is not read without Bias.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class Activation, bool Bias, class V, class X>
[[gnu::noinline]] void dense_forward(const X* x, const scalar_t<X>* w, const scalar_t<V>* bias, V* y) {
    if constexpr (streams_weights<Inputs, Units, scalar_t<X>>)
        detail::multiply_in_order<Rows, Inputs, Units, Bias>(x, w, bias, y);
    else
        detail::multiply_in_tiles<Rows, Inputs, Units, Bias>(x, w, bias, y);
    activate<Activation>(y, Rows * Units);
}

/// How many rows of a matrix with `stride` bytes from row to row can be read side by side: no more than an L1
/// keeps where the stride is a large power of two.
constexpr std::size_t rows_side_by_side(std::size_t stride) {
    return l1_ways * (l1_period / std::gcd(l1_period, stride));
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

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
