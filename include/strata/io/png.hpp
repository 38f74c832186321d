#pragma once

#include "strata/core/byte_order.hpp"
#include "strata/system/crc32.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

STRATA_OUT_OF_LINE inline void append_png_chunk(std::string& to, std::string_view type, std::string_view bytes) {
    const std::string checked = std::string(type) + std::string(bytes);
    append_big_endian(to, bytes.size());
    to += checked;
    append_big_endian(to, crc32_of(std::as_bytes(std::span(checked))));
}

/// Bytes as a zlib stream that is not compressed: blocks of at most 65,535 bytes, and the Adler-32 checksum.
STRATA_OUT_OF_LINE inline std::string zlib_stored(std::string_view bytes) {
    std::string stream = "\x78\x01";
    std::uint32_t a = 1, b = 0;
    for (const char byte : bytes) {
        a = (a + static_cast<unsigned char>(byte)) % 65521;
        b = (b + a) % 65521;
    }
    do {
        const std::string_view block = bytes.substr(0, 0xFFFF);
        bytes.remove_prefix(block.size());
        stream += bytes.empty() ? '\1' : '\0';  // whether it is the last one
        append_little_endian(stream, block.size(), 2);
        append_little_endian(stream, ~block.size(), 2);
        stream += block;
    } while (!bytes.empty());
    append_big_endian(stream, b << 16 | a);
    return stream;
}

}  // namespace detail

/// A picture as a PNG file (https://www.w3.org/TR/png): rows of pixels of 1 or 3 bytes, grey or red, green, blue. It is
/// stored, not compressed, so that no library is needed.
STRATA_OUT_OF_LINE inline std::string png_file(std::size_t width, std::size_t height, std::size_t channels,
                                               std::string_view pixels) {
    std::string header;
    append_big_endian(header, width);
    append_big_endian(header, height);
    header += '\x08';                       // bits
    header += channels == 1 ? '\0' : '\2';  // grey, or colours
    header.append(3, '\0');                 // deflate, filters by row, not interlaced
    std::string rows;
    for (std::size_t row = 0; row < height; ++row) {
        rows += '\0';  // no filter
        rows += pixels.substr(row * width * channels, width * channels);
    }
    std::string file = "\x89PNG\r\n\x1a\n";
    detail::append_png_chunk(file, "IHDR", header);
    detail::append_png_chunk(file, "IDAT", detail::zlib_stored(rows));
    detail::append_png_chunk(file, "IEND", "");
    return file;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
