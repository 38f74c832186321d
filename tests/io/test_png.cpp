#include "strata/io/png.hpp"

#include "strata/report/html_text.hpp"
#include "support/catch.hpp"
#include "support/event_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace strata::authoring;

namespace {

std::uint32_t big_endian(test::byte_reader& reader) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | reader.number<std::uint8_t>();
    return value;
}

/// The next chunk, whose checksum has to be right.
std::string_view chunk(test::byte_reader& reader, std::string_view type) {
    const std::uint32_t size = big_endian(reader);
    const std::string_view all = reader.left.substr(0, 4 + size);
    CHECK(reader.take(4) == type);
    const std::string_view bytes = reader.take(size);
    CHECK(big_endian(reader) == test::crc_bit_by_bit(all, 0xEDB88320u));
    return bytes;
}

/// What a zlib stream of stored blocks holds (RFC 1950 and 1951).
std::string unpacked(std::string_view stream, std::size_t& blocks) {
    test::byte_reader reader{stream};
    CHECK(reader.number<std::uint8_t>() % 16 == 8);
    CHECK((0x7800 + reader.number<std::uint8_t>()) % 31 == 0);
    std::string text;
    for (bool last = false; !last; ++blocks) {
        const auto head = reader.number<std::uint8_t>();
        CHECK(head < 2);
        last = head == 1;
        const auto size = reader.number<std::uint16_t>();
        CHECK(reader.number<std::uint16_t>() == 0xFFFF - size);
        text += reader.take(size);
    }
    std::uint64_t a = 1, b = 0;
    for (const char byte : text) b += a += static_cast<unsigned char>(byte);
    CHECK(big_endian(reader) == (b % 65521) * 65536 + a % 65521);
    CHECK(reader.left.empty());
    return text;
}

}  // namespace

TEST_CASE("a PNG file has the header, the checksums and the rows of its picture") {
    struct {
        std::size_t width, height, channels, blocks;
    } const cases[] = {{2, 3, 1, 1}, {200, 150, 3, 2}, {256, 255, 1, 1}};  // the last one is a block of full size
    for (const auto& [width, height, channels, expected_blocks] : cases) {
        std::string pixels(width * height * channels, '\0');
        for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<char>(i * 7 % 251);
        const std::string file = png_file(width, height, channels, pixels);
        test::byte_reader reader{file};
        CHECK(reader.take(8) == "\x89PNG\r\n\x1a\n");
        test::byte_reader header{chunk(reader, "IHDR")};
        CHECK(big_endian(header) == width);
        CHECK(big_endian(header) == height);
        CHECK(header.left == std::string_view(channels == 1 ? "\x08\0\0\0\0" : "\x08\2\0\0\0", 5));
        std::size_t blocks = 0;
        const std::string rows = unpacked(chunk(reader, "IDAT"), blocks);
        CHECK(blocks == expected_blocks);
        CHECK(chunk(reader, "IEND").empty());
        CHECK(reader.left.empty());
        REQUIRE(rows.size() == height * (1 + width * channels));
        std::string found;
        for (std::size_t row = 0; row < height; ++row) {
            CHECK(rows[row * (1 + width * channels)] == 0);
            found += rows.substr(row * (1 + width * channels) + 1, width * channels);
        }
        CHECK(found == pixels);
    }
}

TEST_CASE("base64 is that of RFC 4648") {
    CHECK(detail::base64("") == "");
    CHECK(detail::base64("f") == "Zg==");
    CHECK(detail::base64("fo") == "Zm8=");
    CHECK(detail::base64("foo") == "Zm9v");
    CHECK(detail::base64("foobar") == "Zm9vYmFy");
    CHECK(detail::base64("\xff\xfe\xfd") == "//79");
}
