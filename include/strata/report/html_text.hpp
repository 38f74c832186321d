#pragma once

#include "strata/core/text.hpp"
#include "strata/core/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Text as it may stand in HTML, between tags and in attributes: names come from strangers. What no page may hold,
/// control characters and bytes that are no UTF-8, becomes U+FFFD.
STRATA_OUT_OF_LINE inline std::string html_escaped(std::string_view text) {
    std::string escaped;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
        const auto first = static_cast<unsigned char>(character[0]);
        text.remove_prefix(character.size());
        // C2 80 to C2 9F are control characters, too, and so is 7F.
        const bool control = first < 0x20 || first == 0x7f ||
                             (first == 0xc2 && length == 2 && static_cast<unsigned char>(character[1]) < 0xa0);
        if (first == '&')
            escaped += "&amp;";
        else if (first == '<')
            escaped += "&lt;";
        else if (first == '>')
            escaped += "&gt;";
        else if (first == '"')
            escaped += "&quot;";
        else if (first == '\'')
            escaped += "&#39;";
        else if (length == 0 || control)
            escaped += "\xEF\xBF\xBD";
        else
            escaped += character;
    }
    return escaped;
}

/// Bytes as base64 (RFC 4648).
STRATA_OUT_OF_LINE inline std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k)
            three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? digits[(three >> (18 - 6 * k)) & 63u] : '=';
    }
    return text;
}

/// A number with so many digits that count, as "%.4g" has it.
inline std::string short_text(double value, int digits = 4) {
    std::string text;
    append_chars(text, value, std::chars_format::general, digits);
    return text;
}

/// 28 × 28 × 6
STRATA_OUT_OF_LINE inline std::string extents_for_people(const auto& extents) {
    std::string text;
    for (const std::size_t extent : extents) text += concat({text.empty() ? "" : " × ", extent});
    return text.empty() ? "1" : text;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
