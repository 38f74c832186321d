#pragma once

#include "strata/core/byte_order.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A message of Protocol Buffers, written field by field (https://protobuf.dev/programming-guides/encoding):
///
///     const std::string bytes = protobuf_message().number(1, 0.5).text(2, "name").bytes();
///
/// Each field is a tag, its number and how it is written, and then its value. Which numbers there are and what they
/// mean stands in the format's .proto file.
class protobuf_message {
public:
    /// int64, uint64, enum.
    STRATA_OUT_OF_LINE protobuf_message& integer(unsigned field, std::uint64_t value) {
        tag(field, varint);
        append_varint(value);
        return *this;
    }

    /// double.
    STRATA_OUT_OF_LINE protobuf_message& number(unsigned field, double value) {
        tag(field, fixed64);
        append_little_endian(bytes_, std::bit_cast<std::uint64_t>(value), 8);
        return *this;
    }

    /// float.
    STRATA_OUT_OF_LINE protobuf_message& number(unsigned field, float value) {
        tag(field, fixed32);
        append_little_endian(bytes_, std::bit_cast<std::uint32_t>(value), 4);
        return *this;
    }

    /// string, bytes.
    STRATA_OUT_OF_LINE protobuf_message& text(unsigned field, std::string_view value) {
        tag(field, length_delimited);
        append_varint(value.size());
        bytes_ += value;
        return *this;
    }

    /// A message in this one.
    protobuf_message& message(unsigned field, const protobuf_message& inner) { return text(field, inner.bytes()); }

    const std::string& bytes() const { return bytes_; }

private:
    enum wire_type : unsigned { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

    void tag(unsigned field, wire_type type) { append_varint(field << 3 | type); }

    /// Seven bits in a byte, the lowest first; all bytes but the last one have their highest bit set.
    void append_varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
        bytes_ += static_cast<char>(value);
    }

    std::string bytes_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
