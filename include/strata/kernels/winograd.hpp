#pragma once

#include "strata/core/pack.hpp"
#include "strata/core/shape.hpp"

#include <cstddef>

/// Winograd's convolution F(2x2, 3x3): a kernel of 3x3 taps on a window of 4x4 pixels gives 2x2 outputs with 16
/// products, one for each position in the transformed window, where the definition takes 36.
///
/// With x a window, w a kernel and y their outputs, y = A' ((G w G') * (B' x B)) A; the product in the middle is taken
/// position by position. Turned around, the gradient of the kernel is dw = G' ((B' x B) * (A dy A')) G; that of the
/// input is a convolution of dy with the kernel turned by half a turn. An infinite pixel spoils all outputs of a
/// window. Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, arXiv 1509.09308, section 4.1.
namespace strata::inline STRATA_ISA::kernels::winograd {

inline constexpr std::size_t kernel = 3, outputs = 2, window = kernel + outputs - 1, positions = window * window;

/// The matrices, each as a function of one row. B':
struct of_window {
    template <class V> [[gnu::always_inline]] static void apply(const V (&x)[window], V (&to)[window]) {
        to[0] = x[0] - x[2];
        to[1] = x[1] + x[2];
        to[2] = x[2] - x[1];
        to[3] = x[1] - x[3];
    }
};

/// G
struct of_kernel {
    template <class V> [[gnu::always_inline]] static void apply(const V (&w)[kernel], V (&to)[window]) {
        const V half(scalar_t<V>(0.5)), outer = (w[0] + w[2]) * half, middle = w[1] * half;
        to[0] = w[0];
        to[1] = outer + middle;
        to[2] = outer - middle;
        to[3] = w[2];
    }
};

/// G'
struct to_kernel {
    template <class V> [[gnu::always_inline]] static void apply(const V (&u)[window], V (&to)[kernel]) {
        const V half(scalar_t<V>(0.5)), outer = (u[1] + u[2]) * half;
        to[0] = u[0] + outer;
        to[1] = (u[1] - u[2]) * half;
        to[2] = outer + u[3];
    }
};

/// A
struct of_outputs {
    template <class V> [[gnu::always_inline]] static void apply(const V (&y)[outputs], V (&to)[window]) {
        to[0] = y[0];
        to[1] = y[0] + y[1];
        to[2] = y[0] - y[1];
        to[3] = -y[1];
    }
};

/// A'
struct to_outputs {
    template <class V> [[gnu::always_inline]] static void apply(const V (&m)[window], V (&to)[outputs]) {
        to[0] = m[0] + m[1] + m[2];
        to[1] = m[1] - m[2] - m[3];
    }
};

/// M x M', where M is the matrix of `Row`.
template <class Row, std::size_t From, std::size_t To, class V>
[[gnu::always_inline]] inline void transform(const V (&x)[From][From], V (&to)[To][To]) {
    V half[To][From];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < From; ++j) {
        V column[From], result[To];
#pragma GCC unroll 4
        for (std::size_t i = 0; i < From; ++i) column[i] = x[i][j];
        Row::apply(column, result);
#pragma GCC unroll 4
        for (std::size_t i = 0; i < To; ++i) half[i][j] = result[i];
    }
#pragma GCC unroll 4
    for (std::size_t i = 0; i < To; ++i) Row::apply(half[i], to[i]);
}

/// Calls body(at, V()) for each lanes<V> of 0, ..., Count - 1, and body(at, T()) for what is left.
template <std::size_t Count, class V, class Body> void for_each_vector(Body&& body) {
    constexpr std::size_t whole = Count / lanes<V> * lanes<V>;
    for (std::size_t at = 0; at < whole; at += lanes<V>) body(at, V());
    for (std::size_t at = whole; at < Count; ++at) body(at, scalar_t<V>());
}

/// u[4][4][Plane] = the transformed w[3][3][Plane].
template <std::size_t Plane, class V> void transform_kernels(const scalar_t<V>* w, scalar_t<V>* u) {
    for_each_vector<Plane, V>([&]<class U>(std::size_t at, U) {
        U from[kernel][kernel], to[window][window];
#pragma GCC unroll 9
        for (std::size_t i = 0; i < kernel * kernel; ++i) from[i / kernel][i % kernel] = load<U>(w + i * Plane + at);
        transform<of_kernel>(from, to);
#pragma GCC unroll 16
        for (std::size_t i = 0; i < positions; ++i) store(to[i / window][i % window], u + i * Plane + at);
    });
}

/// Adds to dw[3][3][Plane] what the gradient with respect to the transformed kernels, du[4][4][Plane], says of it.
template <std::size_t Plane, class V> void add_kernel_gradients(const scalar_t<V>* du, scalar_t<V>* dw) {
    for_each_vector<Plane, V>([&]<class U>(std::size_t at, U) {
        U from[window][window], to[kernel][kernel];
#pragma GCC unroll 16
        for (std::size_t i = 0; i < positions; ++i) from[i / window][i % window] = load<U>(du + i * Plane + at);
        transform<to_kernel>(from, to);
#pragma GCC unroll 9
        for (std::size_t i = 0; i < kernel * kernel; ++i) {
            scalar_t<V>* const sum = dw + i * Plane + at;
            store(load<U>(sum) + to[i / kernel][i % kernel], sum);
        }
    });
}

/// Images of cells, cut into squares two pixels apart: the windows of a convolution, or their outputs. The squares of a
/// block, transformed, are 16 planes, each a row of `squares_at_once` pixels with all channels.
struct tiling {
    extent2d image;
    std::size_t channels;
    extent2d before;   // padding above and left
    extent2d outputs;  // of the convolution, which give the squares their number

    static constexpr std::size_t squares_at_once = 4;

    constexpr std::size_t columns() const { return (outputs.columns + 1) / winograd::outputs; }
    constexpr std::size_t squares() const { return (outputs.rows + 1) / winograd::outputs * columns(); }

    /// One cell more than a row: at powers of two all planes would compete for the same places of the caches.
    constexpr std::size_t plane() const { return squares_at_once * channels + 1; }
    constexpr std::size_t planes() const { return positions * plane(); }
};

/// Transforms `count` squares of Size x Size pixels, from square `first` on; pixels of the padding are zero.
template <tiling Tiling, std::size_t Size, class Row, class V>
void transform_squares(const V* image, std::size_t first, std::size_t count, V* planes) {
    static const V zeros[Tiling.channels]{};
    for (std::size_t square = first; square < first + count; ++square) {
        const std::size_t top = square / Tiling.columns() * outputs - Tiling.before.rows;
        const std::size_t left = square % Tiling.columns() * outputs - Tiling.before.columns;
        const V* pixels[Size][Size];
        for (std::size_t i = 0; i < Size; ++i) {
            for (std::size_t j = 0; j < Size; ++j) {
                const std::size_t row = top + i, column = left + j;
                const bool inside = row < Tiling.image.rows && column < Tiling.image.columns;
                pixels[i][j] = inside ? image + (row * Tiling.image.columns + column) * Tiling.channels : zeros;
            }
        }
        for (std::size_t c = 0; c < Tiling.channels; ++c, ++planes) {
            V from[Size][Size], to[window][window];
#pragma GCC unroll 16
            for (std::size_t i = 0; i < Size * Size; ++i) from[i / Size][i % Size] = pixels[i / Size][i % Size][c];
            transform<Row>(from, to);
#pragma GCC unroll 16
            for (std::size_t i = 0; i < positions; ++i) planes[i * Tiling.plane()] = to[i / window][i % window];
        }
    }
}

/// Makes `count` squares of 2x2 outputs, from square `first` on, of 16 planes of products; each cell is written as
/// `finish(cell, channel)`. What lies beyond the image is dropped.
template <tiling Tiling, class V, class Finish>
void write_outputs(const V* planes, std::size_t first, std::size_t count, V* image, Finish&& finish) {
    for (std::size_t square = first; square < first + count; ++square) {
        const std::size_t row = square / Tiling.columns() * outputs, column = square % Tiling.columns() * outputs;
        const bool two_rows = row + 1 < Tiling.image.rows, two_columns = column + 1 < Tiling.image.columns;
        constexpr std::size_t right = Tiling.channels, below = Tiling.image.columns * Tiling.channels;
        V* cell = image + row * below + column * right;
        for (std::size_t c = 0; c < Tiling.channels; ++c, ++planes, ++cell) {
            V products[window][window], result[outputs][outputs];
#pragma GCC unroll 16
            for (std::size_t i = 0; i < positions; ++i) products[i / window][i % window] = planes[i * Tiling.plane()];
            transform<to_outputs>(products, result);
            cell[0] = finish(result[0][0], c);
            if (two_columns) cell[right] = finish(result[0][1], c);
            if (two_rows) cell[below] = finish(result[1][0], c);
            if (two_rows && two_columns) cell[below + right] = finish(result[1][1], c);
        }
    }
}

}  // namespace strata::inline STRATA_ISA::kernels::winograd
