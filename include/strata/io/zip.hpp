#pragma once

#include "strata/core/byte_order.hpp"
#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/system/byte_storage.hpp"
#include "strata/system/deflate.hpp"
#include "strata/system/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// What a zip file says about one of its files.
struct zip_entry {
    std::string name;  ///< never a path to open
    std::uint16_t flags = 0;
    std::uint16_t method = 0;  ///< 0: stored, 8: deflated
    std::uint32_t crc = 0;
    std::uint64_t packed = 0, size = 0;  ///< bytes, in the file and unpacked
    std::uint64_t header = 0, data = 0;  ///< where its own header begins, and its bytes
};

/// A number of a zip file.
[[nodiscard]] inline std::uint64_t zip_number(std::span<const std::byte> bytes, std::size_t at, std::size_t width) {
    return little_endian(bytes.subspan(at, width));
}

/// Reads the table of contents of a zip file, and compares it with the headers of its files.
///
/// The files must lie one behind the other from the first byte on, then the table, then its end, and nothing else: an
/// archive in which one file's bytes are counted twice, or that hides bytes, is refused.
/// Source: PKWARE, APPNOTE.TXT 6.3.
class zip_directory_reader {
public:
    explicit zip_directory_reader(const byte_storage& storage) : storage_(storage) {}

    [[nodiscard]] STRATA_OUT_OF_LINE std::vector<zip_entry> read() {
        read_end();
        if (count_ > size_ / 46) fail({"a table of ", count_, " files expected, there are ", size_, " bytes for it"});
        const std::vector<std::byte> table = bytes(begin_, size_);
        std::vector<zip_entry> entries;
        std::size_t at = 0;
        for (std::uint64_t i = 0; i < count_; ++i) entries.push_back(read_entry(table, at));
        if (at != table.size()) fail({"the table of contents has ", table.size(), " bytes, its files take ", at});
        for (zip_entry& entry : entries) check_own_header(entry);
        check_layout(entries);
        return entries;
    }

private:
    static constexpr std::string_view damaged = " (damaged? delete it and fetch it again)";
    static constexpr std::uint64_t no_number_32 = 0xffffffff, no_number_16 = 0xffff;  // it stands in the zip64 part

    std::vector<std::byte> bytes(std::uint64_t offset, std::uint64_t count) const {
        if (offset > storage_.size() || count > storage_.size() - offset)
            fail({count, " bytes expected from byte ", offset, " on, the file has ", storage_.size()});
        std::vector<std::byte> result(count);
        storage_.read_at(offset, result);
        return result;
    }

    /// The end of the file: how many entries the table has, and where it is.
    void read_end() {
        constexpr std::size_t length = 22, locator_length = 20, length64 = 56;
        const auto first = bytes(0, std::min<std::uint64_t>(storage_.size(), 4));
        const auto kind = kind_of_file(first);
        const bool empty_archive = first.size() == 4 && zip_number(first, 0, 4) == 0x06054b50;
        if (!kind.starts_with("a zip") && !empty_archive) {
            fail({"an .npz file (a zip archive) expected, ", kind.empty() ? "this is none" : "this is ", kind},
                 kind.starts_with("a NumPy") ? " (read .npy files with load_npy)" : damaged);
        }
        if (storage_.size() < length) fail({"the zip archive ends after ", storage_.size(), " bytes"});
        std::uint64_t end = storage_.size() - length;
        const auto record = bytes(end, length);
        if (zip_number(record, 0, 4) != 0x06054b50 || zip_number(record, 20, 2) != 0) {
            fail({"the end of the zip archive should be the last ", length, " bytes of the file, without a comment"},
                 " (truncated download, or bytes behind the archive? delete it and fetch it again)");
        }
        count_ = zip_number(record, 10, 2);
        size_ = zip_number(record, 12, 4);
        begin_ = zip_number(record, 16, 4);
        bool one_disk = zip_number(record, 8, 2) == count_ && zip_number(record, 4, 4) == 0;
        // 65,535 files are as many as 16 bits hold, too.
        const bool has_locator =
            end >= locator_length && zip_number(bytes(end - locator_length, 4), 0, 4) == 0x07064b50;
        if (size_ == no_number_32 || begin_ == no_number_32 || (count_ == no_number_16 && has_locator)) {
            if (end < locator_length + length64) fail({"the zip64 end of the archive is not there"});
            const auto locator = bytes(end - locator_length, locator_length);
            end -= locator_length + length64;
            const auto large = bytes(end, length64);
            if (zip_number(locator, 0, 4) != 0x07064b50 || zip_number(locator, 8, 8) != end ||
                zip_number(large, 0, 4) != 0x06064b50 || zip_number(large, 4, 8) != length64 - 12) {
                fail({"the zip64 end of the archive should begin at byte ", end});
            }
            count_ = zip_number(large, 32, 8);
            size_ = zip_number(large, 40, 8);
            begin_ = zip_number(large, 48, 8);
            one_disk = zip_number(large, 24, 8) == count_ && zip_number(large, 16, 8) == 0 &&
                       zip_number(locator, 4, 4) == 0 && zip_number(locator, 16, 4) == 1;
        }
        if (!one_disk) fail({"an archive in several parts"}, " (join it, or save it anew)");
        if (checked_sum(begin_, size_) != end) {
            fail({"the table of contents should end at byte ", end, ", it is said to have ", size_, " bytes from byte ",
                  begin_, " on"});
        }
    }

    zip_entry read_entry(std::span<const std::byte> table, std::size_t& at) const {
        constexpr std::size_t length = 46;
        const auto part = table.subspan(at);
        if (part.size() < length || zip_number(part, 0, 4) != 0x02014b50)
            fail({"an entry of the table of contents expected at byte ", begin_ + at});
        const std::size_t name = zip_number(part, 28, 2), extra = zip_number(part, 30, 2),
                          comment = zip_number(part, 32, 2);
        if (part.size() - length < name + extra + comment)
            fail({"the entry of the table of contents at byte ", begin_ + at, " is longer than the table"});
        zip_entry entry{text(part.subspan(length, name)),
                        static_cast<std::uint16_t>(zip_number(part, 8, 2)),
                        static_cast<std::uint16_t>(zip_number(part, 10, 2)),
                        static_cast<std::uint32_t>(zip_number(part, 16, 4)),
                        zip_number(part, 20, 4),
                        zip_number(part, 24, 4),
                        zip_number(part, 42, 4)};
        read_large(entry, part.subspan(length + name, extra), {&entry.size, &entry.packed, &entry.header});
        if (zip_number(part, 34, 2) != 0) fail(entry, {"it is in another part of the archive"});
        check_supported(entry);
        at += length + name + extra + comment;
        return entry;
    }

    /// Replaces the numbers that are too large for 32 bits by those of the zip64 extra field, in this order.
    void read_large(const zip_entry& entry, std::span<const std::byte> extra,
                    std::initializer_list<std::uint64_t*> numbers) const {
        std::span<const std::byte> large;
        bool seen = false;
        while (!extra.empty()) {
            if (extra.size() < 4 || extra.size() - 4 < zip_number(extra, 2, 2))
                fail(entry, {"an extra field is longer than its room"});
            const std::size_t size = zip_number(extra, 2, 2);
            if (zip_number(extra, 0, 2) == 1) {
                if (std::exchange(seen, true)) fail(entry, {"two zip64 fields"});
                large = extra.subspan(4, size);
            }
            extra = extra.subspan(4 + size);
        }
        for (std::uint64_t* const number : numbers) {
            if (*number != no_number_32) continue;
            if (large.size() < 8) fail(entry, {"a size is missing in its zip64 field"});
            *number = zip_number(large, 0, 8);
            large = large.subspan(8);
        }
        if (!large.empty()) fail(entry, {"its zip64 field has ", large.size(), " bytes too many"});
    }

    void check_supported(const zip_entry& entry) const {
        constexpr std::uint16_t encrypted = 1U, sizes_behind = 8U, utf8 = 0x800U, levels = 6U;
        if (entry.name.find('\0') != std::string::npos) fail(entry, {"a zero in its name"});
        if ((entry.flags & encrypted) != 0) fail(entry, {"it is encrypted"}, " (save it without a password)");
        if ((entry.flags & sizes_behind) != 0) {
            fail(entry, {"its sizes stand behind its bytes, as in archives that were written to a pipe"},
                 " (not supported: save it to a file)");
        }
        if ((entry.flags & ~(utf8 | levels)) != 0) fail(entry, {"unknown flags ", entry.flags});
        if (entry.method != 0 && entry.method != 8) {
            fail(entry, {"packed by method ", entry.method, ", stored (0) or deflated (8) expected"},
                 " (save it with numpy.savez or savez_compressed)");
        }
        if (entry.method == 0 && entry.packed != entry.size)
            fail(entry, {"stored in ", entry.packed, " bytes, which should be ", entry.size});
        if (entry.size > most_inflated(entry.packed))
            fail(entry, {entry.packed, " packed bytes cannot hold the ", entry.size, " that it should have"});
    }

    /// Compares the header in front of an entry's bytes with the table of contents, and finds those bytes.
    void check_own_header(zip_entry& entry) const {
        constexpr std::size_t length = 30;
        if (entry.header >= begin_) fail(entry, {"it should begin before byte ", begin_, ", not at ", entry.header});
        const auto part = bytes(entry.header, length);
        if (zip_number(part, 0, 4) != 0x04034b50) fail(entry, {"its header expected at byte ", entry.header});
        const std::size_t name = zip_number(part, 26, 2), extra = zip_number(part, 28, 2);
        const auto rest = bytes(entry.header + length, name + extra);
        std::uint64_t packed = zip_number(part, 18, 4), size = zip_number(part, 22, 4);
        read_large(entry, std::span(rest).subspan(name), {&size, &packed});
        if (text(std::span(rest).first(name)) != entry.name || zip_number(part, 6, 2) != entry.flags ||
            zip_number(part, 8, 2) != entry.method || zip_number(part, 14, 4) != entry.crc || size != entry.size ||
            packed != entry.packed) {
            fail(entry, {"its own header and the table of contents say different things"});
        }
        entry.data = entry.header + length + name + extra;
    }

    void check_layout(const std::vector<zip_entry>& entries) const {
        std::vector<const zip_entry*> in_file;
        for (const zip_entry& entry : entries) in_file.push_back(&entry);
        std::sort(in_file.begin(), in_file.end(), [](auto* a, auto* b) { return a->header < b->header; });
        std::uint64_t end = 0;
        for (const zip_entry* const entry : in_file) {
            if (entry->header != end) {
                fail(*entry, {entry->header < end ? "it overlaps the one before it: it" : "a hole before it: it",
                              " begins at byte ", entry->header, ", not at ", end});
            }
            // What has passed check_own_header begins inside of the file.
            const auto next = checked_sum(entry->data, entry->packed);
            if (!next || *next > begin_)
                fail(*entry, {"its ", entry->packed, " bytes reach into the table of contents"});
            end = *next;
        }
        if (end != begin_) fail({"the files end at byte ", end, ", the table of contents begins at ", begin_});
    }

    static std::string text(std::span<const std::byte> bytes) {
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    [[noreturn]] STRATA_OUT_OF_LINE void fail(std::initializer_list<text_piece> what,
                                              std::string_view advice = damaged) const {
        raise<file_error>({storage_.name(), ": ", concat(what), advice});
    }

    [[noreturn]] STRATA_OUT_OF_LINE void fail(const zip_entry& entry, std::initializer_list<text_piece> what,
                                              std::string_view advice = damaged) const {
        raise<file_error>({storage_.name(), ": ", in_quotes(entry.name), ": ", concat(what), advice});
    }

    const byte_storage& storage_;
    std::uint64_t count_ = 0, begin_ = 0, size_ = 0;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
