#pragma once

#include "strata/core/data_format.hpp"
#include "strata/kernels/conv2d/geometry.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// How far apart the cells of an image lie that are neighbours in one axis.
struct image_steps {
    std::size_t row;
    std::size_t column;
    std::size_t channel;

    constexpr std::size_t cell(std::size_t r, std::size_t c, std::size_t ch) const {
        return r * row + c * column + ch * channel;
    }
};

constexpr image_steps steps_of(data_format format, extent2d extents, std::size_t channels) {
    if (format == data_format::channels_last) return {extents.columns * channels, channels, 1};
    return {extents.columns, 1, extents.rows * extents.columns};
}

/// The extents of a convolution's input together with the padding that its kernel reads.
constexpr extent2d padded_extents(const conv2d_geometry& g) {
    const auto padded = [](std::size_t outputs, std::size_t stride, std::size_t taps, std::size_t dilation,
                           std::size_t before, std::size_t inputs) {
        return std::max(before + inputs, (outputs - 1) * stride + (taps - 1) * dilation + 1);
    };
    return {
        padded(g.output.rows, g.strides.rows, g.kernel.rows, g.dilation.rows, g.before.rows, g.input.rows),
        padded(g.output.columns, g.strides.columns, g.kernel.columns, g.dilation.columns, g.before.columns,
               g.input.columns),
    };
}

/// Copies the input of a convolution, gives it another format and puts zeros where its padding is.
template <conv2d_geometry G, data_format From, data_format To, class T> void copy_padded(const T* x, T* to) {
    constexpr extent2d padded = padded_extents(G);
    [[maybe_unused]] constexpr image_steps from_steps = steps_of(From, G.input, G.channels);
    constexpr image_steps to_steps = steps_of(To, padded, G.channels);
    if constexpr (padded != G.input) std::fill_n(to, padded.rows * padded.columns * G.channels, T(0));
    to += to_steps.cell(G.before.rows, G.before.columns, 0);
    if constexpr (From == To || G.channels == 1) {
        constexpr std::size_t planes = To == data_format::channels_first ? G.channels : 1;
        constexpr std::size_t width = G.input.columns * G.channels / planes;
        for (std::size_t plane = 0; plane < planes; ++plane) {
            for (std::size_t row = 0; row < G.input.rows; ++row, x += width)
                std::copy_n(x, width, to + to_steps.cell(row, 0, plane));
        }
    } else {
        for (std::size_t row = 0; row < G.input.rows; ++row) {
            for (std::size_t column = 0; column < G.input.columns; ++column) {
                for (std::size_t c = 0; c < G.channels; ++c)
                    to[to_steps.cell(row, column, c)] = x[from_steps.cell(row, column, c)];
            }
        }
    }
}

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
