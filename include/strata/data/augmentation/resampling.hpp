#pragma once

#include "strata/config.hpp"
#include "strata/data/augmentation/image_pack.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"
#include "strata/simd/words.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

STRATA_EXACT_ROUNDING_BEGIN
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What lies around an image, as in Keras and scipy.ndimage. The pixels abcd are continued by
enum class FillMode {
    constant,  ///< kkkk|abcd|kkkk, k the fill value
    nearest,   ///< aaaa|abcd|dddd
    reflect,   ///< dcba|abcd|dcba
    wrap       ///< abcd|abcd|abcd
};

/// A mode with its value.
struct image_filling {
    FillMode mode = FillMode::reflect;
    double value = 0;
    friend bool operator==(const image_filling&, const image_filling&) = default;
};

/// Where in an image the pixels of another one come from: x' = xx x + xy y + x0, y' = yx x + yy y + y0, in pixels from
/// the center, x to the right and y down; another map in each lane.
template <class V> struct affine_map {
    using T = scalar_t<V>;

    V xx = V(T(1)), xy = V(T(0)), x0 = V(T(0));
    V yx = V(T(0)), yy = V(T(1)), y0 = V(T(0));

    /// Of images that are changed by this map, and then by the next one.
    affine_map followed_by(const affine_map& next) const {
        const auto of = [](const V& a, const V& x, const V& b, const V& y) { return multiply_add(a, x, b * y); };
        return {of(xx, next.xx, xy, next.yx), of(xx, next.xy, xy, next.yy), of(xx, next.x0, xy, next.y0) + x0,
                of(yx, next.xx, yy, next.yx), of(yx, next.xy, yy, next.yy), of(yx, next.x0, yy, next.y0) + y0};
    }
};

namespace detail {

/// The nearest integer, of numbers below 2^22: added to one so large, they lose their fraction.
template <class V> [[gnu::always_inline]] inline V nearest_integer(const V& x) {
    const V rounder(sizeof(scalar_t<V>) == sizeof(float) ? scalar_t<V>(0x1.8p23) : scalar_t<V>(0x1.8p52));
    return (x + rounder) - rounder;
}

/// A copy of images with a border of one pixel.
template <class V> void copy_with_border(const image_pack<V>& images, const image_filling& filling, V* to) {
    const std::size_t rows = images.size.rows, columns = images.size.columns, channels = images.size.channels;
    const auto inside = [&](std::size_t place, std::size_t count) {  // of a place in the copy
        if (place == 0) return filling.mode == FillMode::wrap ? count - 1 : 0;
        if (place == count + 1) return filling.mode == FillMode::wrap ? 0 : count - 1;
        return place - 1;
    };
    const V value(static_cast<scalar_t<V>>(filling.value));
    for (std::size_t r = 0; r < rows + 2; ++r) {
        const bool outside = filling.mode == FillMode::constant && (r == 0 || r == rows + 1);
        const V* const row = &images.at(inside(r, rows), 0, 0);
        const auto border = [&](std::size_t place) {
            const V* const from = row + inside(place, columns) * channels;
            for (std::size_t c = 0; c < channels; ++c) *to++ = filling.mode == FillMode::constant ? value : from[c];
        };
        border(0);
        for (std::size_t i = 0; i < columns * channels; ++i) *to++ = outside ? value : row[i];
        border(columns + 1);
    }
}

/// Calls f(i, fold(i)) for each coordinate of an axis of `extent` pixels: fold gives those in a copy with a border, in
/// which 0 and extent + 1 are the border's, of coordinates from the center.
template <class V, class F>
[[gnu::always_inline]] inline void for_each_folded(const V* coordinates, std::size_t count, std::size_t extent,
                                                   FillMode mode, const F& f) {
    using T = scalar_t<V>;
    const T n = static_cast<T>(extent);
    const V center((n + 1) / 2), edge(n / 2), half(T(0.5));
    if (mode == FillMode::reflect) {
        const V period(2 * n), frequency(1 / (2 * n));
        for (std::size_t i = 0; i < count; ++i) {
            const V x = coordinates[i] + edge;
            f(i, math::abs(x - period * nearest_integer<V>(x * frequency)) + half);
        }
    } else if (mode == FillMode::wrap) {
        const V period(n), frequency(1 / n);
        for (std::size_t i = 0; i < count; ++i) {
            const V x = coordinates[i];
            f(i, x - period * nearest_integer<V>(x * frequency) + center);
        }
    } else {
        for (std::size_t i = 0; i < count; ++i) f(i, coordinates[i] + center);
    }
}

/// Finds the two pixels between which coordinates from the center lie: the number of the first one in a copy with a
/// border. A coordinate becomes the distance from it.
template <class V> void find_pixels(V* coordinates, std::size_t count, std::size_t extent, FillMode mode, V* firsts) {
    using T = scalar_t<V>;
    const V last(static_cast<T>(extent)), end(static_cast<T>(extent + 1));
    for_each_folded(coordinates, count, extent, mode, [&](std::size_t i, const V& coordinate) {
        const V inside = math::min(end, math::max(coordinate, V(T(0))));  // 0 for what is not a number
        // A pixel's own place may be either at 0 from itself or at 1 from the one before.
        firsts[i] = math::min(last, nearest_integer<V>(inside - V(T(0.5))));
        coordinates[i] = inside - firsts[i];
    });
}

/// A value between two neighbours; exactly one of them at the distance 0 or 1.
template <class V> [[gnu::always_inline]] inline V between(const V& a, const V& b, const V& distance) {
    return multiply_add(distance, b, (V(scalar_t<V>(1)) - distance) * a);
}

/// How many cells of scratch `resample` needs.
inline std::size_t resampling_cells(const image_size& size) {
    return (size.rows + 2) * (size.columns + 2) * size.channels;
}

/// Takes each pixel of the images from where the map, and the displacements (dx, dy) of a field if there is one, say:
/// by bilinear interpolation.
template <class V>
void resample(const image_pack<V>& images, const affine_map<V>& map, const V* field, const image_filling& filling,
              V* source) {
    using T = scalar_t<V>;
    constexpr std::size_t strip = 32;  // so many pixels of a row at once
    V xs[strip], ys[strip], first_x[strip], first_y[strip];
    std::uint32_t at[strip][lanes<V>];
    const auto [rows, columns, channels] = images.size;
    copy_with_border(images, filling, source);
    const std::size_t below = (columns + 2) * channels;
    const V stride(static_cast<T>(columns + 2));
    const T left = (T(1) - static_cast<T>(columns)) / 2, top = (T(1) - static_cast<T>(rows)) / 2;
    V* to = images.cells;
    for (std::size_t r = 0; r < rows; ++r) {
        const V y(top + static_cast<T>(r));
        const V x_of_row = multiply_add(map.xy, y, map.x0), y_of_row = multiply_add(map.yy, y, map.y0);
        for (std::size_t begin = 0; begin < columns; begin += strip) {
            const std::size_t count = std::min(strip, columns - begin);
            V x(left + static_cast<T>(begin));
            for (std::size_t c = 0; c < count; ++c, x = x + V(T(1))) {
                xs[c] = multiply_add(map.xx, x, x_of_row);
                ys[c] = multiply_add(map.yx, x, y_of_row);
            }
            if (field != nullptr) {
                for (std::size_t c = 0; c < count; ++c, field += 2) {
                    xs[c] = xs[c] + field[0];
                    ys[c] = ys[c] + field[1];
                }
            }
            find_pixels(xs, count, columns, filling.mode, first_x);
            find_pixels(ys, count, rows, filling.mode, first_y);
            for (std::size_t c = 0; c < count; ++c) {
                const words<V> pixels = to_words<V>(multiply_add(first_y[c], stride, first_x[c]));
                const words<V> values = pixels * static_cast<std::uint32_t>(channels * lanes<V>);
                std::memcpy(at[c], &values, sizeof(at[c]));
            }
            for (std::size_t k = 0; k < channels; ++k) {
                const V *const here = source + k, *const right = here + channels;
                const V *const under = here + below, *const across = right + below;
                for (std::size_t c = 0; c < count; ++c) {
                    const V upper = between(gather(here, at[c]), gather(right, at[c]), xs[c]);
                    const V lower = between(gather(under, at[c]), gather(across, at[c]), xs[c]);
                    to[c * channels + k] = between(upper, lower, ys[c]);
                }
            }
            to += count * channels;
        }
    }
}

}  // namespace detail

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::FillMode;
}  // namespace strata
STRATA_EXACT_ROUNDING_END
