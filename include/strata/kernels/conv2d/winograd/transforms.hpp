#pragma once

#include "strata/simd/pack.hpp"

#include <cstddef>

/// Winograd's convolution F(2, k): a kernel of k taps on a window of k + 1 pixels gives two outputs with k + 1
/// products, one for each position in the transformed window, where the definition takes 2k. In two dimensions windows
/// are squares: F(2x2, 3x3) takes 16 products where the definition takes 36.
///
/// With x a window, w a kernel and y their outputs, y = A' ((G w) * (B' x)); the product in the middle is taken
/// position by position. Turned around, dw = G' ((B' x) * (A dy)) and dx = B ((G w) * (A dy)). In two dimensions each
/// matrix is applied from both sides. An infinite pixel spoils all outputs of a window. Source: Lavin and Gray, Fast
/// Algorithms for Convolutional Neural Networks, arXiv 1509.09308, section 4.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::winograd {

inline constexpr std::size_t outputs = 2;

/// The matrices for a kernel of `Kernel` taps, each as a function of one row.
template <std::size_t Kernel> struct matrices;

template <> struct matrices<3> {
    static constexpr std::size_t kernel = 3, window = 4;

    struct of_window {  // B'
        template <class V> [[gnu::always_inline]] static void apply(const V (&x)[window], V (&to)[window]) {
            to[0] = x[0] - x[2];
            to[1] = x[1] + x[2];
            to[2] = x[2] - x[1];
            to[3] = x[1] - x[3];
        }
    };
    struct to_window {  // B
        template <class V> [[gnu::always_inline]] static void apply(const V (&x)[window], V (&to)[window]) {
            to[0] = x[0];
            to[1] = x[1] - x[2] + x[3];
            to[2] = x[1] + x[2] - x[0];
            to[3] = -x[3];
        }
    };
    struct of_kernel {  // G
        template <class V> [[gnu::always_inline]] static void apply(const V (&w)[kernel], V (&to)[window]) {
            const V half(scalar_t<V>(0.5)), outer = (w[0] + w[2]) * half, middle = w[1] * half;
            to[0] = w[0];
            to[1] = outer + middle;
            to[2] = outer - middle;
            to[3] = w[2];
        }
    };
    struct to_kernel {  // G'
        template <class V> [[gnu::always_inline]] static void apply(const V (&u)[window], V (&to)[kernel]) {
            const V half(scalar_t<V>(0.5)), outer = (u[1] + u[2]) * half;
            to[0] = u[0] + outer;
            to[1] = (u[1] - u[2]) * half;
            to[2] = outer + u[3];
        }
    };
    struct of_outputs {  // A
        template <class V> [[gnu::always_inline]] static void apply(const V (&y)[outputs], V (&to)[window]) {
            to[0] = y[0];
            to[1] = y[0] + y[1];
            to[2] = y[0] - y[1];
            to[3] = -y[1];
        }
    };
    struct to_outputs {  // A'
        template <class V> [[gnu::always_inline]] static void apply(const V (&m)[window], V (&to)[outputs]) {
            to[0] = m[0] + m[1] + m[2];
            to[1] = m[1] - m[2] - m[3];
        }
    };
};

/// By the points 0, +-2/3, +-3/2 and infinity: with +-1 and +-2 errors are half as large again.
template <> struct matrices<5> {
    static constexpr std::size_t kernel = 5, window = 6;

private:
    static constexpr double p = 2. / 3, q = 3. / 2, pp = p * p, qq = q * q;
    static constexpr double scale_p = 1 / (2 * pp * (pp - qq)), scale_q = 1 / (2 * qq * (qq - pp));

    template <class V> [[gnu::always_inline]] static V add(const V& a, double factor, const V& b) {
        return multiply_add(V(scalar_t<V>(factor)), b, a);
    }

public:
    struct of_window {  // B'
        template <class V> [[gnu::always_inline]] static void apply(const V (&x)[window], V (&to)[window]) {
            const V even_p = add(x[4], -qq, x[2]), odd_p = add(x[3], -qq, x[1]);
            const V even_q = add(x[4], -pp, x[2]), odd_q = add(x[3], -pp, x[1]);
            to[0] = add(x[0] + x[4], -(pp + qq), x[2]);
            to[1] = add(even_p, p, odd_p);
            to[2] = add(even_p, -p, odd_p);
            to[3] = add(even_q, q, odd_q);
            to[4] = add(even_q, -q, odd_q);
            to[5] = add(x[1] + x[5], -(pp + qq), x[3]);
        }
    };
    struct to_window {  // B
        template <class V> [[gnu::always_inline]] static void apply(const V (&x)[window], V (&to)[window]) {
            const V sum_p = x[1] + x[2], difference_p = x[1] - x[2], sum_q = x[3] + x[4], difference_q = x[3] - x[4];
            to[0] = x[0];
            to[1] = add(add(x[5], -q, difference_p), -p, difference_q);
            to[2] = add(add(V(scalar_t<V>(-(pp + qq))) * x[0], -qq, sum_p), -pp, sum_q);
            to[3] = add(add(V(scalar_t<V>(-(pp + qq))) * x[5], p, difference_p), q, difference_q);
            to[4] = x[0] + sum_p + sum_q;
            to[5] = x[5];
        }
    };
    struct of_kernel {  // G
        template <class V> [[gnu::always_inline]] static void apply(const V (&w)[kernel], V (&to)[window]) {
            const auto at = [&](double point, double square, double scale, V& plus, V& minus) {
                const V even = add(w[0], square, add(w[2], square, w[4])) * V(scalar_t<V>(scale));
                const V odd = add(w[1], square, w[3]) * V(scalar_t<V>(scale));
                plus = add(even, point, odd);
                minus = add(even, -point, odd);
            };
            to[0] = w[0];
            at(p, pp, scale_p, to[1], to[2]);
            at(q, qq, scale_q, to[3], to[4]);
            to[5] = w[4];
        }
    };
    struct to_kernel {  // G'
        template <class V> [[gnu::always_inline]] static void apply(const V (&u)[window], V (&to)[kernel]) {
            const V sp(static_cast<scalar_t<V>>(scale_p)), sq(static_cast<scalar_t<V>>(scale_q));
            const V sum_p = (u[1] + u[2]) * sp, difference_p = (u[1] - u[2]) * sp;
            const V sum_q = (u[3] + u[4]) * sq, difference_q = (u[3] - u[4]) * sq;
            to[0] = u[0] + sum_p + sum_q;
            to[1] = V(scalar_t<V>(p)) * difference_p + V(scalar_t<V>(q)) * difference_q;
            to[2] = V(scalar_t<V>(pp)) * sum_p + V(scalar_t<V>(qq)) * sum_q;
            to[3] = V(scalar_t<V>(p * pp)) * difference_p + V(scalar_t<V>(q * qq)) * difference_q;
            to[4] = add(add(u[5], pp * pp, sum_p), qq * qq, sum_q);
        }
    };
    struct of_outputs {  // A
        template <class V> [[gnu::always_inline]] static void apply(const V (&y)[outputs], V (&to)[window]) {
            to[0] = y[0];
            to[1] = add(y[0], p, y[1]);
            to[2] = add(y[0], -p, y[1]);
            to[3] = add(y[0], q, y[1]);
            to[4] = add(y[0], -q, y[1]);
            to[5] = y[1];
        }
    };
    struct to_outputs {  // A'
        template <class V> [[gnu::always_inline]] static void apply(const V (&m)[window], V (&to)[outputs]) {
            to[0] = m[0] + (m[1] + m[2]) + (m[3] + m[4]);
            to[1] = add(add(m[5], p, m[1] - m[2]), q, m[3] - m[4]);
        }
    };
};

/// In two dimensions: write(i, j, value) of each cell of M x M', where M is the matrix of `Row`, and read(i, j) the
/// cell of x.
template <class Row, std::size_t From, std::size_t To, class Read, class Write>
[[gnu::always_inline]] inline void transform(Read&& read, Write&& write) {
    using V = decltype(read(0, 0));
    V half[To][From];
    for (std::size_t j = 0; j < From; ++j) {
        V column[From], result[To];
#pragma GCC unroll 6
        for (std::size_t i = 0; i < From; ++i) column[i] = read(i, j);
        Row::apply(column, result);
#pragma GCC unroll 6
        for (std::size_t i = 0; i < To; ++i) half[i][j] = result[i];
    }
    for (std::size_t i = 0; i < To; ++i) {
        V result[To];
        Row::apply(half[i], result);
#pragma GCC unroll 6
        for (std::size_t j = 0; j < To; ++j) write(i, j, result[j]);
    }
}

}  // namespace kernels::winograd
}  // namespace STRATA_ISA
}  // namespace strata::authoring
