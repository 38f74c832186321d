#pragma once

#include "strata/core/shape.hpp"

#include <cstddef>

namespace strata {
inline namespace STRATA_ISA {

/// How the cells of one image lie in memory (Keras: `data_format`). Images are stored with their channels last; only
/// between the stages of a single sample, where the lanes run over cells, is the other order used too.
enum class data_format { channels_last, channels_first };

/// Whether both formats are the same: one channel, one pixel, or no image at all.
template <class Shape>
inline constexpr bool one_data_format =
    image_extents<Shape>[2] == 1 || image_extents<Shape>[0] * image_extents<Shape>[1] == 1;

/// y = x with its channels last instead of first.
template <class Shape, class T> void channels_to_last(const T* x, T* y) {
    constexpr std::size_t pixels = image_extents<Shape>[0] * image_extents<Shape>[1];
    constexpr std::size_t channels = image_extents<Shape>[2];
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t i = 0; i < pixels; ++i) y[i * channels + c] = x[c * pixels + i];
    }
}

}  // namespace STRATA_ISA
}  // namespace strata
