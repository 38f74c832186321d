#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/data/augmentation/factor_range.hpp"
#include "strata/data/augmentation/image_transform.hpp"
#include "strata/data/augmentation/lane_random.hpp"
#include "strata/data/augmentation/resampling.hpp"
#include "strata/simd/pack.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string_view>

/// Operations that move pixels. Those that stand next to each other in a list are done together: one interpolation,
/// so that the pixels are not smoothed several times. Points outside of the image are filled as `fill_mode` and
/// `fill_value` say.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Which way RandomFlip flips.
enum class FlipMode { horizontal, vertical, horizontal_and_vertical };

/// Flips left and right, up and down, or both, each with a probability of one half (Keras: `RandomFlip`, which flips
/// both ways at once or not at all).
struct RandomFlip {
    FlipMode mode = FlipMode::horizontal_and_vertical;

    template <class V> void transform(image_transform<V>& images, lane_random<V>& random) const {
        using T = scalar_t<V>;
        const auto sign = [&] { return V(T(1)) - V(T(2)) * random.below(2); };
        affine_map<V> map;
        if (mode != FlipMode::vertical) map.xx = sign();
        if (mode != FlipMode::horizontal) map.yy = sign();
        images.add(map);
    }
};

/// Rotates about the center by an angle of `factor` times a full turn, counterclockwise where it is positive (Keras:
/// `RandomRotation`): `RandomRotation{.factor = 0.04}` by up to 14 degrees either way.
struct RandomRotation {
    factor_range factor;
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;

    void check() const { factor.check("RandomRotation", "factor", -1, 1); }

    template <class V> void transform(image_transform<V>& images, lane_random<V>& random) const {
        const V turns = random.uniform(factor.lower, factor.upper);
        affine_map<V> map;
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const auto angle = scalar_t<V>(2 * std::numbers::pi) * as_lanes(&turns)[n];
            as_lanes(&map.xx)[n] = as_lanes(&map.yy)[n] = std::cos(angle);
            as_lanes(&map.yx)[n] = std::sin(angle);
        }
        map.xy = -map.yx;
        images.add(map, {fill_mode, fill_value});
    }
};

/// Moves by shares of the height and of the width, down and to the right where they are positive (Keras:
/// `RandomTranslation`): `RandomTranslation{.height_factor = 0.1, .width_factor = 0.1}`.
struct RandomTranslation {
    factor_range height_factor;
    factor_range width_factor;
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;

    void check() const {
        height_factor.check("RandomTranslation", "height_factor", -1, 1);
        width_factor.check("RandomTranslation", "width_factor", -1, 1);
    }

    template <class V> void transform(image_transform<V>& images, lane_random<V>& random) const {
        using T = scalar_t<V>;
        affine_map<V> map;
        map.y0 = random.uniform(height_factor.lower, height_factor.upper) * V(-static_cast<T>(images.size().rows));
        map.x0 = random.uniform(width_factor.lower, width_factor.upper) * V(-static_cast<T>(images.size().columns));
        images.add(map, {fill_mode, fill_value});
    }
};

/// Zooms about the center: 1 + `height_factor` times as many rows are seen, more (zoomed out) where it is positive; so
/// many columns as `width_factor` says, or without it as many times as rows (Keras: `RandomZoom`):
/// `RandomZoom{.height_factor = 0.1}`.
struct RandomZoom {
    factor_range height_factor;
    std::optional<factor_range> width_factor{};
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;

    void check() const {
        height_factor.check("RandomZoom", "height_factor", -0.99, 1);
        if (width_factor) width_factor->check("RandomZoom", "width_factor", -0.99, 1);
    }

    template <class V> void transform(image_transform<V>& images, lane_random<V>& random) const {
        affine_map<V> map;
        map.yy = random.uniform(1 + height_factor.lower, 1 + height_factor.upper);
        map.xx = width_factor ? random.uniform(1 + width_factor->lower, 1 + width_factor->upper) : map.yy;
        images.add(map, {fill_mode, fill_value});
    }
};

/// Shears by up to `x_factor` pixels to the side for each row, and `y_factor` for each column, in both directions
/// alike; the first row and the first column stay where they are (Keras: `RandomShear`): `RandomShear{.x_factor =
/// 0.1}`.
struct RandomShear {
    factor_range x_factor = 0;
    factor_range y_factor = 0;
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;

    void check() const {
        x_factor.check("RandomShear", "x_factor", -1, 1);
        y_factor.check("RandomShear", "y_factor", -1, 1);
    }

    template <class V> void transform(image_transform<V>& images, lane_random<V>& random) const {
        using T = scalar_t<V>;
        const V sign = V(T(1)) - V(T(2)) * random.below(2);
        affine_map<V> map;
        map.yx = sign * random.uniform(y_factor.lower, y_factor.upper);
        map.xy = sign * random.uniform(x_factor.lower, x_factor.upper);
        map.y0 = map.yx * V(static_cast<T>(images.size().columns - 1) / 2);
        map.x0 = map.xy * V(static_cast<T>(images.size().rows - 1) / 2);
        images.add(map, {fill_mode, fill_value});
    }
};

/// Pads with `padding` pixels of `fill_value` on each side and crops a part of the former size at random: moves by
/// whole pixels, as is usual for CIFAR (He, Zhang, Ren, Sun, "Deep Residual Learning", 2016; Keras: `ZeroPadding2D`,
/// then `RandomCrop`).
struct RandomCrop {
    std::size_t padding = 4;
    double fill_value = 0;

    void check() const {
        if (padding > 32767) raise<value_error>({"RandomCrop: padding is ", padding, ", but must be at most 32767"});
    }

    template <class V> void transform(image_transform<V>& images, lane_random<V>& random) const {
        const V most(static_cast<scalar_t<V>>(padding));
        const auto places = static_cast<std::uint32_t>(2 * padding + 1);
        affine_map<V> map;
        map.y0 = random.below(places) - most;
        map.x0 = random.below(places) - most;
        images.add(map, {FillMode::constant, fill_value});
    }
};

/// Moves each pixel by a random field that is smooth, as a hand would (Simard, Steinkraus, Platt, "Best Practices for
/// Convolutional Neural Networks Applied to Visual Document Analysis", 2003, whose values for 29 x 29 digits are the
/// defaults; Keras: `RandomElasticTransform`, which derives other ones from a `scale`). `alpha` is how far:
/// displacements have a deviation of 0.163 alpha / sigma pixels along each axis, 1.4 by default. `sigma` is how smooth
/// they are, the deviation of the Gaussian, in pixels.
struct RandomElasticTransform {
    double alpha = 34;
    double sigma = 4;
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;

    void check() const {
        const auto within = [](std::string_view name, double value, double least) {
            if (!(value >= least && value <= 1e6)) {
                raise<value_error>({"RandomElasticTransform: ", name, " is ", exact_text(value), ", but must lie in [",
                                    exact_text(least), ", 1e6]"});
            }
        };
        within("alpha", alpha, 0);
        within("sigma", sigma, 0.1);
    }

    template <class V> void transform(image_transform<V>& images, lane_random<V>& random) const {
        images.add_field(alpha, sigma, random, {fill_mode, fill_value});
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::FlipMode;
using authoring::RandomCrop;
using authoring::RandomElasticTransform;
using authoring::RandomFlip;
using authoring::RandomRotation;
using authoring::RandomShear;
using authoring::RandomTranslation;
using authoring::RandomZoom;
}  // namespace strata
