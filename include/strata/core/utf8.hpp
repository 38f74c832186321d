#pragma once

#include "strata/core/text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The length of the UTF-8 character at the front of a text; 0 where there is none (Unicode 15, table 3-7).
[[nodiscard]] STRATA_OUT_OF_LINE inline std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(0);
    if (first < 0x80) return text.empty() ? 0 : 1;
    const std::size_t length = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    // The second byte leaves out forms that are too long, halves of surrogate pairs, and what is above U+10FFFF.
    const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < least || byte(1) > most) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
    }
    return length;
}

/// Whether a text is UTF-8 to its end.
[[nodiscard]] STRATA_OUT_OF_LINE inline bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Appends a character by its number, at most U+10FFFF, as UTF-8.
STRATA_OUT_OF_LINE inline void append_utf8(std::string& text, std::uint32_t code) {
    const auto tail = [&](unsigned shift) { append_text(text, 1, static_cast<char>(0x80U | (code >> shift & 0x3fU))); };
    const auto head = [&](std::uint32_t mark, unsigned shift) {
        append_text(text, 1, static_cast<char>(mark | code >> shift));
    };
    if (code < 0x80) return head(0, 0);
    if (code < 0x800) {
        head(0xc0, 6);
    } else if (code < 0x10000) {
        head(0xe0, 12), tail(6);
    } else {
        head(0xf0, 18), tail(12), tail(6);
    }
    tail(0);
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
