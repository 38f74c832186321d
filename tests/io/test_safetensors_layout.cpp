#include "strata/io/safetensors_layout.hpp"

#include "strata/io/safetensors.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/safetensors_bytes.hpp"

#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;
using test::little_endian;
using test::safetensors_bytes;

namespace {

std::string placed_tensor(const char* name, const char* type, const char* shape, const char* offsets) {
    return std::string("\"") + name + R"(":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" +
           offsets + "}";
}

std::string file(const std::vector<std::string>& tensors, std::size_t data_size) {
    std::string header;
    for (const std::string& text : tensors) header += (header.empty() ? "{" : ",") + text;
    return safetensors_bytes(header + "}", std::string(data_size, '\0'));
}

void parse_layout(const std::string& bytes) { (void)safetensors_file::read(test::as_bytes(bytes), "m"); }

}  // namespace

TEST_CASE("safetensors files whose sizes do not fit are refused") {
    struct row {
        const char* name;
        std::string bytes;
        const char* message;
    };
    const std::vector<row> rows{
        {"empty", "", "8 bytes of header length expected, file ends after 0 bytes"},
        {"seven bytes", std::string(7, '\0'), "8 bytes of header length expected, file ends after 7 bytes"},
        {"a header of no bytes", std::string(8, '\0'), "the header should begin with '{', it is empty"},
        {"a header longer than the file", little_endian<8>(3) + "{}",
         "a header of 3 bytes expected, file ends after 2"},
        {"a header of 100 MB that is not there", little_endian<8>(100'000'000) + "{}", "file ends after 2 of them"},
        {"a header above 100 MB", little_endian<8>(100'000'001) + "{}",
         "a header of 100000001 bytes, at most 100000000"},
        {"8 + N wraps", little_endian<8>(0xfffffffffffffff8) + "{}", "a header of 18446744073709551608 bytes, at most"},
        {"begin after end", file({placed_tensor("a", "U8", "[1]", "[1,0]")}, 1),
         "\"a\": begins at byte 1, after its end at 0"},
        {"too few bytes for the shape", file({placed_tensor("a", "F32", "[2]", "[0,7]")}, 7),
         "\"a\": 8 bytes expected for the shape (2,) of type F32, data_offsets span 7"},
        {"too many bytes for the shape", file({placed_tensor("a", "F32", "[2]", "[0,9]")}, 9), "data_offsets span 9"},
        {"bytes for no elements", file({placed_tensor("a", "F32", "[0]", "[0,4]")}, 4),
         "0 bytes expected for the shape (0,)"},
        {"a scalar without bytes", file({placed_tensor("a", "F32", "[]", "[0,0]")}, 0),
         "4 bytes expected for the shape ()"},
        {"half a byte", file({placed_tensor("a", "F4", "[3]", "[0,2]")}, 2),
         "the shape (3,) of type F4 does not fill whole bytes"},
        {"shape wraps to 4 elements", file({placed_tensor("a", "U8", "[4611686018427387905,4]", "[0,4]")}, 4),
         "the shape (4611686018427387905, 4) has more bytes than a program can address"},
        {"shape wraps to none", file({placed_tensor("a", "U8", "[4294967296,4294967296]", "[0,0]")}, 0),
         "more bytes than a program can address"},
        {"bytes wrap to none", file({placed_tensor("a", "F64", "[2305843009213693952]", "[0,0]")}, 0),
         "more bytes than a program can address"},
        {"a zero hides an overflow", file({placed_tensor("a", "U8", "[0,9223372036854775808,2]", "[0,0]")}, 0),
         "more bytes than a program can address"},
        {"ends behind the file", file({placed_tensor("a", "U8", "[5]", "[0,5]")}, 4),
         "\"a\": ends at byte 5 of the data, file ends after 4 bytes of data"},
        {"a tensor of 8 exabytes",
         file({placed_tensor("a", "U8", "[9223372036854775807]", "[0,9223372036854775807]")}, 4),
         "\"a\": ends at byte 9223372036854775807 of the data"},
        {"two tensors over each other",
         file({placed_tensor("a", "U8", "[4]", "[0,4]"), placed_tensor("b", "U8", "[4]", "[2,6]")}, 6),
         "\"b\": begins at byte 2 and overlaps the tensor before it, which ends at 4"},
        {"the same bytes twice",
         file({placed_tensor("a", "U8", "[4]", "[0,4]"), placed_tensor("b", "U8", "[4]", "[0,4]")}, 4),
         "begins at byte 0 and overlaps the tensor before it"},
        {"no elements inside another",
         file({placed_tensor("a", "U8", "[4]", "[0,4]"), placed_tensor("b", "U8", "[0]", "[2,2]")}, 4),
         "\"b\": begins at byte 2 and overlaps"},
        {"a hole at the start", file({placed_tensor("a", "U8", "[3]", "[1,4]")}, 4),
         "leaves a hole of 1 bytes before it"},
        {"a hole between",
         file({placed_tensor("b", "U8", "[1]", "[3,4]"), placed_tensor("a", "U8", "[1]", "[0,1]")}, 4),
         "\"b\": begins at byte 3, which leaves a hole of 2 bytes before it"},
        {"no elements behind a hole", file({placed_tensor("a", "U8", "[0]", "[2,2]")}, 2), "leaves a hole of 2 bytes"},
        {"bytes behind the last tensor", file({placed_tensor("a", "U8", "[4]", "[0,4]")}, 6),
         "2 bytes follow the last tensor"},
        {"bytes without tensors", safetensors_bytes("{}", "x"), "1 bytes follow the last tensor"},
    };
    REQUIRE_NOTHROW(
        parse_layout(file({placed_tensor("a", "F32", "[2]", "[0,8]"), placed_tensor("b", "U8", "[]", "[8,9]")}, 9)));
    for (const row& malformed : rows) {
        INFO(malformed.name);
        CHECK_THROWS_AS(parse_layout(malformed.bytes), file_error);
        CHECK_THROWS_WITH(parse_layout(malformed.bytes), contains(malformed.message) && contains("m: "));
    }
}
