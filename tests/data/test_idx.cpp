#include "strata/data/idx.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/gzip_packed.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

using namespace strata::authoring;
using test::big_endian;
using test::contains;
using test::gzip_packed;

namespace {

constexpr std::size_t any = idx_expectation::any;

/// The bytes of an idx file of unsigned bytes with these extents in its header.
std::string idx_of_bytes(const std::vector<unsigned long long>& extents, const std::string& values, char type = 8) {
    std::string bytes{'\0', '\0', type, static_cast<char>(extents.size())};
    for (const auto extent : extents) bytes += big_endian<4>(extent);
    return bytes + values;
}

idx_array parse_array(const std::string& bytes, std::vector<std::size_t> extents) {
    const auto source = detail::open_unpacked(test::as_bytes(bytes), "idx: file");
    return parse_idx(*source, {.extents = std::move(extents), .items = "labels"});
}

}  // namespace

TEST_CASE("read_idx reads plain and packed files") {
    const test::temporary_folder folder;
    const std::string bytes = idx_of_bytes({2, 3}, std::string("\0\1\2\xfd\xfe\xff", 6));
    for (const auto& path : {folder.file("plain", bytes), folder.file("packed", gzip_packed(bytes))}) {
        INFO(path);
        const idx_array array = read_idx(path, {.extents = {any, 3}, .items = "rows"});
        CHECK(array.extents == std::vector<std::size_t>{2, 3});
        CHECK(array.values == std::vector<std::uint8_t>{0, 1, 2, 253, 254, 255});
    }
}

TEST_CASE("parse_idx takes scalars and arrays without elements") {
    CHECK(parse_array(idx_of_bytes({}, "x"), {}).values == std::vector<std::uint8_t>{'x'});
    CHECK(parse_array(idx_of_bytes({0}, ""), {any}).values.empty());
    CHECK(parse_array(idx_of_bytes({0, 28, 28}, ""), {any, 28, 28}).extents == std::vector<std::size_t>{0, 28, 28});
}

TEST_CASE("malformed idx files are refused, plain and packed") {
    const std::string good = idx_of_bytes({4}, "abcd");
    struct row {
        const char* name;
        std::string bytes;
        std::vector<std::size_t> extents;
        const char* message;
    };
    const std::vector<row> rows{
        {"empty", "", {any}, "an idx header of 8 bytes expected, file ends after 0 bytes (truncated download?"},
        {"ends in the magic number", good.substr(0, 3), {any}, "header of 8 bytes expected, file ends after 3 bytes"},
        {"ends in the extents", good.substr(0, 7), {any}, "header of 8 bytes expected, file ends after 7 bytes"},
        {"ends after the header", good.substr(0, 8), {any}, "4 labels expected, file ends after 8 bytes (truncated"},
        {"ends in the data", good.substr(0, 11), {any}, "4 labels expected, file ends after 11 bytes (truncated"},
        {"a byte too many", good + "e", {any}, "1 byte follows where the data should end"},
        {"not idx", "\x89PNG....", {any}, "not an idx file: it should begin with two zero bytes"},
        {"a zip archive",
         "PK\3\4....",
         {any},
         "an idx file expected, plain or packed with gzip, this is a zip archive"},
        {"xz",
         "\xfd"
         "7zXZ...",
         {any},
         "this is packed with xz (unpack it)"},
        {"second byte not zero", std::string("\0\1\x8\1\0\0\0\0", 8), {any}, "not an idx file"},
        {"elements of float",
         idx_of_bytes({1}, "abcd", 13),
         {any},
         "type 8 (unsigned byte) expected, type 13 (float) found"},
        {"elements of no type", idx_of_bytes({1}, "a", 7), {any}, "type 7 (unknown) found"},
        {"rank too small", good, {any, 28, 28}, "rank 3 expected for labels, rank 1 found"},
        {"rank too large", idx_of_bytes({1, 1}, "a"), {any}, "rank 1 expected for labels, rank 2 found"},
        {"rank 255", std::string("\0\0\x8\xff", 4), {any}, "rank 1 expected for labels, rank 255 found"},
        {"another extent",
         idx_of_bytes({1, 27}, std::string(27, 'a')),
         {any, 28},
         "axis 1 of the labels: extent 28 expected, 27"},
        {"extent in the other byte order",
         idx_of_bytes({0x04000000}, "abcd"),
         {any},
         "67108864 labels expected, file ends after"},
        {"product wraps to 0 in 32 bits",
         idx_of_bytes({65536, 65536}, ""),
         {any, any},
         "65536 labels expected, file ends after 12"},
        {"product wraps in 64 bits",
         idx_of_bytes({0x80000000, 0x80000000, 4}, ""),
         {any, any, any},
         "more bytes than a program can address: the header says (2147483648, 2147483648, 4)"},
        {"more than there is memory",
         idx_of_bytes({0xffffffff, 0xffffff}, "abc"),
         {any, any},
         "4294967295 labels expected"},
    };
    REQUIRE(parse_array(good, {any}).values.size() == 4);
    for (const row& malformed : rows) {
        INFO(malformed.name);
        CHECK_THROWS_AS(parse_array(malformed.bytes, malformed.extents), file_error);
        CHECK_THROWS_WITH(parse_array(malformed.bytes, malformed.extents),
                          contains(malformed.message) && contains("idx: file: "));
        CHECK_THROWS_AS(parse_array(gzip_packed(malformed.bytes), malformed.extents), file_error);
    }
    CHECK_THROWS_WITH(parse_array(gzip_packed(good + "e"), {any}), contains("unpacks to more than the 12 bytes"));
    CHECK_THROWS_WITH(parse_array(gzip_packed(good.substr(0, 11)), {any}),
                      contains("4 labels expected, file ends after 11 bytes"));
}

TEST_CASE("an idx file of other data is not called damaged") {
    for (const auto& [bytes, extents] : {std::pair{idx_of_bytes({1}, "abcd", 13), std::vector{any}},
                                         {idx_of_bytes({4}, "abcd"), {any, 28, 28}},
                                         {idx_of_bytes({1, 8, 8}, std::string(64, 'a')), {any, 28, 28}}}) {
        CHECK_THROWS_WITH(parse_array(bytes, extents), !contains("delete it") && !contains("another file"));
    }
    CHECK_THROWS_WITH(parse_array(idx_of_bytes({1}, "a", 7), {any}), contains("delete it"));
}

TEST_CASE("a packed idx file that ends early says after how many unpacked bytes") {
    std::string labels(60000, '\0');
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<char>(i * i % 10);
    const std::string packed = gzip_packed(idx_of_bytes({60000}, labels));
    REQUIRE(parse_array(packed, {any}).values.size() == 60000);
    CHECK_THROWS_WITH(parse_array(packed.substr(0, packed.size() - 60), {any}),
                      contains("idx: file: 60000 labels expected, file ends after ") &&
                          contains(" bytes (truncated download? delete it and fetch it again)"));
    CHECK_THROWS_WITH(parse_array(packed.substr(0, packed.size() - 8), {any}),
                      contains("the gzip stream ends early, after 60008"));
}

TEST_CASE("a packed idx file cannot ask for more memory than its bytes may unpack to") {
    const std::string lie = gzip_packed(idx_of_bytes({0xffffffff, 0xffff}, "ab"));
    CHECK_THROWS_WITH(parse_array(lie, {any, any}), contains("4294967295 labels expected"));
    const std::string bomb = gzip_packed(idx_of_bytes({10}, std::string(50'000'000, '\0')));
    CHECK_THROWS_WITH(parse_array(bomb, {any}), contains("unpacks to more than the 18 bytes that its header says"));
}

TEST_CASE("read_idx names the data set and the file") {
    const test::temporary_folder folder;
    const auto path = folder.file("labels", idx_of_bytes({4}, "abc"));
    CHECK_THROWS_WITH(
        read_idx(path, {.extents = {any}, .items = "labels", .data_set = "mnist"}),
        "mnist: " + path.string() +
            ": 4 labels expected, file ends after 11 bytes (truncated download? delete it and fetch it again)");
    CHECK_THROWS_AS(read_idx(folder.path() / "none", {.extents = {any}}), file_error);
}
