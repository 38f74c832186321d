#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/data/idx_split.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Images (N, height, width, channels), bytes from 0 to 255; labels (N), class numbers from 0.
struct labelled_images {
    tensor<std::uint8_t, 4> images;
    tensor<std::uint8_t, 1> labels;

    /// A copy of the samples first, ..., last - 1. Throws value_error where there are not as many.
    labelled_images rows(std::size_t first, std::size_t last) const {
        if (first > last || last > labels.size()) {
            raise<value_error>({"rows: samples ", first, " to ", last, " were asked for, there are ", labels.size()});
        }
        labelled_images part = of_size(last - first, {images.shape()[1], images.shape()[2], images.shape()[3]});
        const std::size_t size = images.shape()[1] * images.shape()[2] * images.shape()[3];
        std::copy_n(images.data() + first * size, (last - first) * size, part.images.data());
        std::copy_n(labels.data() + first, last - first, part.labels.data());
        return part;
    }

    /// That many images of this height, width and number of channels, to be filled in.
    static labelled_images of_size(std::size_t count, std::array<std::size_t, 3> extents) {
        return {tensor<std::uint8_t, 4>(std::array<std::size_t, 4>{count, extents[0], extents[1], extents[2]}),
                tensor<std::uint8_t, 1>(std::array<std::size_t, 1>{count})};
    }
};

/// Images to train with and to test with.
struct image_data_set {
    labelled_images train;
    labelled_images test;
};

namespace detail {

/// The bytes of idx files as arrays.
[[nodiscard]] STRATA_OUT_OF_LINE inline labelled_images arrays_of(const idx_split& bytes) {
    labelled_images result = labelled_images::of_size(bytes.count, {28, 28, 1});
    std::copy(bytes.images.begin(), bytes.images.end(), result.images.data());
    std::copy(bytes.labels.begin(), bytes.labels.end(), result.labels.data());
    return result;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
