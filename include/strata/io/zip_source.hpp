#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/printable.hpp"
#include "strata/core/text.hpp"
#include "strata/io/zip.hpp"
#include "strata/system/byte_source.hpp"
#include "strata/system/byte_storage.hpp"
#include "strata/system/crc32.hpp"
#include "strata/system/deflate.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// A byte_source over the unpacked bytes of a file in a zip archive. It unpacks only as much as is asked for;
/// expect_end compares the size and the checksum. Throws file_error for damaged data.
class zip_source final : public byte_source {
public:
    /// Both must outlive it.
    zip_source(const byte_storage& storage, const zip_entry& entry)
        : byte_source(concat({storage.name(), ": ", in_quotes(entry.name)})), storage_(storage), entry_(entry) {
        if (entry.method == 0) return;
#ifdef STRATA_HAS_ZLIB
        inflater_.emplace();
        buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(entry.packed, 65536)));
#else
        fail(
            {"packed with deflate, and this program was built without zlib (install zlib's development package and "
             "build again, or save it with numpy.savez)"});
#endif
    }

    std::size_t read(std::span<std::byte> into) override {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), most_left()));
        into = into.first(wanted);
        const std::size_t count = entry_.method == 0 ? copy(into) : unpack(into);
        crc_ = crc32_of(into.first(count), crc_);
        produced_ += count;
        return count;
    }

    /// As the table of contents says; the reader of the table has compared it with the packed size.
    [[nodiscard]] std::uint64_t most_left() const override { return entry_.size - produced_; }

    void expect_end() override {
        if (most_left() != 0) refuse_trailing_bytes(name(), most_left());
        if (entry_.method != 0) expect_end_of_stream();
        if (crc_ != entry_.crc) {
            fail({"its checksum (CRC-32) is ", crc_, ", the archive says ", entry_.crc,
                  " (damaged? delete it and fetch it again)"});
        }
    }

private:
    std::size_t copy(std::span<std::byte> into) {
        storage_.read_at(entry_.data + produced_, into);
        return into.size();
    }

#ifdef STRATA_HAS_ZLIB
    std::size_t unpack(std::span<std::byte> into) {
        std::size_t done = 0;
        while (done < into.size() && !inflater_->ended()) {
            if (inflater_->hungry()) {
                const auto count =
                    static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), entry_.packed - used_));
                if (count == 0) break;
                storage_.read_at(entry_.data + used_, std::span(buffer_).first(count));
                inflater_->feed(std::span(buffer_).first(count));
                used_ += count;
            }
            const char* problem = nullptr;
            done += inflater_->unpack(into.subspan(done), problem);
            if (problem != nullptr)
                fail({"damaged after ", produced_ + done, " unpacked bytes: ", problem,
                      " (delete it and fetch it again)"});
        }
        return done;
    }

    void expect_end_of_stream() {
        std::byte extra{};
        if (unpack({&extra, 1}) != 0)
            fail({"unpacks to more than the ", entry_.size, " bytes that the archive says (damaged?)"});
        if (!inflater_->ended() || !inflater_->hungry() || used_ != entry_.packed)
            fail({"its packed bytes do not end where the archive says (damaged? delete it and fetch it again)"});
    }

    std::optional<inflater> inflater_;
    std::uint64_t used_ = 0;  ///< packed bytes that the inflater has been given
#else
    std::size_t unpack(std::span<std::byte>) { return 0; }
    void expect_end_of_stream() {}
#endif

    [[noreturn]] STRATA_OUT_OF_LINE void fail(std::initializer_list<text_piece> what) const {
        raise<file_error>({name(), ": ", concat(what)});
    }

    const byte_storage& storage_;
    const zip_entry& entry_;
    std::uint64_t produced_ = 0;
    std::uint32_t crc_ = 0;
    std::vector<std::byte> buffer_;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
