#pragma once

#include "strata/core/errors.hpp"
#include "strata/system/gzip.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

#ifdef STRATA_HAS_ZLIB

/// Unpacks a deflate stream (RFC 1951) without header or checksum, as zip files hold it.
class inflater {
public:
    inflater() {
        if (::inflateInit2(&stream_, -15) != Z_OK) raise<file_error>({"zlib cannot start (out of memory?)"});
    }
    ~inflater() { ::inflateEnd(&stream_); }
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    /// Whether all packed bytes given so far are used.
    [[nodiscard]] bool hungry() const { return stream_.avail_in == 0; }

    /// Whether the stream has ended.
    [[nodiscard]] bool ended() const { return ended_; }

    /// Packed bytes, which stay where they are until they are used.
    void feed(std::span<const std::byte> packed) {
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));  // zlib does not write it
        stream_.avail_in = static_cast<uInt>(packed.size());
    }

    /// Unpacks into the front of `into`, and returns how many bytes; nullptr, or what is wrong, stands in `problem`.
    std::size_t unpack(std::span<std::byte> into, const char*& problem) {
        const std::size_t wanted = std::min<std::size_t>(into.size(), 1U << 30U);
        stream_.next_out = reinterpret_cast<Bytef*>(into.data());
        stream_.avail_out = static_cast<uInt>(wanted);
        const int status = ::inflate(&stream_, Z_NO_FLUSH);
        ended_ = status == Z_STREAM_END;
        problem = ended_ || status == Z_OK || status == Z_BUF_ERROR ? nullptr
                  : stream_.msg != nullptr                          ? stream_.msg
                                                                    : "no progress";
        return wanted - stream_.avail_out;
    }

private:
    z_stream stream_{};
    bool ended_ = false;
};

/// The pieces, one after the other, as one deflate stream, as Python's zipfile packs them.
[[nodiscard]] STRATA_OUT_OF_LINE inline std::vector<std::byte> deflated(
    std::initializer_list<std::span<const std::byte>> pieces) {
    z_stream stream{};
    if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        raise<file_error>({"zlib cannot start (out of memory?)"});
    struct closer {
        z_stream& stream;
        ~closer() { ::deflateEnd(&stream); }
    } const close{stream};
    std::vector<std::byte> packed, buffer(65536);
    const auto pack = [&](std::span<const std::byte> bytes, int flush) {
        stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));  // zlib does not write it
        stream.avail_in = static_cast<uInt>(bytes.size());
        do {
            stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
            stream.avail_out = static_cast<uInt>(buffer.size());
            ::deflate(&stream, flush);
            packed.insert(packed.end(), buffer.begin(), buffer.end() - static_cast<std::ptrdiff_t>(stream.avail_out));
        } while (stream.avail_out == 0);
    };
    for (std::span<const std::byte> piece : pieces) {
        for (; !piece.empty(); piece = piece.subspan(std::min<std::size_t>(piece.size(), 1U << 30U)))
            pack(piece.first(std::min<std::size_t>(piece.size(), 1U << 30U)), Z_NO_FLUSH);
    }
    pack({}, Z_FINISH);
    return packed;
}

#endif

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
