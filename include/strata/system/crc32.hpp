#pragma once

#include "strata/config.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The polynomials of two checksums, bits reversed: that of zip, gzip and PNG files, and Castagnoli's, that of TFRecord
/// files.
inline constexpr std::uint32_t crc32_polynomial = 0xedb88320U, crc32c_polynomial = 0x82f63b78U;

using crc32_tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Table k holds what a byte does to the checksum when k more bytes come behind it.
[[nodiscard]] consteval crc32_tables make_crc32_tables(std::uint32_t polynomial) {
    crc32_tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t rest = byte;
        for (int i = 0; i < 8; ++i) rest = (rest >> 1U) ^ ((rest & 1U) != 0 ? polynomial : 0U);
        tables[0][byte] = rest;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8U) ^ tables[0][before & 0xffU];
        }
    }
    return tables;
}

/// The cyclic redundancy check, 32 bits, of these bytes behind those that gave `before` (0: there are none). Eight
/// bytes at a time, and without zlib, which is not there in every program.
template <std::uint32_t Polynomial = crc32_polynomial>
[[nodiscard]] STRATA_OUT_OF_LINE std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t before = 0) {
    static constexpr crc32_tables tables = make_crc32_tables(Polynomial);
    const auto number = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
    std::uint32_t rest = ~before;
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
        rest ^= number(0) | number(1) << 8U | number(2) << 16U | number(3) << 24U;
        rest = tables[7][rest & 0xffU] ^ tables[6][rest >> 8U & 0xffU] ^ tables[5][rest >> 16U & 0xffU] ^
               tables[4][rest >> 24U] ^ tables[3][number(4)] ^ tables[2][number(5)] ^ tables[1][number(6)] ^
               tables[0][number(7)];
    }
    for (; !bytes.empty(); bytes = bytes.subspan(1)) rest = (rest >> 8U) ^ tables[0][(rest ^ number(0)) & 0xffU];
    return ~rest;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
