#pragma once

#include "strata/simd/bfloat16.hpp"
#include "support/lanes.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

/// bfloat16 as its definition has it, for comparison.
namespace strata::authoring::test {

/// The value with 8 bits of precision that is nearest, of two that are equally near the even one.
inline double rounded_to_bfloat16(double value) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    const std::uint32_t half = 0x7fff + ((bits >> 16) & 1);
    return std::bit_cast<float>((bits + half) & 0xffff0000u);
}

/// What a pass multiplies: the values, or what becomes of them where it rounds its operands.
inline aligned_vector<double> operands(aligned_vector<double> values, bool rounded) {
    if (rounded)
        for (double& value : values) value = rounded_to_bfloat16(value);
    return values;
}

/// Eighths from -2 to 2: with these bfloat16 is exact, and so are sums of thousands of products.
template <class T> aligned_vector<T> eighths(std::size_t size, std::uint64_t seed) {
    auto values = random_values<T>(size, seed);
    for (T& value : values) value = static_cast<T>(std::round(value * T(16)) / T(8));
    return values;
}

/// The two values of a pair, the first one first.
inline float value_of(bfloat16_pair pair, std::size_t which) {
    return std::bit_cast<float>(which == 0 ? pair.bits << 16 : pair.bits & 0xffff0000u);
}

}  // namespace strata::authoring::test
