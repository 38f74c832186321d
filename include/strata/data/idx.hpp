#pragma once

#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/system/byte_source.hpp"
#include "strata/system/file_kind.hpp"
#include "strata/system/gzip.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// An array of unsigned bytes from an idx file, the last axis running fastest.
struct idx_array {
    std::vector<std::size_t> extents;
    std::vector<std::uint8_t> values;
};

/// What the caller of `read_idx` knows about the file.
struct idx_expectation {
    /// Stands for an extent that the file decides.
    static constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

    std::vector<std::size_t> extents;   ///< one for each axis, `any` where the file decides
    std::string_view items = "items";   ///< what messages call the entries of the first axis: "images", "labels"
    std::string_view data_set = "idx";  ///< what messages begin with: "mnist"
};

namespace detail {

inline constexpr std::string_view fetch_again = " (truncated download? delete it and fetch it again)";
inline constexpr std::string_view wrong_file = " (another file under this name? delete it and fetch it again)";
inline constexpr std::string_view other_data =
    " (an idx file of other data: give the right one, or read this one with read_idx)";

/// The name of an idx element type; the third byte of the file.
[[nodiscard]] inline std::string_view idx_type_name(std::uint8_t type) {
    switch (type) {
        case 0x08:
            return "unsigned byte";
        case 0x09:
            return "signed byte";
        case 0x0b:
            return "short";
        case 0x0c:
            return "int";
        case 0x0d:
            return "float";
        case 0x0e:
            return "double";
        default:
            return "unknown";
    }
}

/// The extents in the header of an idx file of unsigned bytes, compared with what the caller expects.
[[nodiscard]] inline std::vector<std::uint64_t> read_idx_header(byte_source& source, const idx_expectation& expected) {
    const auto fail = [&](std::initializer_list<text_piece> what, std::string_view advice) {
        raise<file_error>({source.name(), ": ", concat(what), advice});
    };
    const auto read_word = [&](std::uint64_t offset) {
        std::array<std::byte, 4> word{};
        const std::size_t count = source.read(word);
        if (count < word.size()) {
            fail({"an idx header of ", 4 + 4 * expected.extents.size(), " bytes expected, file ends after ",
                  offset + count, " bytes"},
                 fetch_again);
        }
        return word;
    };

    const auto magic = read_word(0);
    if (magic[0] != std::byte{0} || magic[1] != std::byte{0}) {
        if (const auto kind = kind_of_file(magic); !kind.empty()) {
            fail({"an idx file expected, plain or packed with gzip, this is ", kind}, " (unpack it)");
        }
        fail({"not an idx file: it should begin with two zero bytes"}, wrong_file);
    }
    if (const auto type = std::to_integer<std::uint8_t>(magic[2]); type != 0x08) {
        fail({"elements of type 8 (unsigned byte) expected, type ", type, " (", idx_type_name(type), ") found"},
             idx_type_name(type) == "unknown" ? wrong_file : " (other types are not supported: convert the file)");
    }
    if (const auto rank = std::to_integer<std::size_t>(magic[3]); rank != expected.extents.size()) {
        fail({"rank ", expected.extents.size(), " expected for ", expected.items, ", rank ", rank, " found"},
             other_data);
    }
    std::vector<std::uint64_t> extents;
    for (const std::size_t wanted : expected.extents) {
        std::uint64_t extent = 0;  // big-endian, whatever machine this is
        for (const std::byte byte : read_word(4 + 4 * extents.size())) {
            extent = extent << 8U | std::to_integer<std::uint64_t>(byte);
        }
        if (wanted != idx_expectation::any && extent != wanted) {
            fail({"axis ", extents.size(), " of the ", expected.items, ": extent ", wanted, " expected, ", extent,
                  " found"},
                 other_data);
        }
        extents.push_back(extent);
    }
    return extents;
}

}  // namespace detail

/// Reads an idx array of unsigned bytes from any source of bytes; `read_idx` below is the usual way in.
///
/// Throws file_error for another type, rank or extent, for a file that is too short or too long, and for damage.
[[nodiscard]] inline idx_array parse_idx(detail::byte_source& source, const idx_expectation& expected) {
    const std::vector<std::uint64_t> extents = detail::read_idx_header(source, expected);
    const std::uint64_t header_size = 4 + 4 * extents.size();
    const auto size = detail::checked_element_count(extents);
    const auto end = size ? detail::checked_sum(header_size, *size) : std::nullopt;
    const std::uint64_t most = source.most_left();
    const std::uint64_t items = extents.empty() ? 1 : extents.front();
    const auto fail = [&](std::initializer_list<text_piece> what) {
        raise<file_error>({source.name(), ": ", items, " ", expected.items, " expected, ", concat(what)});
    };
    if (!end || !detail::checked_size(*end)) {
        fail({"more bytes than a program can address: the header says ", detail::extents_text(extents),
              detail::wrong_file});
    }
    // `most` is exact in a plain file, and what the packed bytes can hold at most in a gzip file: either way memory is
    // asked for only when the file may really fill it.
    if (*size > most) {
        fail({"file ends after ", header_size + most, " bytes", detail::fetch_again});
    }
    idx_array array;
    array.extents.assign(extents.begin(), extents.end());
    array.values.resize(static_cast<std::size_t>(*size));
    const std::size_t count = source.read({reinterpret_cast<std::byte*>(array.values.data()), array.values.size()});
    if (count < array.values.size()) {
        fail({"file ends after ", header_size + count, " bytes", detail::fetch_again});
    }
    source.expect_end();
    return array;
}

/// Reads an idx file of unsigned bytes, plain or packed with gzip (told apart by content, not by name).
///
/// Throws file_error for a missing file, another type, rank or extent, a file too short or too long, and damage.
/// Source: the idx format, http://yann.lecun.com/exdb/mnist/
[[nodiscard]] inline idx_array read_idx(const std::filesystem::path& path, const idx_expectation& expected) {
    const auto source = detail::open_unpacked(path, concat({expected.data_set, ": ", path.string()}));
    return parse_idx(*source, expected);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::idx_array;
using authoring::idx_expectation;
using authoring::read_idx;
}  // namespace strata
