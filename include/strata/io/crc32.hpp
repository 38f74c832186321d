#pragma once

#include "strata/config.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The polynomials of two checksums, bits reversed: that of PNG and gzip, and Castagnoli's, that of TFRecord files.
inline constexpr std::uint32_t crc32_polynomial = 0xEDB88320u, crc32c_polynomial = 0x82F63B78u;

/// The cyclic redundancy check of bytes, 32 bits.
template <std::uint32_t Polynomial> std::uint32_t crc32(std::string_view bytes) {
    static constexpr auto table = [] {
        std::array<std::uint32_t, 256> remainders{};
        for (std::uint32_t byte = 0; byte < 256; ++byte) {
            std::uint32_t remainder = byte;
            for (int i = 0; i < 8; ++i) remainder = (remainder >> 1) ^ ((remainder & 1u) != 0 ? Polynomial : 0u);
            remainders[byte] = remainder;
        }
        return remainders;
    }();
    std::uint32_t remainder = 0xFFFFFFFFu;
    for (const char byte : bytes)
        remainder = (remainder >> 8) ^ table[(remainder ^ static_cast<unsigned char>(byte)) & 0xFFu];
    return ~remainder;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
