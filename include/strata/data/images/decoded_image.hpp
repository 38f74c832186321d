#pragma once

#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// An image as a file holds it: height x width x channels bytes, row after row. Channels are gray (1), red, green and
/// blue (3), or these and opacity (4).
struct decoded_image {
    std::size_t height = 0, width = 0, channels = 0;
    std::vector<std::uint8_t> pixels;

    /// Makes room for an image whose header has been read. Throws file_error where that has too many pixels: a small
    /// file can unpack to a thousand times its size.
    STRATA_OUT_OF_LINE void allocate(std::uint64_t rows, std::uint64_t columns, std::size_t bytes_each,
                                     std::uint64_t max_pixels, const std::string& file) {
        const auto count = checked_product(rows, columns);
        if (!count || *count > max_pixels || *count > std::numeric_limits<std::size_t>::max() / 8) {
            raise<file_error>({file, ": the image has ", rows, "x", columns, " pixels, at most ", max_pixels,
                               " are allowed (make it smaller, or raise max_pixels)"});
        }
        height = rows;
        width = columns;
        channels = bytes_each;
        pixels.resize(height * width * channels);
    }
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
