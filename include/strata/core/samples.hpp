#pragma once

#include "strata/core/pack.hpp"
#include "strata/core/tensor.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

namespace strata::inline STRATA_ISA {

/// Throws shape_error unless `array` is `what` of (N, Extents...), with any N.
template <class Shape> void require_samples(const array_ref& array, const char* what) {
    const auto shape = array.shape();
    if (!array.empty() && shape.size() == Shape::rank + 1 &&
        std::equal(Shape::extents.begin(), Shape::extents.end(), shape.begin() + 1)) {
        return;
    }
    throw shape_error(std::string(what) + ": an array of shape " + shape_text(Shape::extents, "N") + " is needed, " +
                      (array.empty() ? "none" : shape_text(shape)) + " was given");
}

namespace detail {

/// Writes a block of L values of L samples into L cells. Not inlined: every type of values would bring its own copy.
template <class V> [[gnu::noinline]] void store_transposed(V (&block)[lanes<V>], V* cells) {
    transpose(block);
    std::copy_n(block, lanes<V>, cells);
}

}  // namespace detail

/// Lays samples into the lanes of cells: lane n of cells[i] becomes value i of sample rows[n], times scale. There are
/// at least one and at most lanes<V> rows. The lanes beyond them repeat the last one: what comes of them is not used,
/// but must not be worse than the rest, as an infinite gradient is not zero after a weight of zero either. `size` is
/// the number of values of a sample.
template <class V>
void load_samples(const array_ref& from, std::size_t size, std::span<const std::size_t> rows, scalar_t<V> scale,
                  V* cells) {
    using T = scalar_t<V>;
    constexpr std::size_t L = lanes<V>;
    from.visit([&]<class E>(const E* data) {
        std::array<const E*, L> samples;
        for (std::size_t n = 0; n < L; ++n) samples[n] = data + rows[std::min(n, rows.size() - 1)] * size;
        const std::size_t whole = size / L * L;
        for (std::size_t i = 0; i < whole; i += L) {
            V block[L];
            for (std::size_t n = 0; n < L; ++n) {
                for (std::size_t k = 0; k < L; ++k) as_lanes(block + n)[k] = static_cast<T>(samples[n][i + k]) * scale;
            }
            detail::store_transposed(block, cells + i);
        }
        for (std::size_t i = whole; i < size; ++i) {
            for (std::size_t n = 0; n < L; ++n) as_lanes(cells + i)[n] = static_cast<T>(samples[n][i]) * scale;
        }
    });
}

/// What one value of a model's input counts: the bytes of an image are scaled to [0, 1], all else is taken as it is.
inline double input_scale(const array_ref& array) {
    return array.visit([]<class E>(const E*) { return std::is_same_v<E, std::uint8_t> ? 1.0 / 255 : 1.0; });
}

}  // namespace strata::inline STRATA_ISA
