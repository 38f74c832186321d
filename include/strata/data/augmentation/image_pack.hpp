#pragma once

#include "strata/config.hpp"
#include "strata/simd/memory.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Rows, columns and channels of an image.
struct image_size {
    std::size_t rows, columns, channels;

    std::size_t pixels() const { return rows * columns; }
    std::size_t cells() const { return rows * columns * channels; }
};

/// The images of a pack, one in each lane, which an operation changes in place: channels lie next to each other, then
/// columns, then rows. `scratch` is memory for whoever needs some; it grows once, and holds nothing between two uses.
template <class V> struct image_pack {
    V* cells;
    image_size size;
    aligned_vector<V>& scratch;

    V& at(std::size_t row, std::size_t column, std::size_t channel) const {
        return cells[(row * size.columns + column) * size.channels + channel];
    }

    /// The first `count` cells of the scratch.
    V* scratch_of(std::size_t count) const {
        if (scratch.size() < count) scratch.resize(count);
        return scratch.data();
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
