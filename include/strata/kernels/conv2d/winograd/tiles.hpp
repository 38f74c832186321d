#pragma once

#include "strata/core/shape.hpp"
#include "strata/kernels/conv2d/winograd/transforms.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>

/// Winograd's transformations of whole kernels and images: see winograd_transforms.hpp.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::winograd {

/// Planes are those of kernels of 3x3 taps.
inline constexpr std::size_t kernel = 3, window = matrices<kernel>::window, positions = window * window;

/// What a convolution keeps in its scratch: the transformed inputs and outputs, and weights or their gradient.
template <class V> struct buffers {
    V* inputs;
    V* outputs;
    scalar_t<V>* weights;

    /// With so many cells for inputs and for outputs; weights come last.
    buffers(V* scratch, std::size_t input_cells, std::size_t output_cells)
        : inputs{scratch}, outputs{inputs + input_cells}, weights{as_lanes(outputs + output_cells)} {}
};

/// Calls body(at, V()) for each lanes<V> of 0, ..., Count - 1, and body(at, T()) for what is left.
template <std::size_t Count, class V, class Body> void for_each_vector(Body&& body) {
    constexpr std::size_t whole = Count / lanes<V> * lanes<V>;
    for (std::size_t at = 0; at < whole; at += lanes<V>) body(at, V());
    for (std::size_t at = whole; at < Count; ++at) body(at, scalar_t<V>());
}

/// u[4][4][Plane] = the transformed w[3][3][Plane].
template <std::size_t Plane, class V> void transform_kernels(const scalar_t<V>* w, scalar_t<V>* u) {
    for_each_vector<Plane, V>([&]<class U>(std::size_t at, U) {
        transform<matrices<kernel>::of_kernel, kernel, window>(
            [&](std::size_t i, std::size_t j) { return load<U>(w + (i * kernel + j) * Plane + at); },
            [&](std::size_t i, std::size_t j, const U& cell) { store(cell, u + (i * window + j) * Plane + at); });
    });
}

/// Adds to dw[3][3][Plane] what the gradient with respect to the transformed kernels, du[4][4][Plane], says of it.
template <std::size_t Plane, class V> void add_kernel_gradients(const scalar_t<V>* du, scalar_t<V>* dw) {
    for_each_vector<Plane, V>([&]<class U>(std::size_t at, U) {
        transform<matrices<kernel>::to_kernel, window, kernel>(
            [&](std::size_t i, std::size_t j) { return load<U>(du + (i * window + j) * Plane + at); },
            [&](std::size_t i, std::size_t j, const U& cell) {
                scalar_t<V>* const sum = dw + (i * kernel + j) * Plane + at;
                store(load<U>(sum) + cell, sum);
            });
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
            transform<Row, Size, window>(
                [&](std::size_t i, std::size_t j) { return pixels[i][j][c]; },
                [&](std::size_t i, std::size_t j, const V& cell) { planes[(i * window + j) * Tiling.plane()] = cell; });
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
            V result[outputs][outputs];
            transform<matrices<kernel>::to_outputs, window, outputs>(
                [&](std::size_t i, std::size_t j) { return planes[(i * window + j) * Tiling.plane()]; },
                [&](std::size_t i, std::size_t j, const V& value) { result[i][j] = value; });
            cell[0] = finish(result[0][0], c);
            if (two_columns) cell[right] = finish(result[0][1], c);
            if (two_rows) cell[below] = finish(result[1][0], c);
            if (two_rows && two_columns) cell[below + right] = finish(result[1][1], c);
        }
    }
}

}  // namespace kernels::winograd
}  // namespace STRATA_ISA
}  // namespace strata::authoring
