#pragma once

#include "strata/config.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The product of two sizes that came from a file; nothing if it does not fit into 64 bits.
[[nodiscard]] constexpr std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b) {
    if (b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b) return std::nullopt;
    return a * b;
}

/// The sum of two sizes that came from a file; nothing if it does not fit into 64 bits.
[[nodiscard]] constexpr std::optional<std::uint64_t> checked_sum(std::uint64_t a, std::uint64_t b) {
    if (a > std::numeric_limits<std::uint64_t>::max() - b) return std::nullopt;
    return a + b;
}

/// The number of elements of an array with these extents: 1 for a scalar, nothing if it does not fit into 63 bits.
///
/// A zero extent does not excuse the others: (2^62, 2, 0) has no elements, but whoever computes its strides, which have
/// a sign, overflows; so it is refused in any order of the extents.
[[nodiscard]] constexpr std::optional<std::uint64_t> checked_element_count(std::span<const std::uint64_t> extents) {
    std::uint64_t count = 1;
    bool empty = false;
    for (const std::uint64_t extent : extents) {
        if (extent == 0) {
            empty = true;
            continue;
        }
        const auto product = checked_product(count, extent);
        if (!product || *product > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
        count = *product;
    }
    return empty ? 0 : count;
}

/// The size as a std::size_t; nothing where that type is narrower (32-bit machines).
[[nodiscard]] constexpr std::optional<std::size_t> checked_size(std::uint64_t size) {
    if (size > std::numeric_limits<std::size_t>::max()) return std::nullopt;
    return size;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
