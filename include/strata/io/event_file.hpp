#pragma once

#include "strata/core/byte_order.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/io/protobuf.hpp"
#include "strata/system/crc32.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

/// Files of events, which TensorBoard shows: records of TensorFlow's TFRecord format, each an Event message.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// A checksum as records have it: bytes that hold checksums of their own would make a plain one weak.
inline std::uint32_t masked_crc32c(std::string_view bytes) {
    return std::rotr(crc32_of<crc32c_polynomial>(std::as_bytes(std::span(bytes))), 15) + 0xA282EAD8u;
}

/// A record: its length, the length's checksum, the bytes, their checksum.
STRATA_OUT_OF_LINE inline void append_record(std::string& to, std::string_view bytes) {
    std::string length;
    append_little_endian(length, bytes.size(), 8);
    to += length;
    append_little_endian(to, masked_crc32c(length), 4);
    to += bytes;
    append_little_endian(to, masked_crc32c(bytes), 4);
}

// The messages of tensorflow/core/util/event.proto and framework/{summary,tensor,tensor_shape}.proto. Their fields are
// numbered there.

enum class tensor_type : std::uint64_t { float32 = 1, float64 = 2 };

/// TensorProto: values, given as bytes, of this shape.
STRATA_OUT_OF_LINE inline protobuf_message tensor_message(tensor_type type, const std::vector<std::size_t>& extents,
                                                          std::string_view bytes) {
    protobuf_message shape;
    for (const std::size_t extent : extents) shape.message(2, protobuf_message().integer(1, extent));
    return protobuf_message().integer(1, static_cast<std::uint64_t>(type)).message(2, shape).text(4, bytes);
}

/// What TensorBoard shows a value as.
enum class summary_kind { scalar, histogram };

/// Event: the first one of a file.
STRATA_OUT_OF_LINE inline protobuf_message version_event(double time) {
    return protobuf_message().number(1, time).text(3, "brain.Event:2");
}

/// Event: one value under a name.
STRATA_OUT_OF_LINE inline protobuf_message summary_event(double time, std::uint64_t step, std::string_view tag,
                                                         summary_kind kind, const protobuf_message& tensor) {
    protobuf_message metadata;
    if (kind == summary_kind::scalar)
        metadata.message(1, protobuf_message().text(1, "scalars"));
    else
        metadata.message(1, protobuf_message().text(1, "histograms")).integer(4, 2);  // DATA_CLASS_TENSOR
    const auto value = protobuf_message().text(1, tag).message(8, tensor).message(9, metadata);
    return protobuf_message().number(1, time).integer(2, step).message(5, protobuf_message().message(1, value));
}

/// A histogram as `tf.summary.histogram` has it: 30 rows of left edge, right edge and count. What is not finite is not
/// counted.
template <class Values> std::string histogram_bytes(const Values& values) {
    constexpr std::size_t buckets = 30;
    double least = std::numeric_limits<double>::infinity(), most = -least;
    for (const auto given : values) {
        const auto value = static_cast<double>(given);
        if (!std::isfinite(value)) continue;
        least = std::min(least, value);
        most = std::max(most, value);
    }
    if (least > most) least = most = 0;
    const bool fits = std::isfinite(most - least);  // or else the quotients do
    const double width = fits ? (most - least) / buckets : most / buckets - least / buckets;
    std::array<std::uint64_t, buckets> counts{};
    for (const auto given : values) {
        const auto value = static_cast<double>(given);
        if (!std::isfinite(value)) continue;
        const double place = fits ? (value - least) / width : value / width - least / width;
        ++counts[place < buckets - 1 ? static_cast<std::size_t>(place) : buckets - 1];
    }
    std::string bytes;
    const auto append = [&](double value) { append_little_endian(bytes, std::bit_cast<std::uint64_t>(value), 8); };
    const auto edge = [&](std::size_t i) { return i == buckets ? most : least + static_cast<double>(i) * width; };
    for (std::size_t i = 0; i < buckets; ++i) {
        append(edge(i));
        append(edge(i + 1));
        append(static_cast<double>(counts[i]));
    }
    return bytes;
}

/// The name of a file of events: TensorBoard finds it by its start, and no other file has it.
STRATA_OUT_OF_LINE inline std::string event_file_name(double time) {
    static std::atomic<std::uint64_t> serial = 0;
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host = {"localhost"};
    std::string seconds = std::to_string(static_cast<std::uint64_t>(time));
    seconds.insert(0, 10 - std::min<std::size_t>(10, seconds.size()), '0');
    return concat(
        {"events.out.tfevents.", seconds, ".", host.data(), ".", std::to_string(::getpid()), ".", serial++, ".v2"});
}

}  // namespace detail

/// A file of events that TensorBoard reads. Values are collected until `flush` appends them to the file, in one piece;
/// what was flushed can be read even if the program is killed.
class event_file {
public:
    /// Begins a file in this folder, which is made if there is none. Throws file_error.
    STRATA_OUT_OF_LINE explicit event_file(const std::filesystem::path& folder) {
        std::error_code error;  // what is wrong with the folder is said when the file cannot be written
        std::filesystem::create_directories(folder, error);
        path_ = folder / detail::event_file_name(now());
        detail::append_record(waiting_, detail::version_event(now()).bytes());
        flush();
    }

    const std::filesystem::path& path() const { return path_; }

    /// A number under a name, `tf.summary.scalar`.
    STRATA_OUT_OF_LINE void scalar(std::string_view tag, std::uint64_t step, double value) {
        std::string bytes;
        append_little_endian(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4);
        add(tag, step, detail::summary_kind::scalar, detail::tensor_message(detail::tensor_type::float32, {}, bytes));
    }

    /// How values are spread, `tf.summary.histogram`.
    template <class Values> void histogram(std::string_view tag, std::uint64_t step, const Values& values) {
        const std::string bytes = detail::histogram_bytes(values);
        add(tag, step, detail::summary_kind::histogram,
            detail::tensor_message(detail::tensor_type::float64, {bytes.size() / 24, 3}, bytes));
    }

    /// Appends what waits to the file. Throws file_error; the file is as before then, and a later call can append it.
    STRATA_OUT_OF_LINE void flush() {
        std::FILE* const file = std::fopen(path_.string().c_str(), "ab");
        bool written = file != nullptr && std::fwrite(waiting_.data(), 1, waiting_.size(), file) == waiting_.size();
        int reason = errno;
        if (file != nullptr && std::fclose(file) != 0) {  // writes what fwrite has only collected
            if (written) reason = errno;
            written = false;
        }
        if (!written) {
            std::error_code error;
            std::filesystem::resize_file(path_, size_, error);  // a part of it may be there
            raise<file_error>({path_.string(), ": TensorBoard's events cannot be written: ",
                               std::generic_category().message(reason), " (check the path and the disk)"});
        }
        size_ += waiting_.size();
        waiting_.clear();
    }

private:
    static double now() {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }

    void add(std::string_view tag, std::uint64_t step, detail::summary_kind kind, const protobuf_message& tensor) {
        detail::append_record(waiting_, detail::summary_event(now(), step, tag, kind, tensor).bytes());
    }

    std::filesystem::path path_;
    std::string waiting_;      // records that are not in the file yet
    std::uintmax_t size_ = 0;  // of the file
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
