#pragma once

#include "strata/config.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

/// Whole numbers in files, byte by byte, whatever order this machine has.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Appends a number as `width` bytes, the lowest first.
inline void append_little_endian(std::string& to, std::uint64_t number, std::size_t width) {
    for (; width-- > 0; number >>= 8U) to += static_cast<char>(number & 0xffU);
}

/// Appends a number below 2^32 as 4 bytes, the highest first.
inline void append_big_endian(std::string& to, std::uint64_t number) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) to += static_cast<char>(number >> shift & 0xffU);
}

/// The number in these bytes, at most 8, the lowest first.
[[nodiscard]] inline std::uint64_t little_endian(std::span<const std::byte> bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) number = number << 8U | std::to_integer<std::uint64_t>(bytes[i]);
    return number;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
