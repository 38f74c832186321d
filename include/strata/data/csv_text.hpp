#pragma once

#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/system/byte_source.hpp"
#include "strata/system/file_kind.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// How often a character is in a text, eight at a time.
[[nodiscard]] inline std::size_t count_character(char character, std::string_view text) {
    constexpr std::uint64_t ones = 0x0101010101010101, low_bits = 0x7f7f7f7f7f7f7f7f;
    std::size_t count = 0;
    while (text.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        word ^= ones * static_cast<unsigned char>(character);  // its bytes are zero where the character is
        count += 8 - static_cast<std::size_t>(std::popcount((((word & low_bits) + low_bits) | word) & ~low_bits));
        text.remove_prefix(8);
    }
    return count + static_cast<std::size_t>(std::count(text.begin(), text.end(), character));
}

/// The bytes of a CSV file, without the ends of its last lines; a line end of our own stands behind them. Copies share
/// them.
///
/// `check_record` goes once over all records. What has passed it is read without looking for the end of the file.
class csv_text {
public:
    /// Reads all of a source. Throws file_error where it is empty, where it unpacks to more than `max_unpacked` bytes,
    /// or is no text in UTF-8 or another code with ASCII in it.
    csv_text(byte_source& source, char separator, std::uint64_t max_unpacked)
        : name_(source.name()), separator_(separator) {
        const std::size_t read = read_all(source, max_unpacked);
        refuse_other_kinds({bytes_.get(), read});
        begin_ = bytes_.get() + (std::string_view(bytes_.get(), read).starts_with("\xef\xbb\xbf") ? 3 : 0);
        end_ = bytes_.get() + read;
        while (end_ > begin_ && end_[-1] == '\n') end_ -= end_ - 1 > begin_ && end_[-2] == '\r' ? 2 : 1;
        bytes_[end_ - bytes_.get()] = '\n';
        if (begin_ == end_) raise<file_error>({name_, ": the file is empty (give one with lines in it)"});
    }

    const char* begin() const { return begin_; }
    const char* end() const { return end_; }
    char separator() const { return separator_; }

    /// Whether a character ends a field that has no quotes.
    bool ends_field(char character) const { return character == separator_ || character == '\n' || character == '\r'; }

    /// The end of the field that begins at `at`: its separator or its line's end.
    const char* field_end(const char* at) const {
        if (*at != '"') {
            while (!ends_field(*at)) ++at;
            return at;
        }
        for (++at;; at += 2) {
            at = find('"', at);
            if (at[1] != '"') return at + 1;
        }
    }

    /// The beginning of the next field, in this line or the next, behind the end of one.
    static const char* behind(const char* field_end) { return field_end + (*field_end == '\r' ? 2 : 1); }

    /// What a field says: without its quotes, doubled ones single.
    STRATA_OUT_OF_LINE std::string text_of(const char* at, const char* field_end) const {
        if (*at != '"') return {at, field_end};
        std::string text;
        for (++at; at != field_end - 1; ++at) {
            append_text(text, 1, *at);
            if (*at == '"') ++at;
        }
        return text;
    }

    /// The number of fields of the record at `at`, which moves to the next one. Throws file_error for quotes and line
    /// ends that RFC 4180 does not know.
    std::size_t check_record(const char*& at) const {
        const char* const line_end = find('\n', at);
        const std::string_view line(at, static_cast<std::size_t>(line_end - at));
        if (line.find('"') != std::string_view::npos) return check_quoted_record(at);
        if (const auto place = line.find('\r'); place != std::string_view::npos) check_return(at + place);
        at = line_end + 1;
        return 1 + count_character(separator_, line);
    }

    /// Throws file_error about the line of `at`.
    [[noreturn]] STRATA_OUT_OF_LINE void fail(const char* at, std::initializer_list<text_piece> what) const {
        const auto before = static_cast<std::size_t>(std::count<const char*>(bytes_.get(), at, '\n'));
        raise<file_error>({name_, ": line ", before + 1, ": ", concat(what)});
    }

    /// Throws file_error about the whole file.
    [[noreturn]] STRATA_OUT_OF_LINE void fail(std::initializer_list<text_piece> what) const {
        raise<file_error>({name_, ": ", concat(what)});
    }

private:
    /// Fills `bytes_`, with room for one more, and returns their number. Room for a packed file grows with what it
    /// unpacks to.
    STRATA_OUT_OF_LINE std::size_t read_all(byte_source& source, std::uint64_t max_unpacked) {
        const auto most = checked_size(source.most_left());
        if (!most || *most + 1 == 0) raise<file_error>({name_, ": more bytes than a program can address (split it)"});
        const bool grows = source.is_packed();
        // One more than may be, to see whether there are more.
        const std::size_t last = grows && max_unpacked < *most ? static_cast<std::size_t>(max_unpacked + 1) : *most;
        std::size_t room = grows ? std::min<std::size_t>(last, 1U << 20U) : last, read = 0;
        for (;; room = room < last / 2 ? 2 * room : last) {
            std::shared_ptr<char[]> larger(new char[room + 1]);
            std::copy_n(bytes_.get(), read, larger.get());
            bytes_ = std::move(larger);
            read += source.read(std::as_writable_bytes(std::span(bytes_.get() + read, room - read)));
            if (read < room || room == last) break;
        }
        if (grows && read > max_unpacked) {
            raise<file_error>({name_, ": unpacks to more than ", max_unpacked,
                               " bytes (unpack it, or raise csv_options.max_unpacked)"});
        }
        source.expect_end();
        return read;
    }

    /// Nothing before the line end behind the text is missed; nullptr where there is none.
    const char* find(char character, const char* at) const {
        return static_cast<const char*>(std::memchr(at, character, static_cast<std::size_t>(end_ + 1 - at)));
    }

    void check_return(const char* at) const {
        if (at[1] != '\n' || at + 1 == end_)
            fail(at,
                 {"a carriage return without a line feed (end lines with LF or CR LF, or put the field in quotes)"});
    }

    STRATA_OUT_OF_LINE std::size_t check_quoted_record(const char*& at) const {
        for (std::size_t fields = 1;; ++fields, ++at) {
            if (*at == '"') {
                const char* const open = at;
                do {
                    at = find('"', at + 1);
                    if (at == nullptr) fail(open, {"a quote opens a field and none closes it (add the second quote)"});
                } while (*++at == '"');
                if (!ends_field(*at))
                    fail(at, {"text behind the quote that closes a field (double quotes in a field)"});
            }
            for (; !ends_field(*at); ++at) {
                if (*at == '"')
                    fail(at, {"a quote inside of a field without quotes (put the field in quotes and double "
                              "those in it)"});
            }
            if (*at == separator_) continue;
            if (*at == '\r') check_return(at++);
            ++at;
            return fields;
        }
    }

    void refuse_other_kinds(std::string_view text) const {
        const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
        if (const auto kind = kind_of_file(bytes.first(std::min<std::size_t>(bytes.size(), 4))); !kind.empty())
            raise<file_error>({name_, ": a CSV file expected, this is ", kind, " (unpack it, or export it as CSV)"});
        if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
            raise<file_error>({name_, ": the text is in UTF-16 (save it as UTF-8)"});
        if (const auto place = text.find('\0'); place != std::string_view::npos)
            raise<file_error>({name_, ": line ",
                               1 + static_cast<std::size_t>(std::count(
                                       text.begin(), text.begin() + static_cast<std::ptrdiff_t>(place), '\n')),
                               ": a byte of zero, which no text has (damaged, or not a CSV file?)"});
    }

    std::string name_;
    char separator_;
    std::shared_ptr<char[]> bytes_;
    const char* begin_ = nullptr;
    const char* end_ = nullptr;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
