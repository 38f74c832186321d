#pragma once

#include "strata/core/shape.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// How the cells of one image lie in memory (Keras: `data_format`). Images are stored with their channels last; only
/// between the stages of a single sample, where the lanes run over cells, is the other order used too.
enum class data_format { channels_last, channels_first };

/// The channels of an image, or of steps x channels; one of any other shape.
template <class Shape>
inline constexpr std::size_t channels_in = Shape::rank == 2 || Shape::rank == 3 ? Shape::extents[Shape::rank - 1] : 1;

/// Whether both formats are the same: one channel, one pixel, or no image at all.
template <class Shape>
inline constexpr bool one_data_format = channels_in<Shape> == 1 || channels_in<Shape> == Shape::size;

/// y = x with its channels last instead of first.
template <class Shape, class T> void channels_to_last(const T* x, T* y) {
    constexpr std::size_t channels = channels_in<Shape>, pixels = Shape::size / channels;
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t i = 0; i < pixels; ++i) y[i * channels + c] = x[c * pixels + i];
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
