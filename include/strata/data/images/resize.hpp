#pragma once

#include "strata/data/images/decoded_image.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Changes the number of channels, to 1, 3 or 4. Gray is the luma of ITU-R 601, as in JPEG files and Pillow; opacity is
/// left out, or full.
STRATA_OUT_OF_LINE inline void set_channels(decoded_image& image, std::size_t channels) {
    if (image.channels == channels) return;
    const std::size_t count = image.height * image.width, from = image.channels;
    std::vector<std::uint8_t> pixels(count * channels);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* const old = image.pixels.data() + i * from;
        std::uint8_t* const pixel = pixels.data() + i * channels;
        if (channels == 1) {
            // In 16 bits behind the point; the weights add up to 1, so that a gray stays what it is.
            pixel[0] = static_cast<std::uint8_t>((19595U * old[0] + 38470U * old[1] + 7471U * old[2] + 32768U) >> 16U);
            continue;
        }
        for (std::size_t k = 0; k < 3; ++k) pixel[k] = old[from == 1 ? 0 : k];
        if (channels == 4) pixel[3] = 0xff;
    }
    image.pixels = std::move(pixels);
    image.channels = channels;
}

/// From which two of `size` pixels each of `count` new ones is made, and the share of the second.
struct resize_place {
    std::size_t lower, upper;
    float share;
};

[[nodiscard]] inline std::vector<resize_place> resize_places(std::size_t size, std::size_t count) {
    std::vector<resize_place> places(count);
    const float scale = static_cast<float>(size) / static_cast<float>(count);
    for (std::size_t i = 0; i < count; ++i) {
        const float at = (static_cast<float>(i) + 0.5F) * scale - 0.5F;  // between the centres of pixels
        const float below = std::floor(at);
        const auto inside = [&](float place) {
            return static_cast<std::size_t>(std::clamp(place, 0.0F, static_cast<float>(size - 1)));
        };
        places[i] = {inside(below), inside(std::ceil(at)), at - below};
    }
    return places;
}

/// Resizes an image into `into`, bilinearly, with pixels' centres at halves and without antialiasing, as Keras does
/// (tf.image.resize), and rounds to the nearest byte.
STRATA_OUT_OF_LINE inline void resize_bilinear(const decoded_image& image, std::size_t height, std::size_t width,
                                               std::span<std::uint8_t> into) {
    if (image.height == height && image.width == width) {
        std::copy(image.pixels.begin(), image.pixels.end(), into.begin());
        return;
    }
    const auto rows = resize_places(image.height, height), columns = resize_places(image.width, width);
    const std::size_t channels = image.channels;
    std::uint8_t* next = into.data();
    for (const resize_place& row : rows) {
        const std::uint8_t* const top = image.pixels.data() + row.lower * image.width * channels;
        const std::uint8_t* const bottom = image.pixels.data() + row.upper * image.width * channels;
        for (const resize_place& column : columns) {
            for (std::size_t k = 0; k < channels; ++k) {
                const auto between = [&](const std::uint8_t* line) {
                    const float left = line[column.lower * channels + k], right = line[column.upper * channels + k];
                    return left + (right - left) * column.share;
                };
                const float above = between(top), value = above + (between(bottom) - above) * row.share;
                *next++ = static_cast<std::uint8_t>(value + 0.5F);
            }
        }
    }
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
