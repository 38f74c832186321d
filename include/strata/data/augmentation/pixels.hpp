#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/finite.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/core/text.hpp"
#include "strata/data/augmentation/factor_range.hpp"
#include "strata/data/augmentation/image_pack.hpp"
#include "strata/data/augmentation/lane_random.hpp"
#include "strata/data/augmentation/random_rectangle.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <array>
#include <cstddef>
#include <string_view>

/// Operations that change the values of pixels. Values are those of the array; bytes are scaled to [0, 1] before.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// What RandomBrightness and RandomContrast share: throws value_error unless the factor lies in [-1, 1], and the range
/// is of finite numbers in order.
STRATA_OUT_OF_LINE inline void check_factor_and_range(std::string_view owner, const factor_range& factor,
                                                      const std::array<double, 2>& range) {
    factor.check(owner, "factor", -1, 1);
    if (!(is_finite(range[0]) && is_finite(range[1]) && range[0] < range[1])) {
        raise<value_error>({owner, ": value_range is {", exact_text(range[0]), ", ", exact_text(range[1]),
                            "}, but must be two finite numbers, the smaller one first"});
    }
}

template <class V> struct value_bounds {
    V lower, upper;
    explicit value_bounds(const std::array<double, 2>& range)
        : lower(static_cast<scalar_t<V>>(range[0])), upper(static_cast<scalar_t<V>>(range[1])) {}
    V operator()(const V& value) const { return math::min(upper, math::max(lower, value)); }
};

}  // namespace detail

/// Adds one number to all values of an image: `factor` times the length of `value_range`, to which the results are
/// clipped (Keras: `RandomBrightness`): `RandomBrightness{.factor = 0.2}`.
struct RandomBrightness {
    factor_range factor;
    std::array<double, 2> value_range{0, 1};

    void check() const { detail::check_factor_and_range("RandomBrightness", factor, value_range); }

    template <class V> void apply(const image_pack<V>& images, lane_random<V>& random) const {
        const double length = value_range[1] - value_range[0];
        const V added = random.uniform(factor.lower * length, factor.upper * length);
        const detail::value_bounds<V> clipped(value_range);
        for (std::size_t i = 0; i < images.size.cells(); ++i) images.cells[i] = clipped(images.cells[i] + added);
    }
};

/// Multiplies the distance of each value from the mean of its channel in this image by 1 + `factor`; the results are
/// clipped to `value_range` (Keras: `RandomContrast`, in which a pair (l, u) stands for what is {-l, u} here):
/// `RandomContrast{.factor = 0.2}`.
struct RandomContrast {
    factor_range factor;
    std::array<double, 2> value_range{0, 1};

    void check() const { detail::check_factor_and_range("RandomContrast", factor, value_range); }

    template <class V> void apply(const image_pack<V>& images, lane_random<V>& random) const {
        using T = scalar_t<V>;
        const V times = random.uniform(1 + factor.lower, 1 + factor.upper);
        const detail::value_bounds<V> clipped(value_range);
        const std::size_t step = images.size.channels, end = images.size.cells();
        for (std::size_t channel = 0; channel < step; ++channel) {
            V sum[1] = {V(T(0))};
            kernels::add_terms(images.size.pixels(), sum, [&](std::size_t pixel, V(&to)[1]) {
                to[0] = to[0] + images.cells[pixel * step + channel];
            });
            const V mean = sum[0] * V(T(1) / static_cast<T>(images.size.pixels()));
            for (std::size_t i = channel; i < end; i += step)
                images.cells[i] = clipped(multiply_add(images.cells[i] - mean, times, mean));
        }
    }
};

/// Adds a number of its own to each value, normal with mean 0 and deviation `stddev`; nothing is clipped (Keras: the
/// layer `GaussianNoise`, of which strata has one, too): `RandomGaussianNoise{.stddev = 0.1}`. The distribution is that
/// of lane_random::normal.
struct RandomGaussianNoise {
    double stddev;

    void check() const { setting_checks("RandomGaussianNoise").not_negative("stddev", stddev); }

    template <class V> void apply(const image_pack<V>& images, lane_random<V>& random) const {
        const V deviation(static_cast<scalar_t<V>>(stddev));
        for (std::size_t i = 0; i < images.size.cells(); ++i)
            images.cells[i] = multiply_add(random.normal(), deviation, images.cells[i]);
    }
};

/// Fills a rectangle at a random place with `fill_value`, with the probability `factor` (Keras: `RandomErasing`; Zhong
/// and others, "Random Erasing Data Augmentation", 2017; DeVries and Taylor, "Improved Regularization of Convolutional
/// Neural Networks with Cutout", 2017). Each side is the root of a number that is drawn from `scale`, times that of the
/// image: {0.25, 0.25} fills half of the width and half of the height, as cutout does, but never beyond an edge.
/// (Without a `fill_value`, Keras fills with noise.)
struct RandomErasing {
    double factor = 1;
    std::array<double, 2> scale{0.02, 0.33};
    double fill_value = 0;

    void check() const {
        setting_checks("RandomErasing").at_most_one("factor", factor);
        if (!(scale[0] >= 0 && scale[0] <= scale[1] && scale[1] <= 1)) {
            raise<value_error>({"RandomErasing: scale is {", exact_text(scale[0]), ", ", exact_text(scale[1]),
                                "}, but must be two numbers in [0, 1], the smaller one first"});
        }
    }

    template <class V> void apply(const image_pack<V>& images, lane_random<V>& random) const {
        const V erases = random.uniform(0, 1);
        const auto side_of = [&](std::size_t extent) {
            const V share = random.uniform(0, 1);
            return detail::random_side<V>(extent, random, [&](std::size_t n) {
                return scale[0] + static_cast<double>(as_lanes(&share)[n]) * (scale[1] - scale[0]);
            });
        };
        const auto rows = side_of(images.size.rows), columns = side_of(images.size.columns);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            if (!(static_cast<double>(as_lanes(&erases)[n]) < factor)) continue;
            detail::for_each_cell(images.size, rows, columns, n, [&](std::size_t i) {
                as_lanes(images.cells + i)[n] = static_cast<scalar_t<V>>(fill_value);
            });
        }
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::RandomBrightness;
using authoring::RandomContrast;
using authoring::RandomErasing;
using authoring::RandomGaussianNoise;
}  // namespace strata
