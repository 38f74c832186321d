#pragma once

#include "support/files.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Reads TensorBoard's files back, by the formats' specifications and with none of the code that writes them.
namespace strata::authoring::test {

/// The CRC of these bytes, bit by bit.
inline std::uint32_t crc_bit_by_bit(std::string_view bytes, std::uint32_t polynomial) {
    std::uint32_t remainder = ~0u;
    for (const char byte : bytes) {
        remainder ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) remainder = remainder % 2 == 1 ? remainder / 2 ^ polynomial : remainder / 2;
    }
    return ~remainder;
}

/// One after the other, what stands in some bytes. Throws at their end.
struct byte_reader {
    std::string_view left;

    std::string_view take(std::size_t count) {
        if (count > left.size()) throw std::runtime_error("the bytes end too early");
        const std::string_view taken = left.substr(0, count);
        left.remove_prefix(count);
        return taken;
    }
    template <class Number> Number number() {
        Number value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = number<std::uint8_t>();
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        throw std::runtime_error("a varint of more than 64 bits");
    }
};

/// A field of a protobuf message: a whole number, the bits of a double, or bytes.
struct protobuf_field {
    std::uint64_t number = 0, value = 0;
    std::string_view bytes{};
};

inline std::vector<protobuf_field> protobuf_fields(std::string_view message) {
    std::vector<protobuf_field> fields;
    for (byte_reader reader{message}; !reader.left.empty();) {
        const std::uint64_t tag = reader.varint();
        protobuf_field field{.number = tag / 8};
        switch (tag % 8) {
            case 0:
                field.value = reader.varint();
                break;
            case 1:
                field.value = reader.number<std::uint64_t>();
                break;
            case 2:
                field.bytes = reader.take(reader.varint());
                break;
            default:
                throw std::runtime_error("a field of an unknown kind");
        }
        fields.push_back(field);
    }
    return fields;
}

/// What an Event says.
struct event {
    double time = 0;
    std::uint64_t step = 0, data_class = 0;
    std::string version{}, tag{}, plugin{};
    std::vector<std::size_t> extents{};
    std::vector<double> values{};
};

inline void read_tensor(std::string_view message, event& to) {
    std::uint64_t type = 0;
    for (const protobuf_field& field : protobuf_fields(message)) {
        if (field.number == 1) type = field.value;
        if (field.number == 2)
            for (const protobuf_field& dimension : protobuf_fields(field.bytes))
                to.extents.push_back(protobuf_fields(dimension.bytes).at(0).value);
        if (field.number == 4)
            for (byte_reader reader{field.bytes}; !reader.left.empty();)
                to.values.push_back(type == 1 ? reader.number<float>() : reader.number<double>());
    }
}

inline event read_event(std::string_view message) {
    event result;
    for (const protobuf_field& field : protobuf_fields(message)) {
        if (field.number == 1) result.time = std::bit_cast<double>(field.value);
        if (field.number == 2) result.step = field.value;
        if (field.number == 3) result.version = field.bytes;
        if (field.number != 5) continue;
        for (const protobuf_field& part : protobuf_fields(protobuf_fields(field.bytes).at(0).bytes)) {
            if (part.number == 1) result.tag = part.bytes;
            if (part.number == 8) read_tensor(part.bytes, result);
            if (part.number != 9) continue;
            for (const protobuf_field& about : protobuf_fields(part.bytes)) {
                if (about.number == 1) result.plugin = protobuf_fields(about.bytes).at(0).bytes;
                if (about.number == 4) result.data_class = about.value;
            }
        }
    }
    return result;
}

/// The events of a file; throws for a checksum that is wrong.
inline std::vector<event> read_events(const std::filesystem::path& path) {
    const std::string all = contents(path);
    const auto masked = [](std::string_view bytes) {
        const std::uint32_t crc = crc_bit_by_bit(bytes, 0x82F63B78u);
        return (crc >> 15 | crc << 17) + 0xA282EAD8u;
    };
    std::vector<event> events;
    for (byte_reader reader{all}; !reader.left.empty();) {
        const std::string_view length = reader.take(8);
        if (reader.number<std::uint32_t>() != masked(length)) throw std::runtime_error("the length's checksum");
        const std::string_view message = reader.take(byte_reader{length}.number<std::uint64_t>());
        if (reader.number<std::uint32_t>() != masked(message)) throw std::runtime_error("the message's checksum");
        events.push_back(read_event(message));
    }
    return events;
}

}  // namespace strata::authoring::test
