#pragma once

#include "strata/core/random.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Fills `order` with 0, ..., n - 1 in an order that (seed, epoch) fixes on every machine (Fisher and Yates' shuffle).
STRATA_OUT_OF_LINE inline void shuffle_order(std::vector<std::uint32_t>& order, std::uint64_t seed,
                                             std::uint64_t epoch) {
    constexpr std::uint64_t shuffle_streams = std::uint64_t{1} << 32;  // apart from the streams of the parameters
    random_stream random(seed, shuffle_streams + epoch);
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random.below(static_cast<std::uint32_t>(i))]);
    }
}

/// So many of 0, ..., n - 1, in ascending order: which of them, (seed, epoch) fixes on every machine.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::uint32_t> draw_samples(std::size_t n, std::size_t count,
                                                                                std::uint64_t seed,
                                                                                std::uint64_t epoch) {
    constexpr std::uint64_t draw_streams = std::uint64_t{1} << 61;  // apart from the orders of the epochs
    random_stream random(seed, draw_streams + epoch);
    std::vector<std::uint32_t> all(n);
    std::iota(all.begin(), all.end(), 0u);
    count = std::min(count, n);
    for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + random.below(static_cast<std::uint32_t>(n - i))]);
    all.resize(count);
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
