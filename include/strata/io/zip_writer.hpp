#pragma once

#include "strata/core/byte_order.hpp"
#include "strata/core/text.hpp"
#include "strata/io/zip.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// As Python's zipfile does it: a number above this stands in the zip64 part.
inline constexpr std::uint64_t zip_limit = 0x7fffffff;

/// The words that both headers of an entry have: from the flags to the checksum. The date is the first that zip has, so
/// that the same arrays give the same bytes.
inline void append_zip_words(std::string& text, const zip_entry& entry) {
    append_little_endian(text, entry.flags, 2);
    append_little_endian(text, entry.method, 2);
    append_little_endian(text, 0, 2);              // 0:00
    append_little_endian(text, 1U << 5U | 1U, 2);  // January 1, 1980
    append_little_endian(text, entry.crc, 4);
}

/// The header in front of an entry's bytes, with zip64 sizes, as NumPy writes it.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::string zip_own_header(const zip_entry& entry) {
    std::string text = "PK\3\4";
    append_little_endian(text, 45, 2);  // zip64 is needed
    append_zip_words(text, entry);
    append_little_endian(text, 0xffffffffffffffff, 8);
    append_little_endian(text, entry.name.size(), 2);
    append_little_endian(text, 20, 2);
    text += entry.name;
    append_little_endian(text, 1, 2);
    append_little_endian(text, 16, 2);
    append_little_endian(text, entry.size, 8);
    append_little_endian(text, entry.packed, 8);
    return text;
}

/// The table of contents of entries that stand one behind the other from byte 0 on, and the end of the file.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::string zip_directory(std::span<const zip_entry> entries) {
    std::string text;
    std::uint64_t begin = 0;
    for (const zip_entry& entry : entries) {
        std::string large;
        const bool large_sizes = entry.size > zip_limit || entry.packed > zip_limit;
        if (large_sizes) {
            append_little_endian(large, entry.size, 8);
            append_little_endian(large, entry.packed, 8);
        }
        if (entry.header > zip_limit) append_little_endian(large, entry.header, 8);
        const auto in_32_bits = [](std::uint64_t number, bool in_large) { return in_large ? 0xffffffffU : number; };
        text += "PK\1\2";
        append_little_endian(text, 45 | 3U << 8U, 2);  // written by this version, on Unix
        append_little_endian(text, 45, 2);
        append_zip_words(text, entry);
        append_little_endian(text, in_32_bits(entry.packed, large_sizes), 4);
        append_little_endian(text, in_32_bits(entry.size, large_sizes), 4);
        append_little_endian(text, entry.name.size(), 2);
        append_little_endian(text, large.empty() ? 0 : large.size() + 4, 2);
        append_little_endian(text, 0, 6);             // no comment, disk 0, no attributes,
        append_little_endian(text, 0600U << 16U, 4);  // and those of a file that its owner reads and writes
        append_little_endian(text, in_32_bits(entry.header, entry.header > zip_limit), 4);
        text += entry.name;
        if (!large.empty()) {
            append_little_endian(text, 1, 2);
            append_little_endian(text, large.size(), 2);
            text += large;
        }
        begin = entry.data + entry.packed;
    }
    const std::uint64_t size = text.size(), count = entries.size();
    if (count > 0xffff || begin > zip_limit || size > zip_limit) {
        text += "PK\6\6";
        append_little_endian(text, 44, 8);
        append_little_endian(text, 45, 2);
        append_little_endian(text, 45, 2);
        append_little_endian(text, 0, 8);
        append_little_endian(text, count, 8);
        append_little_endian(text, count, 8);
        append_little_endian(text, size, 8);
        append_little_endian(text, begin, 8);
        text += "PK\6\7";
        append_little_endian(text, 0, 4);
        append_little_endian(text, begin + size, 8);
        append_little_endian(text, 1, 4);
    }
    text += "PK\5\6";
    append_little_endian(text, 0, 4);
    append_little_endian(text, std::min<std::uint64_t>(count, 0xffff), 2);
    append_little_endian(text, std::min<std::uint64_t>(count, 0xffff), 2);
    append_little_endian(text, std::min<std::uint64_t>(size, 0xffffffff), 4);
    append_little_endian(text, std::min<std::uint64_t>(begin, 0xffffffff), 4);
    append_little_endian(text, 0, 2);
    return text;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
