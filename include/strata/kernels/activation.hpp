#pragma once

#include "strata/kernels/tile.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <numbers>
#include <type_traits>

/// Activation functions, cell by cell and row by row. Each function object offers `apply(z)` and one of `slope(y)`, the
/// derivative in terms of the result, which lets a layer forget z, or `slope_of_input(z)`. One that takes many packs in
/// less time than one after the other offers `apply_to_all<V>(z, packs, y)`, too.
namespace strata {
inline namespace STRATA_ISA {
namespace kernels {

struct linear {
    template <class V> static V apply(const V& z) { return z; }
    template <class V> static V slope(const V&) { return V(scalar_t<V>(1)); }
};

struct relu {
    template <class V> static V apply(const V& z) { return math::max(V(scalar_t<V>(0)), z); }
    template <class V> static V slope(const V& y) {
        return math::select(y > V(scalar_t<V>(0)), V(scalar_t<V>(1)), V(scalar_t<V>(0)));
    }
};

struct sigmoid {
    template <class V> static V apply(const V& z) {
        const V one(scalar_t<V>(1));
        return math::divide(one, one + math::exp(-z));
    }
    template <class V> static V slope(const V& y) { return y * (V(scalar_t<V>(1)) - y); }
};

struct tanh {
    template <class V> [[gnu::always_inline]] static V apply(const V& z) { return math::tanh(z); }
    template <class V> static void apply_to_all(const scalar_t<V>* z, std::size_t packs, scalar_t<V>* y) {
        math::tanh<V>(z, packs, y);
    }
    template <class V> static V slope(const V& y) { return V(scalar_t<V>(1)) - y * y; }
};

/// z where it is positive, exp(z) - 1 elsewhere.
struct elu {
    template <class V> static V apply(const V& z) {
        const V zero(scalar_t<V>(0));
        return math::select(z > zero, z, math::expm1(math::min(zero, z)));
    }
    template <class V> static V slope(const V& y) {
        const V one(scalar_t<V>(1));
        return math::select(y > V(scalar_t<V>(0)), one, y + one);
    }
};

/// z times the probability that a standard normal variable is below z.
struct gelu {
    template <class V> static V apply(const V& z) { return z * probability(z); }
    template <class V> static V slope_of_input(const V& z) {
        const V u = z * V(scalar_t<V>(sqrt_half));
        return probability(z) + z * math::exp(-u * u) * V(scalar_t<V>(sqrt_half * std::numbers::inv_sqrtpi));
    }

private:
    // As in Keras: there it goes through a float even in double precision, which shows in the eighth digit.
    static constexpr double sqrt_half = static_cast<float>(1 / std::numbers::sqrt2);

    template <class V> static V probability(const V& z) {
        const V half(scalar_t<V>(0.5));
        return half + half * math::erf(z * V(scalar_t<V>(sqrt_half)));
    }
};

/// y = Activation::apply(z) for so many packs, one after the other; y may be z.
template <class Activation, class V>
STRATA_OUT_OF_LINE void activate(const scalar_t<V>* z, std::size_t packs, scalar_t<V>* y) {
    if constexpr (requires { Activation::template apply_to_all<V>(z, packs, y); }) {
        Activation::template apply_to_all<V>(z, packs, y);
    } else {
        for (std::size_t i = 0; i < packs * lanes<V>; i += lanes<V>) store<V>(Activation::apply(load<V>(z + i)), y + i);
    }
}

/// The same for cells in place.
template <class Activation, class V> void activate(V* cells, std::size_t count) {
    if constexpr (!std::is_same_v<Activation, linear>) activate<Activation, V>(as_lanes(cells), count, as_lanes(cells));
}

/// dy *= slope(y), for rows x columns cells, and, with Bias, db[column] += the sum of the result over rows and lanes.
template <std::size_t Rows, std::size_t Columns, class Activation, bool Bias, class V>
void activation_gradient(const V* y, V* dy, [[maybe_unused]] scalar_t<V>* db) {
    if constexpr (Bias) {
        for_each_block<Columns, (Columns < 8 ? Columns : 8)>([&](auto columns, std::size_t column) {
            constexpr std::size_t width = columns;
            V sum[width];
#pragma GCC unroll 32
            for (std::size_t j = 0; j < width; ++j) sum[j] = V(scalar_t<V>(0));
            for (std::size_t row = 0; row < Rows; ++row) {
#pragma GCC unroll 32
                for (std::size_t j = 0; j < width; ++j) {
                    V& cell = dy[row * Columns + column + j];
                    cell = cell * Activation::slope(y[row * Columns + column + j]);
                    sum[j] = sum[j] + cell;
                }
            }
#pragma GCC unroll 32
            for (std::size_t j = 0; j < width; ++j) db[column + j] += sum_lanes(sum[j]);
        });
    } else if constexpr (!std::is_same_v<Activation, linear>) {
        for (std::size_t i = 0; i < Rows * Columns; ++i) dy[i] = dy[i] * Activation::slope(y[i]);
    }
}

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

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata
