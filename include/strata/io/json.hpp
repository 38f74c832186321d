#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/core/utf8.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// `text` as a JSON string, or nothing if it is not UTF-8.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::optional<std::string> json_string(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) return std::nullopt;
        if (const auto byte = static_cast<unsigned char>(text[0]); byte < 0x20) {
            result += concat({"\\u00", digits.substr(byte / 16, 1), digits.substr(byte % 16, 1)});
        } else {
            if (byte == '"' || byte == '\\') append_text(result, 1, '\\');
            append_text(result, text.substr(0, length));
        }
        text.remove_prefix(length);
    }
    append_text(result, 1, '"');
    return result;
}

/// Reads JSON text (RFC 8259, strictly) from front to back, for a caller who knows what has to come next. There is no
/// tree of values, and nothing is called recursively: a text may be nested as deep as it likes. Throws file_error.
class json_reader {
public:
    /// Messages begin with `name` and end with `advice`; all three have to live as long as the reader.
    json_reader(std::string_view text, std::string_view name, std::string_view advice)
        : text_(text), name_(name), advice_(advice) {}

    /// The first character of what comes next, 0 at the end.
    [[nodiscard]] char peek() {
        while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    /// `for (bool more = json.first('[', ']'); more; more = json.next(']'))` has each element of an array, or each key
    /// of an object, come next.
    [[nodiscard]] bool first(char open, char close) {
        expect(open);
        return !take(close);
    }
    [[nodiscard]] bool next(char close) {
        if (take(',')) return true;
        expect(close);
        return false;
    }

    /// The key of an object's next value.
    [[nodiscard]] std::string key() {
        std::string text = string();
        expect(':');
        return text;
    }

    /// A text, with its escapes resolved.
    [[nodiscard]] STRATA_OUT_OF_LINE std::string string() {
        expect('"');
        std::string result;
        while (at_ < text_.size() && text_[at_] != '"') {
            if (text_[at_] == '\\') {
                ++at_;
                append_utf8(result, escaped());
                continue;
            }
            const std::size_t length = utf8_length(text_.substr(at_));
            if (length == 0) fail("no UTF-8");
            if (static_cast<unsigned char>(text_[at_]) < 0x20) fail("a control character in a text");
            append_text(result, text_.substr(at_, length));
            at_ += length;
        }
        if (at_ == text_.size()) fail("a text without its end");
        ++at_;
        return result;
    }

    /// A whole number from 0 that fits into 64 bits; nothing, and nothing is read, where something else comes next.
    [[nodiscard]] STRATA_OUT_OF_LINE std::optional<std::uint64_t> whole_number() {
        if (peek() < '0' || peek() > '9') return std::nullopt;
        const std::string_view digits = number();
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
        at_ += digits.size();
        return value;
    }

    /// Whether null comes next; if so, it is read.
    [[nodiscard]] bool take_null() {
        if (peek() != 'n') return false;
        at_ += word("null").size();
        return true;
    }

    /// What comes next, for a message; nothing is read.
    [[nodiscard]] STRATA_OUT_OF_LINE std::string found() {
        switch (peek()) {
            case '{':
                return "an object";
            case '[':
                return "an array";
            case '"': {
                json_reader ahead = *this;
                return concat({"the text ", in_quotes(ahead.string())});
            }
            case 't':
                return std::string(word("true"));
            case 'f':
                return std::string(word("false"));
            case 'n':
                return std::string(word("null"));
            default:
                return concat({"the number ", number().substr(0, 80)});
        }
    }

    /// Throws unless only white space follows.
    void expect_end() {
        if (peek() != '\0' || at_ != text_.size()) fail("something behind the end");
    }

private:
    [[noreturn]] STRATA_OUT_OF_LINE void fail(std::string_view problem) const {
        raise<file_error>({name_, ": not JSON at byte ", at_, ": ", problem, advice_});
    }

    [[nodiscard]] bool take(char wanted) {
        if (peek() != wanted || at_ == text_.size()) return false;
        ++at_;
        return true;
    }

    STRATA_OUT_OF_LINE void expect(char wanted) {
        if (!take(wanted)) fail(concat({"'", std::string_view(&wanted, 1), "' expected"}));
    }

    /// This word, if it comes next.
    [[nodiscard]] std::string_view word(std::string_view wanted) const {
        if (text_.substr(at_, wanted.size()) != wanted) fail("no value");
        return wanted;
    }

    /// The number that comes next.
    [[nodiscard]] STRATA_OUT_OF_LINE std::string_view number() const {
        std::size_t end = at_;
        const auto one_of = [&](std::string_view characters) {
            const bool is = end < text_.size() && characters.find(text_[end]) != std::string_view::npos;
            end += is ? 1 : 0;
            return is;
        };
        const auto digits = [&] {
            if (!one_of("0123456789")) fail("no value");
            while (one_of("0123456789")) continue;
        };
        one_of("-");
        if (!one_of("0")) digits();
        if (one_of(".")) digits();
        if (one_of("eE")) {
            one_of("+-");
            digits();
        }
        return text_.substr(at_, end - at_);
    }

    /// The character of an escape whose backslash has been read.
    [[nodiscard]] STRATA_OUT_OF_LINE std::uint32_t escaped() {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const char letter = at_ < text_.size() ? text_[at_++] : '\0';
        if (letter != 'u') {
            const std::size_t place = letters.find(letter);
            if (place == std::string_view::npos) fail("an unknown escape");
            return static_cast<unsigned char>(meanings[place]);
        }
        const std::uint32_t code = four_digits();
        if (code < 0xd800 || code > 0xdfff) return code;
        const bool pair = code < 0xdc00 && text_.substr(at_, 2) == "\\u";
        at_ += pair ? 2 : 0;
        const std::uint32_t low = pair ? four_digits() : 0;
        if (low < 0xdc00 || low > 0xdfff) fail("half of a surrogate pair");
        return 0x10000 + (code - 0xd800) * 0x400 + (low - 0xdc00);
    }

    [[nodiscard]] std::uint32_t four_digits() {
        std::uint32_t code = 0;
        const std::string_view digits = text_.substr(at_, 4);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (error != std::errc{} || end != digits.data() + 4) fail("four hexadecimal digits expected");
        at_ += 4;
        return code;
    }

    std::string_view text_;
    std::string_view name_;
    std::string_view advice_;
    std::size_t at_ = 0;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
