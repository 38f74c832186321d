#pragma once

#include "strata/config.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

// Numbers as text, the same in every locale: printf and streams would write a decimal comma where the user's locale
// has one, and a file written there could not be read elsewhere. The `append_` forms allocate nothing once the string
// has grown to its size, so that a progress line costs a training step nothing.

/// text += more.
STRATA_OUT_OF_LINE inline void append_text(std::string& text, std::string_view more) { text += more; }

/// Appends `count` times the same character.
STRATA_OUT_OF_LINE inline void append_text(std::string& text, std::size_t count, char character) {
    text.append(count, character);
}

namespace detail {

/// Appends infinities and NaN as Python writes them (std::to_chars may write "-nan"); false for an ordinary number.
inline bool append_special(std::string& text, double value) {
    if (std::isnan(value)) {
        append_text(text, "nan");
    } else if (std::isinf(value)) {
        append_text(text, value < 0 ? "-inf" : "inf");
    } else {
        return false;
    }
    return true;
}

STRATA_OUT_OF_LINE inline void append_chars(std::string& text, double value, std::chars_format format, int digits) {
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
STRATA_OUT_OF_LINE inline void append_integer(std::string& text, std::uint64_t value) {
    std::array<char, 24> buffer;
    text.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

/// Appends a whole number, right-aligned with spaces in at least `width` columns.
inline void append_integer(std::string& text, std::uint64_t value, std::size_t width) {
    const auto start = text.size();
    append_integer(text, value);
    const auto length = text.size() - start;
    if (length < width) text.insert(start, width - length, ' ');
}

namespace detail {

/// A size, an index or a byte: a whole number without a sign, but no bool and no char.
template <class T>
concept whole_number = std::unsigned_integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>;

}  // namespace detail

/// A piece of a text for `concat`: characters, which must live as long as it does, or a whole number without a sign.
class text_piece {
public:
    // NOLINTBEGIN(google-explicit-constructor): a piece stands for its text
    text_piece(const char* characters) : characters_(characters) {}
    text_piece(std::string_view characters) : characters_(characters) {}
    text_piece(const std::string& characters) : characters_(characters) {}
    text_piece(std::nullptr_t) = delete;
    template <std::integral Number> text_piece(Number number) = delete;
    template <detail::whole_number Number> text_piece(Number number) : number_(number), is_number_(true) {}
    // NOLINTEND(google-explicit-constructor)

    void append_to(std::string& text) const {
        if (is_number_)
            append_integer(text, number_);
        else
            text += characters_;
    }

private:
    std::string_view characters_{};
    std::uint64_t number_ = 0;
    bool is_number_ = false;
};

/// The pieces one after the other: `concat({"rank ", rank, " expected"})`. In place of a chain of `+`, each of which a
/// compiler would take in line: messages would be most of what a program with a file reader has to compile.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::string concat(std::initializer_list<text_piece> pieces) {
    std::string text;
    for (const text_piece& piece : pieces) piece.append_to(text);
    return text;
}

/// `value` with `digits` digits after the point.
inline std::string fixed_text(double value, int digits) {
    std::string text;
    append_fixed(text, value, digits);
    return text;
}

/// A whole number with a comma between thousands: 61,706.
STRATA_OUT_OF_LINE inline std::string thousands_text(std::size_t value) {
    std::string text;
    append_integer(text, value);
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

/// Whether a byte of UTF-8 text belongs to the character before it.
inline bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u; }

/// How many columns UTF-8 text takes on a terminal, for characters that are one column wide.
STRATA_OUT_OF_LINE inline std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (const char byte : text) width += continues_character(byte) ? 0u : 1u;
    return width;
}

/// The front of a text that takes `width` columns; all of it where it takes fewer.
STRATA_OUT_OF_LINE inline std::string_view prefix_of_width(std::string_view text, std::size_t width) {
    std::size_t size = 0;
    for (std::size_t columns = 0; size < text.size(); ++size) {
        if (!continues_character(text[size]) && columns++ == width) break;
    }
    return text.substr(0, size);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
