#pragma once

#include "strata/kernels/activation/smooth.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>

/// Activation functions whose cells depend on each other along the last axis.
namespace strata {
inline namespace STRATA_ISA {
namespace kernels {

/// y[row] = exp(x[row]) / sum(exp(x[row])) for rows of `Columns` cells.
template <std::size_t Rows, std::size_t Columns, class V> void softmax_forward(const V* x, V* y) {
    for (std::size_t row = 0; row < Rows; ++row, x += Columns, y += Columns) {
        V largest = x[0];
        for (std::size_t i = 1; i < Columns; ++i) largest = math::max(largest, x[i]);
        V sum(scalar_t<V>(0));
        for (std::size_t i = 0; i < Columns; ++i) {
            y[i] = math::exp(x[i] - largest);
            sum = sum + y[i];
        }
        const V scale = math::divide(V(scalar_t<V>(1)), sum);
        for (std::size_t i = 0; i < Columns; ++i) y[i] = y[i] * scale;
    }
}

/// dx[row] = y[row] * (dy[row] - <dy[row], y[row]>).
template <std::size_t Rows, std::size_t Columns, class V> void softmax_gradient(const V* y, const V* dy, V* dx) {
    for (std::size_t row = 0; row < Rows; ++row, y += Columns, dy += Columns, dx += Columns) {
        V product(scalar_t<V>(0));
        for (std::size_t i = 0; i < Columns; ++i) product = multiply_add(y[i], dy[i], product);
        for (std::size_t i = 0; i < Columns; ++i) dx[i] = y[i] * (dy[i] - product);
    }
}

/// y[row] = x[row] - log(sum(exp(x[row]))) for rows of `Columns` cells.
template <std::size_t Rows, std::size_t Columns, class V> void log_softmax_forward(const V* x, V* y) {
    for (std::size_t row = 0; row < Rows; ++row, x += Columns, y += Columns) {
        V largest = x[0];
        for (std::size_t i = 1; i < Columns; ++i) largest = math::max(largest, x[i]);
        V sum = constant<V>(0);
        for (std::size_t i = 0; i < Columns; ++i) sum = sum + math::exp(x[i] - largest);
        const V log_sum = math::log(sum);
        for (std::size_t i = 0; i < Columns; ++i) y[i] = (x[i] - largest) - log_sum;
    }
}

/// dx[row] = dy[row] - exp(y[row]) sum(dy[row]).
template <std::size_t Rows, std::size_t Columns, class V> void log_softmax_gradient(const V* y, const V* dy, V* dx) {
    for (std::size_t row = 0; row < Rows; ++row, y += Columns, dy += Columns, dx += Columns) {
        V sum = constant<V>(0);
        for (std::size_t i = 0; i < Columns; ++i) sum = sum + dy[i];
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
            V sum = zero;
            count = zero;
            for (std::size_t i = 0; i < Columns; ++i) {
                const V cell = x[i] - largest;
                sum = sum + math::select(cell > t, cell, zero);
                count = count + math::select(cell > t, one, zero);
            }
            t = math::divide(sum - one, math::max(one, count));
            if (sum_lanes(math::select(count == count_before, zero, one)) == 0) break;
        }
        for (std::size_t i = 0; i < Columns; ++i) y[i] = math::max(zero, (x[i] - largest) - t);
    }
}

/// dx[row] = dy[row] less its mean, both over the cells where y is positive.
template <std::size_t Rows, std::size_t Columns, class V> void sparsemax_gradient(const V* y, const V* dy, V* dx) {
    const V zero = constant<V>(0), one = constant<V>(1);
    for (std::size_t row = 0; row < Rows; ++row, y += Columns, dy += Columns, dx += Columns) {
        V sum = zero, count = zero;
        for (std::size_t i = 0; i < Columns; ++i) {
            sum = sum + math::select(y[i] > zero, dy[i], zero);
            count = count + math::select(y[i] > zero, one, zero);
        }
        const V mean = math::divide(sum, math::max(one, count));
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
}  // namespace strata
