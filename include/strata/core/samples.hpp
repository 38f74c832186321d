#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// What to do with an array whose samples have not these extents. `special` is what to say where no rule applies.
inline std::string_view advice_on_shape(const array_ref& array, std::span<const std::size_t> extents,
                                        std::string_view special) {
    const auto shape = array.shape();
    std::size_t needed = 1;
    for (const std::size_t extent : extents) needed *= extent;
    if (array.sample_size() == needed) {
        if (shape.size() == extents.size() + 1 &&
            std::is_permutation(extents.begin(), extents.end(), shape.begin() + 1))
            return "; its axes are in another order, the channels come last: transpose it, or let the network begin "
                   "with Permute";
        return "; its values are as many: reshape it";
    }
    if (!special.empty()) return special;
    if (std::equal(extents.begin(), extents.end(), shape.begin(), shape.end()))
        return "; is it a single sample? give it a first axis of 1";
    return "";
}

/// Throws shape_error unless `array` is `what` of (N, extents...), with any N. `special` is a part of the message where
/// nothing is known to do but what the caller knows.
inline void require_samples(const array_ref& array, std::span<const std::size_t> extents, std::string_view what,
                            std::string_view special = {}) {
    const auto shape = array.shape();
    if (!array.empty() && shape.size() == extents.size() + 1 &&
        std::equal(extents.begin(), extents.end(), shape.begin() + 1)) {
        return;
    }
    raise<shape_error>({what, ": an array of shape ", shape_text(extents, "N"), " is needed, ",
                        array.empty() ? "none" : shape_text(shape), " was given",
                        array.empty() ? "" : advice_on_shape(array, extents, special)});
}

/// Writes `count` values of an array, from `first` on, as numbers of type T, times scale. Out of line: it has a loop
/// for each type of values.
template <class T>
STRATA_OUT_OF_LINE void convert_values(const array_ref& from, std::size_t first, std::size_t count, T scale, T* to) {
    from.visit([&]<class E>(const E* values) {
        for (std::size_t i = 0; i < count; ++i) to[i] = static_cast<T>(values[first + i]) * scale;
    });
}

}  // namespace detail

/// Throws shape_error unless `array` is `what` of (N, Extents...), with any N.
template <class Shape> void require_samples(const array_ref& array, std::string_view what) {
    detail::require_samples(array, Shape::extents, what);
}

/// Lays samples into the lanes of cells: lane n of cells[i] becomes value i of sample rows[n], times scale. There are
/// at least one and at most lanes<V> rows. Unused lanes repeat the last sample: zeros might
/// give an infinite gradient, and infinity times a weight of zero is NaN. `size` is the number of values of a sample.
template <class V>
[[gnu::noinline]] void load_samples(const array_ref& from, std::size_t size, std::span<const std::size_t> rows,
                                    scalar_t<V> scale, V* cells) {
    constexpr std::size_t L = lanes<V>;
    if constexpr (L == 1) {
        detail::convert_values(from, rows[0] * size, size, scale, cells);
    } else {
        constexpr std::size_t strip = 128;  // so many values of each sample stay in the L1
        scalar_t<V> values[L][strip];
        for (std::size_t first = 0; first < size; first += strip, cells += strip) {
            const std::size_t count = std::min(strip, size - first), whole = count / L * L;
            for (std::size_t n = 0; n < L; ++n) {
                const std::size_t row = rows[std::min(n, rows.size() - 1)];
                detail::convert_values(from, row * size + first, count, scale, values[n]);
            }
            for (std::size_t i = 0; i < whole; i += L) {
                V block[L];
                for (std::size_t n = 0; n < L; ++n) block[n] = load<V>(values[n] + i);
                transpose(block);
                std::copy_n(block, L, cells + i);
            }
            for (std::size_t i = whole; i < count; ++i) {
                for (std::size_t n = 0; n < L; ++n) as_lanes(cells + i)[n] = values[n][i];
            }
        }
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
