#pragma once

#include "strata/data/augmentation/image_pack.hpp"
#include "strata/data/augmentation/lane_random.hpp"
#include "strata/data/augmentation/resampling.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Smooth random displacements of pixels: white noise behind a Gaussian filter (Simard, Steinkraus, Platt, "Best
/// Practices for Convolutional Neural Networks Applied to Visual Document Analysis", 2003). Theirs is uniform in [-1,
/// 1] for each pixel, filtered with a Gaussian of deviation sigma, and multiplied by alpha.
///
/// A sum of some hundred such numbers is normal, so normal ones of the same variance are drawn here, on a lattice with
/// 1.25 sigma between its points that goes beyond the image's edges; a pixel adds the five points next to it along each
/// axis, with the weights of the Gaussian. The field's covariance is that of the filter to a percent along each axis.
class elastic_field {
    static constexpr std::size_t taps = 5;

public:
    elastic_field(double alpha, double sigma, const image_size& size)
        : size_(size),
          spacing_(std::max(1.0, 1.25 * sigma)),
          sigma_(sigma),
          deviation_(alpha / (std::numbers::sqrt3 * spacing_)) {}

    /// How many cells of scratch `draw` needs.
    std::size_t cells() const { return 2 * points(size_.rows) * (points(size_.columns) + size_.columns); }

    /// Draws the displacements (dx, dy) of each pixel, changed by the linear part of a map.
    template <class V> void draw(lane_random<V>& random, const affine_map<V>& map, V* field, V* scratch) const {
        const std::size_t across = 2 * points(size_.columns), down = points(size_.rows), width = 2 * size_.columns;
        V *const noise = scratch, *const rows = noise + down * across;
        const V deviation(static_cast<scalar_t<V>>(deviation_));
        for (std::size_t i = 0; i < down * across; ++i) noise[i] = random.normal() * deviation;
        V weights[taps];
        for (std::size_t x = 0; x < size_.columns; ++x) {
            const V* const from = noise + 2 * first_point(x, weights);
            for (std::size_t r = 0; r < down; ++r) {
                rows[r * width + 2 * x] = weighted_sum(from + r * across, 2, weights);
                rows[r * width + 2 * x + 1] = weighted_sum(from + r * across + 1, 2, weights);
            }
        }
        for (std::size_t y = 0; y < size_.rows; ++y) {
            const V* const from = rows + width * first_point(y, weights);
            for (std::size_t i = 0; i < width; i += 2, field += 2) {
                const V dx = weighted_sum(from + i, width, weights), dy = weighted_sum(from + i + 1, width, weights);
                field[0] = multiply_add(map.xx, dx, map.xy * dy);
                field[1] = multiply_add(map.yx, dx, map.yy * dy);
            }
        }
    }

private:
    /// The first of the points that count for a pixel. Point k lies at (k - 2) spacings.
    std::size_t nearest_point(std::size_t pixel) const {
        return static_cast<std::size_t>(static_cast<double>(pixel) / spacing_ + 0.5);
    }

    /// How many points there are along an axis of so many pixels.
    std::size_t points(std::size_t extent) const { return nearest_point(extent - 1) + taps; }

    /// The same with the weights of the points that count: exp(-(k h - d)^2 / 2 sigma^2) for k = -2, ..., 2, with h the
    /// spacing and d the pixel's distance from the point in the middle, divided by their sum. What all have in common
    /// is left out.
    template <class V> std::size_t first_point(std::size_t pixel, V (&weights)[taps]) const {
        const std::size_t first = nearest_point(pixel);
        const double distance = static_cast<double>(pixel) - static_cast<double>(first) * spacing_;
        const double next = std::exp(-spacing_ * spacing_ / (2 * sigma_ * sigma_)), second = next * next * next * next;
        const double ratio = std::exp(spacing_ * distance / (sigma_ * sigma_)), inverse = 1 / ratio;
        const double values[taps]{second * inverse * inverse, next * inverse, 1, next * ratio, second * ratio * ratio};
        const double sum = values[0] + values[1] + values[2] + values[3] + values[4];
        for (std::size_t k = 0; k < taps; ++k) weights[k] = V(static_cast<scalar_t<V>>(values[k] / sum));
        return first;
    }

    template <class V>
    [[gnu::always_inline]] static V weighted_sum(const V* values, std::size_t stride, const V (&weights)[taps]) {
        V sum = values[0] * weights[0];
        for (std::size_t k = 1; k < taps; ++k) sum = multiply_add(values[k * stride], weights[k], sum);
        return sum;
    }

    image_size size_;
    double spacing_, sigma_, deviation_;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
