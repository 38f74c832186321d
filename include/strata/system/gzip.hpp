#pragma once

#include "strata/core/checked.hpp"
#include "strata/core/errors.hpp"
#include "strata/system/byte_source.hpp"
#include "strata/system/file.hpp"

// STRATA_NO_ZLIB: for programs that are not linked with zlib, though its header is there.
#if __has_include(<zlib.h>) && !defined(STRATA_NO_ZLIB)
#define STRATA_HAS_ZLIB 1
#include <zlib.h>
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Whether a file that begins with these bytes is a gzip file; its name does not matter.
[[nodiscard]] inline bool is_gzip(std::span<const std::byte> first) {
    return first.size() >= 2 && first[0] == std::byte{0x1f} && first[1] == std::byte{0x8b};
}

/// The most bytes that so many deflated ones unpack to: deflate's shortest code for its longest match takes 2 bits for
/// 258 bytes, so a packed byte gives at most 1032.
[[nodiscard]] inline std::uint64_t most_inflated(std::uint64_t packed) {
    return checked_product(packed, 1032).value_or(std::numeric_limits<std::uint64_t>::max());
}

#ifdef STRATA_HAS_ZLIB

/// A byte_source over the unpacked bytes of a gzip file (RFC 1952): of all its members, one after the other. Zeros
/// behind a member are padding.
///
/// It unpacks only as much as is asked for, so a small file that unpacks without end costs no more than what the
/// reader took its header to say. Throws file_error for damaged data.
class gzip_source final : public byte_source {
public:
    explicit gzip_source(std::unique_ptr<byte_source> packed)
        : byte_source(packed->name()),
          packed_(std::move(packed)),
          packed_size_(packed_->most_left()),
          input_(static_cast<std::size_t>(std::clamp<std::uint64_t>(packed_size_, 1, 65536))) {
        // 15 + 16: the largest window, and gzip's header and trailer rather than zlib's.
        if (::inflateInit2(&stream_, 15 + 16) != Z_OK)
            raise<file_error>({name(), ": zlib cannot start (out of memory?)"});
    }

    ~gzip_source() override { ::inflateEnd(&stream_); }

    std::size_t read(std::span<std::byte> into) override {
        std::size_t done = 0;
        while (done < into.size() && (!between_members_ || next_member())) {
            refill();
            const std::size_t wanted = std::min<std::size_t>(into.size() - done, 1U << 30U);
            stream_.next_out = reinterpret_cast<Bytef*>(into.data() + done);
            stream_.avail_out = static_cast<uInt>(wanted);
            const int status = ::inflate(&stream_, Z_NO_FLUSH);
            const std::size_t got = wanted - stream_.avail_out;
            done += got;
            produced_ += got;
            if (status == Z_STREAM_END) {
                between_members_ = true;
            } else if (status == Z_BUF_ERROR && packed_->most_left() == 0) {
                break;  // the packed bytes ran out; the caller or expect_end() says so
            } else if (status != Z_OK) {
                refuse(stream_.msg != nullptr ? stream_.msg : "no progress");
            }
        }
        return done;
    }

    [[nodiscard]] std::uint64_t most_left() const override { return most_inflated(packed_size_) - produced_; }

    [[nodiscard]] bool is_packed() const override { return true; }

    void expect_end() override {
        const std::uint64_t expected = produced_;
        std::array<std::byte, 1> extra{};
        if (read(extra) != 0) {
            raise<file_error>({name(), ": unpacks to more than the ", expected,
                               " bytes that its header says (damaged? delete it and fetch it again)"});
        }
        if (!between_members_) {
            raise<file_error>(
                {name(), ": the gzip stream ends early, after ", produced_,
                 " unpacked bytes and before its checksum (truncated download? delete it and fetch it again)"});
        }
        const std::uint64_t trailing = stream_.avail_in + packed_->most_left();
        if (trailing != 0) {
            raise<file_error>({name(), ": ", trailing, trailing == 1 ? " byte follows" : " bytes follow",
                               " the gzip stream (damaged? delete it and fetch it again)"});
        }
        packed_->expect_end();
    }

private:
    void refill() {
        if (stream_.avail_in != 0) return;
        stream_.avail_in = static_cast<uInt>(packed_->read(input_));
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    }

    /// Goes from the end of a member to the start of the next one, if there is one.
    bool next_member() {
        for (refill(); stream_.avail_in > 0 && *stream_.next_in == 0; refill()) {
            ++stream_.next_in;
            --stream_.avail_in;
        }
        if (stream_.avail_in == 0 || *stream_.next_in != 0x1f) return false;
        ::inflateReset(&stream_);
        between_members_ = false;
        return true;
    }

    /// Throws the error for what zlib does not take, by what zlib says about it.
    [[noreturn]] STRATA_OUT_OF_LINE void refuse(std::string_view problem) const {
        if (problem.starts_with("unknown ")) {  // "unknown compression method", "unknown header flags set"
            raise<file_error>({name(), ": packed in a way that is not supported: ", problem,
                               " (unpack it with another program; damaged? fetch it again)"});
        }
        raise<file_error>({name(), ": gzip data damaged after ", produced_, " unpacked bytes: ", problem,
                           " (damaged download? delete it and fetch it again)"});
    }

    std::unique_ptr<byte_source> packed_;
    std::uint64_t packed_size_;
    std::uint64_t produced_ = 0;
    bool between_members_ = false;  ///< a member has ended, with its checksum
    std::vector<std::byte> input_;
    z_stream stream_{};
};

#else

/// Stands in for the gzip reader where zlib was not there at compile time: opening a packed file is an error.
class gzip_source final : public byte_source {
public:
    explicit gzip_source(std::unique_ptr<byte_source> packed) : byte_source(packed->name()) {
        raise<file_error>({name(),
                           ": packed with gzip, and this program was built without zlib (install zlib's "
                           "development package and build again, or unpack the file with gunzip)"});
    }

    std::size_t read(std::span<std::byte>) override { return 0; }
    [[nodiscard]] std::uint64_t most_left() const override { return 0; }
    void expect_end() override {}
};

#endif

/// Opens a plain or a gzip file, told apart by content; messages call it `name`, the path where that is empty.
/// Throws file_error.
[[nodiscard]] inline std::unique_ptr<byte_source> open_unpacked(const std::filesystem::path& path,
                                                                const std::string& name = {}) {
    std::array<std::byte, 2> first{};
    const std::size_t count = file_source(path, name).read(first);
    auto source = std::make_unique<file_source>(path, name);
    if (is_gzip({first.data(), count})) return std::make_unique<gzip_source>(std::move(source));
    return source;
}

/// The same over bytes in memory, which must outlive the source. Throws file_error.
[[nodiscard]] inline std::unique_ptr<byte_source> open_unpacked(std::span<const std::byte> bytes,
                                                                const std::string& name) {
    auto source = std::make_unique<memory_source>(bytes, name);
    if (is_gzip(bytes)) return std::make_unique<gzip_source>(std::move(source));
    return source;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
