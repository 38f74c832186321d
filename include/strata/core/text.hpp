#pragma once

#include "strata/core/config.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace strata::inline STRATA_ISA {

// Numbers as text, the same in every locale: printf and streams would write a decimal comma where the user's locale
// has one, and a file written there could not be read elsewhere. The `append_` forms allocate nothing once the string
// has grown to its size, so that a progress line costs a training step nothing.

namespace detail {

/// Appends infinities and NaN as Python writes them (std::to_chars may write "-nan"); false for an ordinary number.
inline bool append_special(std::string& text, double value) {
    if (std::isnan(value)) {
        text += "nan";
    } else if (std::isinf(value)) {
        text += value < 0 ? "-inf" : "inf";
    } else {
        return false;
    }
    return true;
}

inline void append_chars(std::string& text, double value, std::chars_format format, int digits) {
    if (append_special(text, value)) return;
    std::array<char, 400> buffer;  // the largest double has 309 digits before its point
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, digits).ptr;
    text.append(buffer.data(), end);
}

}  // namespace detail

/// Appends `value` with `digits` digits after the point, as "%.4f" does.
inline void append_fixed(std::string& text, double value, int digits) {
    detail::append_chars(text, value, std::chars_format::fixed, digits);
}

/// Appends `value` with an exponent and `digits` digits after the point, as "%.4e" does.
inline void append_scientific(std::string& text, double value, int digits) {
    detail::append_chars(text, value, std::chars_format::scientific, digits);
}

/// Appends a whole number.
inline void append_integer(std::string& text, std::size_t value) {
    std::array<char, 24> buffer;
    text.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

/// Appends a whole number, right-aligned with spaces in at least `width` columns.
inline void append_integer(std::string& text, std::size_t value, std::size_t width) {
    const auto start = text.size();
    append_integer(text, value);
    const auto length = text.size() - start;
    if (length < width) text.insert(start, width - length, ' ');
}

/// `value` with `digits` digits after the point.
inline std::string fixed_text(double value, int digits) {
    std::string text;
    append_fixed(text, value, digits);
    return text;
}

/// A whole number with a comma between thousands: 61,706.
inline std::string thousands_text(std::size_t value) {
    auto text = std::to_string(value);
    for (auto place = text.size(); place > 3;) text.insert(place -= 3, 1, ',');
    return text;
}

/// The shortest text that reads back as exactly `value`, laid out as Python's repr(float) does: 0.912, 1e-05, 1.0.
inline std::string exact_text(double value) {
    std::string text;
    if (detail::append_special(text, value)) return text;
    std::array<char, 64> buffer;
    const auto begin = buffer.data();
    auto end = std::to_chars(begin, begin + buffer.size(), value, std::chars_format::scientific).ptr;
    text.assign(begin, end);
    int exponent = 0;
    const auto sign = text.find('e') + 1;
    std::from_chars(text.data() + sign + (text[sign] == '+' ? 1 : 0), text.data() + text.size(), exponent);
    if (exponent < -4 || exponent >= 16) return text;
    end = std::to_chars(begin, begin + buffer.size(), value, std::chars_format::fixed).ptr;
    text.assign(begin, end);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
}

/// How many columns UTF-8 text takes on a terminal, for characters that are one column wide.
inline std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (const char byte : text) width += (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u ? 1 : 0;
    return width;
}

}  // namespace strata::inline STRATA_ISA
