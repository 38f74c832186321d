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
#include <span>
#include <string_view>
#include <utility>
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

/// Takes the header of an idx file from a source, piece by piece.
class idx_header_reader {
public:
    idx_header_reader(byte_source& source, std::size_t expected_rank) : source_(source), size_(4 + 4 * expected_rank) {}

    /// The element type and the rank.
    [[nodiscard]] std::pair<std::uint8_t, std::size_t> magic() {
        const auto word = read_word();
        if (word[0] != std::byte{0} || word[1] != std::byte{0}) {
            if (const auto kind = kind_of_file(word); !kind.empty()) {
                fail({"an idx file expected, plain or packed with gzip, this is ", kind}, " (unpack it)");
            }
            fail({"not an idx file: it should begin with two zero bytes"}, wrong_file);
        }
        const auto rank = std::to_integer<std::size_t>(word[3]);
        return {std::to_integer<std::uint8_t>(word[2]), rank};
    }

    /// The next extent.
    [[nodiscard]] std::uint64_t extent() {
        std::uint64_t extent = 0;  // big-endian, whatever machine this is
        for (const std::byte byte : read_word()) extent = extent << 8U | std::to_integer<std::uint64_t>(byte);
        return extent;
    }

    /// The size of the header, once the rank is known.
    void set_rank(std::size_t rank) { size_ = 4 + 4 * rank; }

    [[noreturn]] void fail(std::initializer_list<text_piece> what, std::string_view advice) const {
        raise<file_error>({source_.name(), ": ", concat(what), advice});
    }

private:
    std::array<std::byte, 4> read_word() {
        std::array<std::byte, 4> word{};
        const std::size_t count = source_.read(word);
        read_ += count;
        if (count < word.size()) {
            fail({"an idx header of ", size_, " bytes expected, file ends after ", read_, " bytes"}, fetch_again);
        }
        return word;
    }

    byte_source& source_;
    std::size_t size_;
    std::size_t read_ = 0;
};

/// The extents in the header of an idx file of unsigned bytes, compared with what the caller expects.
[[nodiscard]] inline std::vector<std::uint64_t> read_idx_header(byte_source& source, const idx_expectation& expected) {
    idx_header_reader header(source, expected.extents.size());
    const auto [type, rank] = header.magic();
    if (type != 0x08) {
        header.fail({"elements of type 8 (unsigned byte) expected, type ", type, " (", idx_type_name(type), ") found"},
                    idx_type_name(type) == "unknown" ? wrong_file : " (read other types with load_idx)");
    }
    if (rank != expected.extents.size()) {
        header.fail({"rank ", expected.extents.size(), " expected for ", expected.items, ", rank ", rank, " found"},
                    other_data);
    }
    std::vector<std::uint64_t> extents;
    for (const std::size_t wanted : expected.extents) {
        const std::uint64_t extent = header.extent();
        if (wanted != idx_expectation::any && extent != wanted) {
            header.fail({"axis ", extents.size(), " of the ", expected.items, ": extent ", wanted, " expected, ",
                         extent, " found"},
                        other_data);
        }
        extents.push_back(extent);
    }
    return extents;
}

/// Reads the values of an idx file, whose header says how many: make_room(bytes) returns where to.
template <class MakeRoom>
void read_idx_values(byte_source& source, std::span<const std::uint64_t> extents, std::size_t width,
                     std::string_view items, MakeRoom make_room) {
    const std::uint64_t header_size = 4 + 4 * extents.size();
    const auto count = checked_element_count(extents);
    const auto size = count ? checked_product(*count, width) : std::nullopt;
    const auto end = size ? checked_sum(header_size, *size) : std::nullopt;
    const std::uint64_t most = source.most_left();
    const std::uint64_t first = extents.empty() ? 1 : extents.front();
    const auto fail = [&](std::initializer_list<text_piece> what) {
        raise<file_error>({source.name(), ": ", first, " ", items, " expected, ", concat(what)});
    };
    if (!end || !checked_size(*end)) {
        fail({"more bytes than a program can address: the header says ", extents_text(extents), wrong_file});
    }
    // `most` is exact in a plain file, and what the packed bytes can hold at most in a gzip file: either way memory is
    // asked for only when the file may really fill it.
    if (*size > most) fail({"file ends after ", header_size + most, " bytes", fetch_again});
    const std::span<std::byte> room = make_room(static_cast<std::size_t>(*size));
    if (const std::size_t got = source.read(room); got < room.size()) {
        fail({"file ends after ", header_size + got, " bytes", fetch_again});
    }
    source.expect_end();
}

}  // namespace detail

/// Reads an idx array of unsigned bytes from any source of bytes; `read_idx` below is the usual way in.
///
/// Throws file_error for another type, rank or extent, for a file that is too short or too long, and for damage.
[[nodiscard]] inline idx_array parse_idx(detail::byte_source& source, const idx_expectation& expected) {
    const std::vector<std::uint64_t> extents = detail::read_idx_header(source, expected);
    idx_array array;
    detail::read_idx_values(source, extents, 1, expected.items, [&](std::size_t size) {
        array.values.resize(size);
        return std::as_writable_bytes(std::span(array.values));
    });
    array.extents.assign(extents.begin(), extents.end());
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
