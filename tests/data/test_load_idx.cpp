#include "strata/data/load_idx.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::big_endian;
using test::contains;

namespace {

std::string idx_of_type(char type, const std::vector<unsigned long long>& extents, const std::string& values) {
    std::string bytes{'\0', '\0', type, static_cast<char>(extents.size())};
    for (const auto extent : extents) bytes += big_endian<4>(extent);
    return bytes + values;
}

template <class T> std::vector<T> parse_values(const std::string& bytes) {
    detail::memory_source source(test::as_bytes(bytes), "a.idx");
    const auto array = parse_idx_tensor<T>(source);
    return {array.begin(), array.end()};
}

}  // namespace

TEST_CASE("load_idx reads all types of idx") {
    const std::string one = big_endian<4>(0x3f800000), minus_two = big_endian<8>(0xc000000000000000);
    CHECK(parse_values<float>(idx_of_type(0x08, {2}, "\1\xff")) == std::vector<float>{1, 255});
    CHECK(parse_values<float>(idx_of_type(0x09, {2}, "\1\xff")) == std::vector<float>{1, -1});
    CHECK(parse_values<float>(idx_of_type(0x0b, {1}, "\1\2")) == std::vector<float>{258});
    CHECK(parse_values<float>(idx_of_type(0x0c, {1}, "\1\2\3\4")) == std::vector<float>{16909060});
    CHECK(parse_values<float>(idx_of_type(0x0d, {1}, one)) == std::vector<float>{1});
    CHECK(parse_values<float>(idx_of_type(0x0e, {1}, minus_two)) == std::vector<float>{-2});
    CHECK(parse_values<std::int32_t>(idx_of_type(0x0b, {}, "\xff\xfe")) == std::vector<std::int32_t>{-2});
    const test::temporary_folder folder;
    const auto array = load_idx<std::uint8_t>(folder.file("a", idx_of_type(8, {2, 1, 3}, "abcdef")));
    CHECK(array.dimension() == 3);
    CHECK(array(1, 0, 2) == 'f');
}

TEST_CASE("malformed idx files of other types are refused") {
    struct row {
        std::string bytes;
        const char* message;
    };
    for (const row& malformed : std::vector<row>{
             {idx_of_type(0x0a, {1}, "a"), "elements of type 10, which idx does not have"},
             {idx_of_type(0x0d, {2}, "abcdefg"), "2 items expected, file ends after 15 bytes (truncated"},
             {idx_of_type(0x0d, {1}, "abcde"), "1 byte follows where the data should end"},
             {idx_of_type(0x0e, {1, 1}, "").substr(0, 9),
              "an idx header of 12 bytes expected, file ends after 9 bytes"},
             {idx_of_type(0x0e, {0x80000000, 0x80000000}, ""), "file ends after 12 bytes"},
             {idx_of_type(0x0e, {0xffffffff, 0x40000000}, ""), "more bytes than a program can address"},
             {idx_of_type(0x0e, {0x80000000, 0x80000000, 0}, "x"), "more bytes than"},
         }) {
        INFO(malformed.message);
        CHECK_THROWS_AS(parse_values<float>(malformed.bytes), file_error);
    }
    CHECK_THROWS_WITH(parse_values<std::uint8_t>(idx_of_type(0x0b, {2}, std::string("\0\1\1\0", 4))),
                      contains("a.idx: tensor \"idx\": element 1[1] of type I16 is no U8"));
}
