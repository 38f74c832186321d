#pragma once

#include "strata/data/augmentation/image_pack.hpp"
#include "strata/data/augmentation/lane_random.hpp"
#include "strata/simd/pack.hpp"

#include <cmath>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The rows, or the columns, of a rectangle at a random place in each lane.
template <class V> struct random_side {
    std::size_t begin[lanes<V>], end[lanes<V>];

    /// Of an axis of so many pixels. The side of lane n has the root of area(n), a number in [0, 1], of their length.
    template <class Area> random_side(std::size_t extent, lane_random<V>& random, const Area& area) {
        const V place = random.uniform(0, 1);
        const double all = static_cast<double>(extent);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const double length = all * std::sqrt(area(n));
            const double first = static_cast<double>(as_lanes(&place)[n]) * (all - length);
            begin[n] = static_cast<std::size_t>(first + 0.5);  // of pixels whose centers lie inside
            end[n] = static_cast<std::size_t>(first + length + 0.5);
        }
    }

    std::size_t length(std::size_t n) const { return end[n] - begin[n]; }
};

/// Calls f(cell) for each cell of lane n's rectangle.
template <class V, class F>
void for_each_cell(const image_size& size, const random_side<V>& rows, const random_side<V>& columns, std::size_t n,
                   const F& f) {
    for (std::size_t row = rows.begin[n]; row < rows.end[n]; ++row) {
        const std::size_t first = row * size.columns;
        for (std::size_t i = (first + columns.begin[n]) * size.channels; i < (first + columns.end[n]) * size.channels;
             ++i)
            f(i);
    }
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
