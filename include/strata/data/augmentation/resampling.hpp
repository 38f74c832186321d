#pragma once

#include "strata/config.hpp"
#include "strata/data/augmentation/image_pack.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <cstdint>

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

    /// First `next`, then this one: images that are changed by this map, and then by the next one.
    affine_map after(const affine_map& next) const {
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
    const auto [rows, columns, channels] = images.size;
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

/// Coordinates of one axis from the center, of `extent` pixels, become those in a copy with a border.
template <class V> void fold_coordinates(V* coordinates, std::size_t count, std::size_t extent, FillMode mode) {
    using T = scalar_t<V>;
    const T n = static_cast<T>(extent);
    const V center((n + 1) / 2), half(n / 2), period(mode == FillMode::reflect ? 2 * n : n),
        per_period(T(1) / as_lanes(&period)[0]);
    if (mode == FillMode::reflect) {
        for (std::size_t i = 0; i < count; ++i) {
            const V fromEdge = coordinates[i] + half;
            coordinates[i] = math::abs(fromEdge - period * nearest_integer<V>(fromEdge * per_period)) + V(T(0.5));
        }
    } else if (mode == FillMode::wrap) {
        for (std::size_t i = 0; i < count; ++i)
            coordinates[i] = coordinates[i] - period * nearest_integer<V>(coordinates[i] * per_period) + center;
    } else {
        for (std::size_t i = 0; i < count; ++i) coordinates[i] = coordinates[i] + center;
    }
}

/// How far a pixel lies between two neighbours, and which is the first of them.
template <class V> struct place_between {
    V first, distance;

    /// Of a coordinate in a copy with a border, in which 0 and extent + 1 are the border's.
    [[gnu::always_inline]] place_between(const V& coordinate, const V& extent) {
        using T = scalar_t<V>;
        const V inside = math::min(extent + V(T(1)), math::max(V(T(0)), coordinate));
        first =
            math::min(extent, nearest_integer<V>(inside - V(T(0.5))));  // of two neighbours of a pixel either is right
        distance = inside - first;
    }
};

/// Lane n of the cell with the number at[n].
template <class V> [[gnu::always_inline]] inline V gather(const V* cells, const std::int32_t (&at)[lanes<V>]) {
    constexpr std::size_t L = lanes<V>;
    V values;
    for (std::size_t n = 0; n < L; ++n) as_lanes(&values)[n] = as_lanes(cells)[static_cast<std::size_t>(at[n]) * L + n];
    return values;
}

/// A value between two neighbours; exactly one of them at the distance 0 or 1.
template <class V> [[gnu::always_inline]] inline V between(const V& a, const V& b, const V& distance) {
    return multiply_add(distance, b, (V(scalar_t<V>(1)) - distance) * a);
}

/// How many cells of scratch `resample` needs.
inline std::size_t resampling_cells(const image_size& size) {
    return (size.rows + 2) * (size.columns + 2) * size.channels + 2 * size.columns;
}

/// Takes each pixel of the images from where the map, and the displacements (dx, dy) of a field if there is one, say:
/// by bilinear interpolation.
template <class V>
void resample(const image_pack<V>& images, const affine_map<V>& map, const V* field, const image_filling& filling,
              V* scratch) {
    using T = scalar_t<V>;
    const auto [rows, columns, channels] = images.size;
    const std::size_t stride = (columns + 2) * channels;
    V *const source = scratch + 2 * columns, *const xs = scratch, *const ys = scratch + columns;
    copy_with_border(images, filling, source);
    const V width(static_cast<T>(columns)), height(static_cast<T>(rows)), step(static_cast<T>(columns + 2));
    const T left = (T(1) - static_cast<T>(columns)) / 2, top = (T(1) - static_cast<T>(rows)) / 2;
    V* to = images.cells;
    for (std::size_t r = 0; r < rows; ++r) {
        const V y(top + static_cast<T>(r));
        const V x_of_row = multiply_add(map.xy, y, map.x0), y_of_row = multiply_add(map.yy, y, map.y0);
        for (std::size_t c = 0; c < columns; ++c) {
            const V x(left + static_cast<T>(c));
            xs[c] = multiply_add(map.xx, x, x_of_row);
            ys[c] = multiply_add(map.yx, x, y_of_row);
        }
        if (field != nullptr) {
            for (std::size_t c = 0; c < columns; ++c, field += 2) {
                xs[c] = xs[c] + field[0];
                ys[c] = ys[c] + field[1];
            }
        }
        fold_coordinates(xs, columns, columns, filling.mode);
        fold_coordinates(ys, columns, rows, filling.mode);
        for (std::size_t c = 0; c < columns; ++c) {
            const place_between<V> column(xs[c], width), row(ys[c], height);
            const V number = multiply_add(row.first, step, column.first);
            std::int32_t at[lanes<V>];
            for (std::size_t n = 0; n < lanes<V>; ++n)
                at[n] = static_cast<std::int32_t>(as_lanes(&number)[n]) * static_cast<std::int32_t>(channels);
            for (std::size_t k = 0; k < channels; ++k) {
                const V* const from = source + k;
                const V a = gather(from, at), b = gather(from + channels, at);
                const V p = gather(from + stride, at), q = gather(from + stride + channels, at);
                const V upper = between(a, b, column.distance), lower = between(p, q, column.distance);
                *to++ = between(upper, lower, row.distance);
            }
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
