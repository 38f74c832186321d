#pragma once

#include "strata/config.hpp"

#include <bit>
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Whether a value is neither infinite nor NaN. Unlike std::isfinite it reads the bits, and so is right under flags
/// such as -fno-honor-nans, too.
template <std::floating_point T> constexpr bool is_finite(T value) {
    static_assert(sizeof(T) == sizeof(float) || sizeof(T) == sizeof(double));
    using bits = std::conditional_t<sizeof(T) == sizeof(float), std::uint32_t, std::uint64_t>;
    constexpr bits exponent = sizeof(T) == sizeof(float) ? bits{0x7f800000U} : static_cast<bits>(0x7ff0000000000000U);
    return (std::bit_cast<bits>(value) & exponent) != exponent;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
