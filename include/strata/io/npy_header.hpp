#pragma once

#include "strata/core/byte_order.hpp"
#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/dtype.hpp"
#include "strata/system/byte_source.hpp"
#include "strata/system/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// What an .npy file says about its values.
struct npy_header {
    dtype type = dtype::f32;
    bool big_endian = false;
    bool fortran_order = false;  ///< the first axis runs fastest
    std::vector<std::uint64_t> extents;
    std::size_t bytes = 0;  ///< of all values
};

struct npy_limits {
    static constexpr std::uint64_t header = 65536;  ///< bytes; those of supported types are shorter
    static constexpr std::size_t rank = 64;         ///< NumPy's own
};

/// The types of .npy files that are read and written: NumPy's kind and the number of bytes.
struct npy_type {
    std::string_view name;
    dtype type;
};

inline constexpr std::array<npy_type, 12> npy_types{{{"b1", dtype::boolean},
                                                     {"u1", dtype::u8},
                                                     {"i1", dtype::i8},
                                                     {"u2", dtype::u16},
                                                     {"i2", dtype::i16},
                                                     {"f2", dtype::f16},
                                                     {"u4", dtype::u32},
                                                     {"i4", dtype::i32},
                                                     {"f4", dtype::f32},
                                                     {"u8", dtype::u64},
                                                     {"i8", dtype::i64},
                                                     {"f8", dtype::f64}}};

/// Reads the header's text, a Python dictionary of three keys, which is parsed and never executed.
class npy_header_reader {
public:
    static constexpr std::string_view damaged = " (damaged? delete it and fetch it again)";

    npy_header_reader(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

    [[nodiscard]] STRATA_OUT_OF_LINE npy_header read() {
        bool has_type = false, has_order = false, has_shape = false;
        require('{', "a dictionary");
        while (!take('}')) {
            const std::string_view key = string("a key");
            require(':', "a colon behind a key");
            const auto once = [&](bool& seen) {
                if (std::exchange(seen, true)) fail({"the key ", in_quotes(key), " stands in the header twice"});
            };
            if (key == "descr") {
                once(has_type);
                read_type();
            } else if (key == "fortran_order") {
                once(has_order);
                header_.fortran_order = boolean();
            } else if (key == "shape") {
                once(has_shape);
                read_shape();
            } else {
                fail({"the keys descr, fortran_order and shape expected in the header, ", in_quotes(key), " found"});
            }
            if (take(',')) continue;
            require('}', "a comma or the end of the dictionary");
            break;
        }
        if (!has_type || !has_order || !has_shape) {
            fail({"the header lacks ", !has_type ? "descr" : !has_order ? "fortran_order" : "shape"});
        }
        skip_blanks();
        if (rest_ != "\n") fail({"spaces and one line end expected behind the header's dictionary"});
        return std::move(header_);
    }

private:
    void read_type() {
        if (peek() == '[') fail({"an array of records (a structured dtype)"}, save_numbers);
        const std::string_view text = string("descr: a type");
        const std::string_view name = text.substr(std::min<std::size_t>(text.size(), 1));
        if (name.starts_with('O')) {
            fail({"an array of Python objects, which would have to be executed"}, save_numbers);
        }
        const auto* const found =
            std::find_if(npy_types.begin(), npy_types.end(), [&](const npy_type& row) { return row.name == name; });
        const bool one_byte = found != npy_types.end() && dtype_bits(found->type) == 8;
        if (found == npy_types.end() ||
            std::string_view(one_byte ? "|<>" : "<>").find(text.front()) == std::string_view::npos) {
            fail({"the type ", in_quotes(text), " is not supported"}, save_numbers);
        }
        header_.type = found->type;
        header_.big_endian = text.front() == '>' && !one_byte;
    }

    bool boolean() {
        peek();
        for (const std::string_view word : {"False", "True"}) {
            if (!rest_.starts_with(word)) continue;
            rest_.remove_prefix(word.size());
            return word == "True";
        }
        unexpected("fortran_order: True or False");
    }

    void read_shape() {
        auto& extents = header_.extents;
        require('(', "shape: a tuple");
        while (!take(')')) {
            if (extents.size() == npy_limits::rank) fail({"more than ", npy_limits::rank, " axes"});
            extents.push_back(whole_number());
            if (take(',')) continue;
            if (extents.size() == 1) unexpected("a comma in the tuple of one extent");
            require(')', "a comma or the end of the shape");
            break;
        }
    }

    std::uint64_t whole_number() {
        peek();
        std::uint64_t number = 0;
        const std::string_view before = rest_;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1)) {
            const auto tens = checked_product(number, 10);
            const auto sum = tens ? checked_sum(*tens, static_cast<std::uint64_t>(rest_.front() - '0')) : std::nullopt;
            if (!sum) fail({"an extent of more than 64 bits in the shape"});
            number = *sum;
        }
        if (before.size() == rest_.size()) unexpected("shape: whole numbers from 0");
        if (!rest_.empty() && rest_.front() == 'L') rest_.remove_prefix(1);  // Python 2 wrote 3L
        return number;
    }

    std::string_view string(std::string_view what) {
        const char quote = peek();
        const std::size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
        if (end == std::string_view::npos) unexpected(concat({what, " in quotes"}));
        const std::string_view text = rest_.substr(1, end - 1);
        if (text.find('\\') != std::string_view::npos) fail({"a backslash in ", in_quotes(text)});
        rest_.remove_prefix(end + 1);
        return text;
    }

    void skip_blanks() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
    }

    /// The next character that is no blank; zero at the end.
    char peek() {
        skip_blanks();
        return rest_.empty() ? '\0' : rest_.front();
    }

    bool take(char character) {
        if (peek() != character || rest_.empty()) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void require(char character, std::string_view what) {
        if (!take(character)) unexpected(what);
    }

    [[noreturn]] STRATA_OUT_OF_LINE void unexpected(std::string_view what) const {
        fail({"the header should have ", what, ", not ", in_quotes(rest_, 20)});
    }

    [[noreturn]] void fail(std::initializer_list<text_piece> what, std::string_view advice = damaged) const {
        raise<file_error>({file_, ": ", concat(what), advice});
    }

    static constexpr std::string_view save_numbers =
        " (save an array of bool, integers of 1 to 8 bytes, or floats of 2, 4 or 8 bytes)";

    std::string_view rest_;
    const std::string& file_;
    npy_header header_;
};

/// Reads the first bytes of an .npy file, up to its values, and compares the shape with what is left of the file.
/// Throws file_error. Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
[[nodiscard]] STRATA_OUT_OF_LINE inline npy_header read_npy_header(byte_source& source) {
    constexpr std::string_view magic = "\x93NUMPY", truncated = " (truncated download? delete it and fetch it again)";
    const auto fail = [&](std::initializer_list<text_piece> what, std::string_view advice) {
        raise<file_error>({source.name(), ": ", concat(what), advice});
    };
    std::array<char, 8> start{};
    const std::size_t count = source.read(std::as_writable_bytes(std::span(start)));
    if (!std::string_view(start.data(), count).starts_with(magic.substr(0, std::min(count, magic.size()))) ||
        count == 0) {
        const auto kind = kind_of_file(std::as_bytes(std::span(start)).first(std::min<std::size_t>(count, 4)));
        fail({"an .npy file expected, ", kind.empty() ? "it should begin with \\x93NUMPY" : "this is ", kind},
             kind.starts_with("a zip") ? " (read .npz files with load_npz)" : " (give a file that numpy.save wrote)");
    }
    if (count < start.size()) fail({"the .npy header ends after ", count, " bytes"}, truncated);
    const auto major = static_cast<std::uint8_t>(start[6]), minor = static_cast<std::uint8_t>(start[7]);
    if (major < 1 || major > 3 || minor != 0) {
        fail({"version 1.0, 2.0 or 3.0 of the .npy format expected, ", major, ".", minor, " found"},
             " (newer than this library? save it with an older NumPy)");
    }
    std::array<std::byte, 4> length{};
    const std::size_t width = major == 1 ? 2 : 4;
    if (source.read(std::span(length).first(width)) < width) fail({"the .npy header ends in its length"}, truncated);
    const std::uint64_t size = little_endian(std::span(length).first(width));
    if (size > source.most_left()) {
        fail({"an .npy header of ", size, " bytes expected, ", source.most_left(), " are left"}, truncated);
    }
    if (size > npy_limits::header) {
        fail({"an .npy header of ", size, " bytes, at most ", npy_limits::header, " are allowed"},
             npy_header_reader::damaged);
    }
    std::string text(size, '\0');
    if (source.read(std::as_writable_bytes(std::span(text))) < text.size()) {
        fail({"the .npy header ends early"}, truncated);
    }
    npy_header header = npy_header_reader(text, source.name()).read();
    const auto elements = checked_element_count(header.extents);
    const auto bytes = elements ? dtype_bytes(header.type, *elements) : std::nullopt;
    if (!bytes || !checked_size(*bytes) || *bytes > std::numeric_limits<std::int64_t>::max()) {
        fail({"more bytes than a program can address: the shape is ", extents_text(header.extents)},
             npy_header_reader::damaged);
    }
    if (*bytes > source.most_left()) {
        fail({"the shape ", extents_text(header.extents), " of type ", dtype_name(header.type), " takes ", *bytes,
              " bytes, ", source.most_left(), " are left"},
             truncated);
    }
    header.bytes = static_cast<std::size_t>(*bytes);
    return header;
}

/// The first bytes of the .npy file of such an array, the same that NumPy writes: version 1.0, row-major,
/// little-endian, padded so that the values begin at a multiple of 64, with room for a longer first extent.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::string npy_preamble(dtype type, std::span<const std::size_t> extents) {
    const auto* const found =
        std::find_if(npy_types.begin(), npy_types.end(), [&](const npy_type& row) { return row.type == type; });
    if (found == npy_types.end() || extents.size() > npy_limits::rank) {
        raise<value_error>({"npy: an array of type ", dtype_name(type), " with ", extents.size(),
                            " axes cannot be written (convert it; at most ", npy_limits::rank, " axes)"});
    }
    std::string text = concat({"{'descr': '", dtype_bits(type) == 8 ? "|" : "<", found->name,
                               "', 'fortran_order': False, 'shape': ", extents_text(extents), ", }"});
    if (!extents.empty()) text.append(21 - concat({extents[0]}).size(), ' ');
    text.append(64 - (10 + text.size() + 1) % 64, ' ');
    text += '\n';
    std::string preamble = "\x93NUMPY\1";
    append_little_endian(preamble, 0, 1);
    append_little_endian(preamble, text.size(), 2);
    return preamble + text;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
