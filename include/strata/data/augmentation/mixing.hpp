#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/core/text.hpp"
#include "strata/data/augmentation/image_pack.hpp"
#include "strata/data/augmentation/lane_random.hpp"
#include "strata/data/augmentation/random_rectangle.hpp"
#include "strata/data/augmentation/resampling.hpp"
#include "strata/simd/pack.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

/// Operations that mix samples of a batch, and their targets. One of them may stand at the end of a list: each sample
/// is mixed with another one, which is drawn from its batch, itself included, and has been changed by the operations
/// before.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// A number of the distribution Beta(alpha, alpha), made of two that are uniform in [0, 1): a Student's t of 2 alpha
/// degrees of freedom, divided by its length (Devroye, "Random variate generation in one line of code", 1996).
inline double symmetric_beta(double alpha, double u, double v) {
    const double cosine = std::cos(2 * std::numbers::pi * v), power = std::pow(1 - u, 1 / alpha);
    return 0.5 + 0.5 * cosine / std::sqrt(power / (1 - power) + cosine * cosine);
}

/// One in each lane, of alpha(n).
template <class V, class Alpha> V symmetric_beta(lane_random<V>& random, const Alpha& alpha) {
    const V u = random.uniform(0, 1), v = random.uniform(0, 1);
    V drawn;
    for (std::size_t n = 0; n < lanes<V>; ++n)
        as_lanes(&drawn)[n] = static_cast<scalar_t<V>>(
            symmetric_beta(alpha(n), static_cast<double>(as_lanes(&u)[n]), static_cast<double>(as_lanes(&v)[n])));
    return drawn;
}

}  // namespace detail

/// Replaces a sample x with targets y by l x + (1 - l) x' and l y + (1 - l) y', with (x', y') another sample of the
/// batch, and l drawn from Beta(alpha, alpha) (Keras: `MixUp`; Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: Beyond
/// Empirical Risk Minimization", 2018): `MixUp{.alpha = 0.2}`. A small alpha mixes little. Samples of any shape.
struct MixUp {
    double alpha = 0.2;

    static constexpr bool takes_any_shape = true;

    void check() const { setting_checks("MixUp").positive("alpha", alpha); }

    template <class V> V mix(const image_pack<V>& images, const V* others, lane_random<V>& random) const {
        const V own = detail::symmetric_beta(random, [&](std::size_t) { return alpha; });
        for (std::size_t i = 0; i < images.size.cells(); ++i)
            images.cells[i] = detail::between(others[i], images.cells[i], own);
        return own;
    }
};

/// Replaces a rectangle of an image by that of another image of the batch, at the same place; the targets are mixed by
/// the number of pixels (Keras: `CutMix`; Yun, Han, Oh, Chun, Choe, Yoo, "CutMix: Regularization Strategy to Train
/// Strong Classifiers with Localizable Features", 2019): `CutMix{}`. The rectangle has the share 1 - l of the image,
/// and its proportions, with l drawn from Beta(alpha, alpha), and alpha from `factor`; {1, 1} is the paper's. (Keras
/// draws one alpha for a batch, here each image does, and counts the area before it is rounded to pixels.)
struct CutMix {
    std::array<double, 2> factor{0, 1};

    void check() const {
        if (!(factor[0] >= 0 && factor[0] <= factor[1] && factor[1] <= 1)) {
            raise<value_error>({"CutMix: factor is {", exact_text(factor[0]), ", ", exact_text(factor[1]),
                                "}, but must be two numbers in [0, 1], the smaller one first"});
        }
    }

    template <class V> V mix(const image_pack<V>& images, const V* others, lane_random<V>& random) const {
        using T = scalar_t<V>;
        const V alpha = random.uniform(factor[0], factor[1]);
        const V kept = detail::symmetric_beta(
            random, [&](std::size_t n) { return static_cast<double>(as_lanes(&alpha)[n]) + 1e-6; });  // not 0
        const auto cut = [&](std::size_t n) { return 1 - static_cast<double>(as_lanes(&kept)[n]); };
        const detail::random_side<V> rows(images.size.rows, random, cut), columns(images.size.columns, random, cut);
        V own;
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            detail::for_each_cell(images.size, rows, columns, n,
                                  [&](std::size_t i) { as_lanes(images.cells + i)[n] = as_lanes(others + i)[n]; });
            as_lanes(&own)[n] =
                T(1) - static_cast<T>(rows.length(n) * columns.length(n)) / static_cast<T>(images.size.pixels());
        }
        return own;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CutMix;
using authoring::MixUp;
}  // namespace strata
