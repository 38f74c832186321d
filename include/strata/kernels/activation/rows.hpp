#pragma once

#include "strata/kernels/activation/smooth.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>

/// Activation functions whose cells depend on each other along the last axis.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// y = exp(x) / sum(exp(x)) for a row of cells; y may be x.
template <class V> [[gnu::always_inline]] inline void softmax_of_row(const V* x, std::size_t columns, V* y) {
    V largest = x[0];
    for (std::size_t i = 1; i < columns; ++i) largest = math::max(largest, x[i]);
    V sum[1] = {V(scalar_t<V>(0))};
    add_terms(columns, sum, [&](std::size_t i, V(&to)[1]) {
        y[i] = math::exp(x[i] - largest);
        to[0] = to[0] + y[i];
    });
    const V scale = math::divide(V(scalar_t<V>(1)), sum[0]);
    for (std::size_t i = 0; i < columns; ++i) y[i] = y[i] * scale;
}

/// dx = y * (dy - <dy, y>) for a row of cells; dx may be dy.
template <class V>
[[gnu::always_inline]] inline void softmax_gradient_of_row(const V* y, const V* dy, std::size_t columns, V* dx) {
    V product[1] = {V(scalar_t<V>(0))};
    add_terms(columns, product, [&](std::size_t i, V(&to)[1]) { to[0] = multiply_add(y[i], dy[i], to[0]); });
    for (std::size_t i = 0; i < columns; ++i) dx[i] = y[i] * (dy[i] - product[0]);
}

/// The softmax of each row of `Columns` cells.
template <std::size_t Rows, std::size_t Columns, class V> void softmax_forward(const V* x, V* y) {
    for (std::size_t row = 0; row < Rows; ++row) softmax_of_row(x + row * Columns, Columns, y + row * Columns);
}

template <std::size_t Rows, std::size_t Columns, class V> void softmax_gradient(const V* y, const V* dy, V* dx) {
    for (std::size_t row = 0; row < Rows; ++row)
        softmax_gradient_of_row(y + row * Columns, dy + row * Columns, Columns, dx + row * Columns);
}

/// y[row] = x[row] - log(sum(exp(x[row]))) for rows of `Columns` cells.
template <std::size_t Rows, std::size_t Columns, class V> void log_softmax_forward(const V* x, V* y) {
    for (std::size_t row = 0; row < Rows; ++row, x += Columns, y += Columns) {
        V largest = x[0];
        for (std::size_t i = 1; i < Columns; ++i) largest = math::max(largest, x[i]);
        const V log_sum = math::log(sum_of<Columns>([&](std::size_t i) { return V(math::exp(x[i] - largest)); }));
        for (std::size_t i = 0; i < Columns; ++i) y[i] = (x[i] - largest) - log_sum;
    }
}

/// dx[row] = dy[row] - exp(y[row]) sum(dy[row]).
template <std::size_t Rows, std::size_t Columns, class V> void log_softmax_gradient(const V* y, const V* dy, V* dx) {
    for (std::size_t row = 0; row < Rows; ++row, y += Columns, dy += Columns, dx += Columns) {
        const V sum = sum_of<Columns>([&](std::size_t i) { return dy[i]; });
        for (std::size_t i = 0; i < Columns; ++i) dx[i] = dy[i] - math::exp(y[i]) * sum;
    }
}

/// y[row] = max(x[row] - t, 0) with the t for which it sums to one (Martins, Astudillo 2016). Newton's method from
/// below finds t exactly: the cells above it become fewer with each step, until they stay the same.
template <std::size_t Rows, std::size_t Columns, class V> void sparsemax_forward(const V* x, V* y) {
    const V zero = constant<V>(0), one = constant<V>(1);
    for (std::size_t row = 0; row < Rows; ++row, x += Columns, y += Columns) {
        V largest = x[0];
        for (std::size_t i = 1; i < Columns; ++i) largest = math::largest(largest, x[i]);
        V t = -one, count = zero;  // of the cells less the largest one
        for (std::size_t step = 0; step < Columns; ++step) {
            const V count_before = count;
            V sums[2] = {zero, zero};
            add_terms<Columns>(sums, [&](std::size_t i, V(&to)[2]) {
                const V cell = x[i] - largest;
                to[0] = to[0] + math::select(cell > t, cell, zero);
                to[1] = to[1] + math::select(cell > t, one, zero);
            });
            count = sums[1];
            t = math::divide(sums[0] - one, math::max(one, count));
            if (sum_lanes(math::select(count == count_before, zero, one)) == 0) break;
        }
        for (std::size_t i = 0; i < Columns; ++i) y[i] = math::max(zero, (x[i] - largest) - t);
    }
}

/// dx[row] = dy[row] less its mean, both over the cells where y is positive.
template <std::size_t Rows, std::size_t Columns, class V> void sparsemax_gradient(const V* y, const V* dy, V* dx) {
    const V zero = constant<V>(0), one = constant<V>(1);
    for (std::size_t row = 0; row < Rows; ++row, y += Columns, dy += Columns, dx += Columns) {
        V sums[2] = {zero, zero};
        add_terms<Columns>(sums, [&](std::size_t i, V(&to)[2]) {
            to[0] = to[0] + math::select(y[i] > zero, dy[i], zero);
            to[1] = to[1] + math::select(y[i] > zero, one, zero);
        });
        const V mean = math::divide(sums[0], math::max(one, sums[1]));
        for (std::size_t i = 0; i < Columns; ++i) dx[i] = math::select(y[i] > zero, dy[i] - mean, zero);
    }
}

/// The gated linear unit: y[row] = a sigmoid(b) for rows of `Columns` cells a, then as many cells b.
template <std::size_t Rows, std::size_t Columns, class V> void glu_forward(const V* x, V* y) {
    for (std::size_t row = 0; row < Rows; ++row, x += 2 * Columns, y += Columns) {
        for (std::size_t i = 0; i < Columns; ++i) {
            const V gate = x[Columns + i];
            y[i] = two_sigmoids<V>(gate).times(x[i], gate);
        }
    }
}

/// da = dy sigmoid(b), db = dy a sigmoid'(b).
template <std::size_t Rows, std::size_t Columns, class V> void glu_gradient(const V* x, const V* dy, V* dx) {
    for (std::size_t row = 0; row < Rows; ++row, x += 2 * Columns, dy += Columns, dx += 2 * Columns) {
        for (std::size_t i = 0; i < Columns; ++i) {
            const V gate = x[Columns + i], upstream = dy[i];
            const two_sigmoids<V> both(gate);
            dx[Columns + i] = upstream * both.times_slope(x[i]);
            dx[i] = both.times(upstream, gate);
        }
    }
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
