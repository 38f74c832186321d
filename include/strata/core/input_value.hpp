#pragma once

#include "strata/config.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// What a network makes of one value of its input.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The types of values that are read as they are. Arrays of other types are converted.
template <class T>
concept array_element = std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::int32_t> ||
                        std::is_same_v<T, std::int64_t> || std::is_same_v<T, float> || std::is_same_v<T, double>;

/// What a byte in a network's input counts: those of an image are scaled to [0, 1]. An Embedding, a Rescaling or a
/// Normalization reads bytes as they are.
template <class Network, class V>
inline constexpr double scale_of_bytes = Network::template raw_input<V> ? 1.0 : 1.0 / 255;

/// Whether a value is one of 0, ..., count - 1: an index of an Embedding.
inline bool is_index(double value, std::size_t count) {
    return value >= 0 && value < static_cast<double>(count) && value == std::floor(value);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
