#include "strata/io/safetensors_header.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

detail::safetensors_header parse_header(const std::string& text) { return detail::parse_safetensors_header(text, "m"); }

/// A header of one tensor "t" with these fields.
std::string one_tensor(const std::string& fields) { return R"({"t":{)" + fields + "}}"; }

const std::string fields = R"("dtype":"F32","shape":[2,3],"data_offsets":[0,24])";

std::string repeated(const std::string& part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
}

}  // namespace

TEST_CASE("parse_safetensors_header gives the fields as they stand") {
    const detail::safetensors_header header = parse_header(one_tensor(fields));
    REQUIRE(header.tensors.size() == 1);
    CHECK(header.tensors[0].name == "t");
    CHECK(header.tensors[0].type == dtype::f32);
    CHECK(header.tensors[0].extents == std::vector<std::uint64_t>{2, 3});
    CHECK(header.tensors[0].begin == 0);
    CHECK(header.tensors[0].end == 24);
    const auto two =
        parse_header(R"({"z":{)" + fields + R"(},"a":{)" + fields + R"(},"__metadata__":{"k":"1","l":""}} )");
    CHECK(two.tensors[1].name == "a");
    CHECK(two.metadata.at("k") == "1");
    const auto escapes = parse_header(std::string("{ \"__metadata__\" :\n{\"\\\"\\\\\\/\\b\\f\\n\\r\\t\" : ") +
                                      R"("\u0041\u00e9\u20ac\ud83d\ude00\u0000é€😀" } } )");
    CHECK(escapes.metadata.at("\"\\/\b\f\n\r\t") == std::string("Aé€😀\0é€😀", 20));
}

TEST_CASE("malformed safetensors headers are refused") {
    struct row {
        const char* name;
        std::string text;
        const char* message;
    };
    const std::string type = R"("dtype":"F32",)";
    const std::string shape = R"("shape":[2,3],)";
    const std::string offsets = R"("data_offsets":[0,24])";
    const std::vector<row> rows{
        {"empty", "", "should begin with '{', it is empty"},
        {"begins with a space", " {}", "should begin with '{', it begins with \" \""},
        {"a byte order mark", "\xef\xbb\xbf{}", "should begin with '{'"},
        {"an array", "[]", "should begin with '{', it begins with \"[\""},
        {"not closed", R"({"t":{)" + fields + "}", "not JSON at byte"},
        {"two objects", "{}{}", "not JSON at byte"},
        {"zeros as padding", "{}" + std::string(6, '\0'), "not JSON at byte 2"},
        {"text behind a zero", "{}" + std::string(1, '\0') + "{}", "not JSON at byte 2"},
        {"a comma too many", "{" + ("\"t\":{" + fields + "},") + "}", "not JSON at byte"},
        {"a comment", "{/* */}", "not JSON at byte"},
        {"not UTF-8", "{\"\xff\":1}", "not JSON at byte"},
        {"half a surrogate pair", R"({"\ud800":1})", "not JSON at byte"},
        {"an overlong form", "{\"\xc0\x80\":1}", "not JSON at byte"},
        {"a surrogate as UTF-8", "{\"\xed\xa0\x80\":1}", "not JSON at byte"},
        {"above the last character", "{\"\xf4\x90\x80\x80\":1}", "not JSON at byte"},
        {"half a character", "{\"\xe2\x82\":1}", "not JSON at byte"},
        {"a line feed in a text", "{\"a\n\":1}", "not JSON at byte"},
        {"an unknown escape", R"({"\a":1})", "not JSON at byte"},
        {"three hexadecimal digits", R"({"\u00g0":1})", "not JSON at byte"},
        {"a sign among hexadecimal digits", R"({"\u-001":1})", "not JSON at byte"},
        {"two lower halves", R"({"\udc00\udc00":1})", "not JSON at byte"},
        {"two upper halves", R"({"\ud800\ud800":1})", "not JSON at byte"},
        {"a leading zero", one_tensor(R"("shape":[01])"), "not JSON at byte"},
        {"a plus sign", one_tensor(R"("shape":[+1])"), "not JSON at byte"},
        {"a number without digits", one_tensor(R"("shape":[-])"), "not JSON at byte"},
        {"a point without digits", one_tensor(R"("shape":[1.])"), "not JSON at byte"},
        {"an exponent without digits", one_tensor(R"("shape":[1e])"), "not JSON at byte"},
        {"a comma too many in an array", one_tensor(R"("shape":[1,])"), "not JSON at byte"},
        {"no comma", one_tensor(R"("shape":[1 2])"), "not JSON at byte"},
        {"no colon", R"({"t" {}})", "not JSON at byte"},
        {"an array closed as an object", one_tensor(R"("shape":[1})"), "not JSON at byte"},
        {"half a word", R"({"t":nul})", "not JSON at byte"},
        {"no value", R"({"t":})", "not JSON at byte"},
        {"a key that is no text", "{1:2}", "not JSON at byte"},
        {"a form feed between", "{\f}", "not JSON at byte"},
        {"a number in place of a tensor", R"({"t":5})", "tensor \"t\": an object expected, the number 5 found"},
        {"null in place of a tensor", R"({"t":null})", "tensor \"t\": an object expected, null found"},
        {"a list in place of a tensor", R"({"t":[]})", "tensor \"t\": an object expected, an array found"},
        {"a tensor twice", R"({"t":{)" + fields + R"(},"t":{)" + fields + "}}", "the tensor \"t\" is there twice"},
        {"a tensor twice, once escaped", R"({"t":{)" + fields + R"(},"\u0074":{)" + fields + "}}",
         "\"t\" is there twice"},
        {"metadata twice", R"({"__metadata__":{},"__metadata__":{}})", "\"__metadata__\" is there twice"},
        {"a metadata key twice", R"({"__metadata__":{"k":"1","k":"1"}})", "__metadata__: the key \"k\" is there twice"},
        {"a number as metadata", R"({"__metadata__":{"k":1}})",
         "__metadata__: \"k\": a text expected, the number 1 found"},
        {"a list as metadata", R"({"__metadata__":{"k":[]}})", "__metadata__: \"k\": a text expected, an array found"},
        {"metadata is a text", R"({"__metadata__":"k"})", "__metadata__: an object or null expected, the text \"k\""},
        {"no dtype", one_tensor(shape + offsets), "tensor \"t\": dtype is missing"},
        {"no shape", one_tensor(type + offsets), "tensor \"t\": shape is missing"},
        {"no offsets", one_tensor(R"("dtype":"F32","shape":[2,3])"), "tensor \"t\": data_offsets is missing"},
        {"nothing", one_tensor(""), "tensor \"t\": dtype is missing"},
        {"dtype twice", one_tensor(type + type + shape + offsets), "tensor \"t\": dtype is there twice"},
        {"shape twice", one_tensor(type + shape + shape + offsets), "tensor \"t\": shape is there twice"},
        {"offsets twice", one_tensor(type + shape + offsets + "," + offsets),
         "tensor \"t\": data_offsets is there twice"},
        {"a field too many", one_tensor(fields + R"(,"stride":[1])"), "data_offsets expected, \"stride\" found"},
        {"unknown dtype", one_tensor(R"("dtype":"Q4",)" + shape + offsets),
         "tensor \"t\": the dtype \"Q4\" is unknown"},
        {"dtype in small letters", one_tensor(R"("dtype":"f32",)" + shape + offsets), "the dtype \"f32\" is unknown"},
        {"dtype is a number", one_tensor(R"("dtype":32,)" + shape + offsets),
         "dtype: a text expected, the number 32 found"},
        {"dtype is a list", one_tensor(R"("dtype":["F32"],)" + shape + offsets),
         "dtype: a text expected, an array found"},
        {"shape is a number", one_tensor(R"("shape":6)"), "shape: an array of integers expected, the number 6 found"},
        {"shape is null", one_tensor(R"("shape":null)"), "shape: an array of integers expected, null found"},
        {"a negative extent", one_tensor(R"("shape":[-1])"), "shape: integers from 0 expected, the number -1 found"},
        {"an extent of minus zero", one_tensor(R"("shape":[-0])"),
         "shape: integers from 0 expected, the number -0 found"},
        {"a fraction", one_tensor(R"("shape":[2.0])"), "shape: integers from 0 expected, the number 2.0 found"},
        {"an exponent", one_tensor(R"("shape":[2e3])"), "shape: integers from 0 expected, the number 2e3 found"},
        {"more than 64 bits", one_tensor(R"("shape":[18446744073709551616])"), "the number 18446744073709551616 found"},
        {"an endless exponent", one_tensor(R"("shape":[1e999999])"), "the number 1e999999 found"},
        {"a text as extent", one_tensor(R"("shape":["2"])"), "shape: integers from 0 expected, the text \"2\" found"},
        {"true as extent", one_tensor(R"("shape":[true])"), "shape: integers from 0 expected, true found"},
        {"a nested shape", one_tensor(R"("shape":[[2]])"), "shape: integers from 0 expected, an array found"},
        {"an object in a shape", one_tensor(R"("shape":[{}])"), "shape: integers from 0 expected, an object found"},
        {"rank 33", one_tensor("\"shape\":[" + repeated("1,", 32) + "1]"),
         "shape: integers from 0 expected, at most 32 of them"},
        {"one offset", one_tensor(R"("data_offsets":[0])"), "data_offsets: two integers expected"},
        {"three offsets", one_tensor(R"("data_offsets":[0,1,2])"), "two integers from 0 expected, at most 2 of them"},
        {"a negative offset", one_tensor(R"("data_offsets":[-1,0])"),
         "two integers from 0 expected, the number -1 found"},
        {"nested a million deep", "{\"t\":" + repeated("[", 1000000), "an object expected, an array found"},
        {"objects a million deep", repeated("{\"t\":", 1000000),
         "tensor \"t\": dtype, shape and data_offsets expected"},
        {"a name of 4097 bytes", "{\"" + std::string(4097, 'n') + "\":1}",
         "a name of 4097 bytes, at most 4096 are supported"},
        {"a text of 16 MB", R"({"__metadata__":{"k":")" + std::string(16'000'001, 'x') + "\"}}",
         "__metadata__: \"k\": a text of"},
        {"a name that steers a terminal", "{\"\\u001b[2J\":1}", "tensor \"\\x1b[2J\": an object expected"},
    };
    REQUIRE_NOTHROW(parse_header(one_tensor(fields)));
    for (const row& malformed : rows) {
        INFO(malformed.name);
        CHECK_THROWS_AS(parse_header(malformed.text), file_error);
        CHECK_THROWS_WITH(parse_header(malformed.text), contains(malformed.message) && contains("m: "));
    }
}

TEST_CASE("what a header may not have, but the format allows, is not called damaged") {
    for (const std::string& text :
         {one_tensor("\"shape\":[" + repeated("1,", 32) + "1]"), "{\"" + std::string(4097, 'n') + "\":1}",
          R"({"__metadata__":{"k":")" + std::string(16'000'001, 'x') + "\"}}",
          one_tensor(R"("dtype":"Q4","shape":[2,3],"data_offsets":[0,24])")}) {
        INFO(text.substr(0, 40));
        CHECK_THROWS_WITH(parse_header(text), !contains("damaged"));
    }
    CHECK_THROWS_WITH(parse_header(one_tensor(R"("shape":[-1])")), contains("damaged"));
}

TEST_CASE("limits of a safetensors header are reached, not only passed") {
    CHECK(parse_header("{\"" + std::string(4096, 'n') + "\":{" + fields + "}}").tensors[0].name.size() == 4096);
    CHECK(parse_header(R"({"__metadata__":{"k":")" + std::string(16'000'000, 'x') + "\"}}").metadata.at("k").size() ==
          16'000'000);
    CHECK(parse_header(one_tensor(R"("dtype":"F32","data_offsets":[0,18446744073709551615],"shape":[)" +
                                  repeated("1,", 31) + "1]"))
              .tensors[0]
              .end == 18446744073709551615ULL);
}
