#include "strata/system/gzip.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/gzip_packed.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;
using test::gzip_packed;

namespace {

/// Reads `size` bytes and then the end, as readers do that know from a header how much there is.
std::string unpack(std::string_view packed, std::size_t size) {
    const auto source = detail::open_unpacked(test::as_bytes(packed), "packed.gz");
    if (size > source->most_left()) throw file_error("packed.gz: cannot hold that much");
    std::string text(size, '?');
    text.resize(source->read(std::as_writable_bytes(std::span(text))));
    source->expect_end();
    return text;
}

/// Text that packs badly, so that every part of the stream is there.
std::string mixed_text(std::size_t size) {
    std::string text;
    for (unsigned state = 1; text.size() < size; state = state * 1664525U + 1013904223U) {
        text += static_cast<char>(state >> 24U);
    }
    return text;
}

}  // namespace

TEST_CASE("gzip_source unpacks what gzip packed, in parts of any size") {
    const std::string text = mixed_text(200000) + std::string(300000, 'a');
    const std::string packed = gzip_packed(text);
    CHECK(unpack(packed, text.size()) == text);
    CHECK(unpack(gzip_packed(""), 0).empty());
    const auto source = detail::open_unpacked(test::as_bytes(packed), "packed.gz");
    std::string joined;
    std::string part(977, '?');
    while (const std::size_t count = source->read(std::as_writable_bytes(std::span(part))))
        joined.append(part, 0, count);
    CHECK(joined == text);
    CHECK_NOTHROW(source->expect_end());
}

TEST_CASE("a gzip file is known by its content") {
    const test::temporary_folder folder;
    const auto read = [](const std::filesystem::path& path) {
        std::string text(5, '?');
        CHECK(detail::open_unpacked(path)->read(std::as_writable_bytes(std::span(text))) == 5);
        return text;
    };
    CHECK(read(folder.file("plain.gz", "plain")) == "plain");
    CHECK(read(folder.file("packed", gzip_packed("12345"))) == "12345");
    CHECK_THROWS_WITH(detail::open_unpacked(folder.path() / "none"), contains("none: no such file"));
    std::string byte(1, '?');
    const auto one = detail::open_unpacked(folder.file("one", "\x1f"));
    CHECK(one->read(std::as_writable_bytes(std::span(byte))) == 1);
}

TEST_CASE("gzip files of several members, and with padding, are read (RFC 1952)") {
    const std::string text = mixed_text(100000);
    const std::string first = gzip_packed(text.substr(0, 70000));
    const std::string second = gzip_packed(text.substr(70000));
    const std::string empty = gzip_packed("");
    const std::string zeros(200000, '\0');
    CHECK(unpack(first + second, text.size()) == text);
    CHECK(unpack(first + second + zeros, text.size()) == text);
    CHECK(unpack(first + zeros + second, text.size()) == text);
    CHECK(unpack(empty + first + empty + second + empty + '\0', text.size()) == text);
    CHECK(unpack(empty + empty, 0).empty());
    std::string joined;
    for (const char c : text.substr(0, 1000)) joined += gzip_packed(std::string(1, c));
    CHECK(unpack(joined, 1000) == text.substr(0, 1000));
}

TEST_CASE("damaged gzip files are refused") {
    const std::string text = mixed_text(1000);
    const std::string packed = gzip_packed(text);
    const auto changed = [&](std::size_t index) {
        std::string bytes = packed;
        bytes[index] = static_cast<char>(bytes[index] ^ 0x55);
        return bytes;
    };
    struct row {
        const char* name;
        std::string bytes;
        const char* message;
    };
    const std::vector<row> rows{
        {"only the magic number", packed.substr(0, 2), "the gzip stream ends early, after 0"},
        {"ends in the header", packed.substr(0, 9), "the gzip stream ends early, after 0"},
        {"ends in the data", packed.substr(0, packed.size() / 2), "the gzip stream ends early"},
        {"ends before the checksum", packed.substr(0, packed.size() - 8), "the gzip stream ends early, after 1000"},
        {"ends in the checksum", packed.substr(0, packed.size() - 5), "the gzip stream ends early, after 1000"},
        {"ends in the length", packed.substr(0, packed.size() - 1), "the gzip stream ends early, after 1000"},
        {"another checksum", changed(packed.size() - 8), "incorrect data check"},
        {"another length", changed(packed.size() - 1), "incorrect length check"},
        {"an unknown method", changed(2), "a way that is not supported: unknown compression method"},
        {"reserved flags", changed(3), "a way that is not supported: unknown header flags"},
        {"a byte behind the end", packed + 'x', "1 byte follows the gzip stream"},
        {"text behind padding", packed + std::string(3, '\0') + "text", "4 bytes follow the gzip stream"},
        {"a second member", packed + packed, "unpacks to more than the 1000 bytes"},
        {"half of an empty member", packed + gzip_packed("").substr(0, 10), "the gzip stream ends early, after 1000"},
        {"the first byte of a member", packed + '\x1f', "the gzip stream ends early, after 1000"},
        {"an empty member, damaged", packed + gzip_packed("").replace(13, 1, "x"), "incorrect data check"},
        {"no member", packed + "\x1fx", "gzip data damaged after 1000 unpacked bytes: incorrect header check"},
        {"unpacks to one byte more", gzip_packed(text + 'x'), "unpacks to more than the 1000 bytes"},
    };
    REQUIRE(unpack(packed, 1000) == text);
    for (const row& damaged : rows) {
        INFO(damaged.name);
        CHECK_THROWS_AS(unpack(damaged.bytes, 1000), file_error);
        CHECK_THROWS_WITH(unpack(damaged.bytes, 1000), contains(damaged.message) && contains("packed.gz: "));
    }
}

TEST_CASE("every byte that is flipped in the data is found") {
    const std::string text = mixed_text(300);
    const std::string packed = gzip_packed(text);
    REQUIRE(packed[3] == 0);   // no flags: ten bytes of header, of which the last six say nothing about the data
    REQUIRE(packed[10] == 1);  // a stored block: the upper bits of this byte are padding
    for (std::size_t i = 11; i < packed.size(); ++i) {
        std::string bytes = packed;
        bytes[i] = static_cast<char>(bytes[i] ^ 0x10);
        INFO(i);
        CHECK_THROWS_AS(unpack(bytes, 300), file_error);
    }
}

TEST_CASE("a small file that unpacks without end is stopped at what its reader expects") {
    const std::string bomb = gzip_packed(std::string(50'000'000, '\0'));
    REQUIRE(bomb.size() < 100'000);
    CHECK_THROWS_WITH(unpack(bomb, 100), contains("unpacks to more than the 100 bytes that its header says"));
    // No more than deflate's best ratio can come out, so a reader need not believe a header that says so.
    const auto source = detail::open_unpacked(test::as_bytes(bomb), "bomb.gz");
    CHECK(source->most_left() >= 50'000'000);
    CHECK(source->most_left() == 1032 * bomb.size());
    CHECK_THROWS_WITH(unpack(bomb, 1ULL << 40U), contains("cannot hold that much"));
}
