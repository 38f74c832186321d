#include "strata/io/safetensors.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"
#include "support/safetensors_bytes.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;
using test::little_endian;
using test::safetensors_bytes;

namespace {

safetensors_file parse_file(const std::string& bytes, const read_options& options = {}) {
    return safetensors_file::read(test::as_bytes(bytes), "m.safetensors", options);
}

/// A file of 16 bytes of data with two tensors, the usual case.
const std::string good_header =
    R"({"__metadata__":{"by":"hand"},"a":{"dtype":"U8","shape":[2,4],"data_offsets":[0,8]},)"
    R"("b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})";
const std::string good = safetensors_bytes(good_header, std::string("\0\1\2\3\4\5\6\7\0\0\x80\x3f\0\0\0\xc0", 16));

}  // namespace

TEST_CASE("safetensors_file gives names, shapes, values and metadata") {
    const safetensors_file file = parse_file(good);
    CHECK(file.names() == std::vector<std::string>{"a", "b"});
    CHECK(file.size() == 2);
    CHECK(file.contains("b"));
    CHECK_FALSE(file.contains("c"));
    CHECK(file.metadata() == std::map<std::string, std::string>{{"by", "hand"}});
    CHECK(file.at("a").type == dtype::u8);
    CHECK(file.at("a").extents == std::vector<std::size_t>{2, 4});
    CHECK(file.values<int>("a") == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(file.values<double>("b") == std::vector<double>{1, -2});
    CHECK_THROWS_AS(file.at("c"), file_error);
    CHECK_THROWS_WITH(file.at("c"), contains("m.safetensors: tensor \"c\" expected, not there"));
    CHECK_THROWS_WITH(file.values<int>("b"),
                      contains("m.safetensors: tensor \"b\": element 0[0] of type F32 is no I32"));
}

TEST_CASE("a copy of a safetensors_file has bytes of its own") {
    safetensors_file copy = parse_file(safetensors_bytes("{}"));
    {
        const safetensors_file file = parse_file(good);
        copy = file;
    }
    CHECK(copy.values<int>("a")[7] == 7);
}

TEST_CASE("safetensors files that the format allows are read") {
    struct row {
        const char* name;
        std::string bytes;
        std::size_t tensors;
    };
    const std::vector<row> rows{
        {"no tensors", safetensors_bytes("{}"), 0},
        {"metadata of null", safetensors_bytes(R"({"__metadata__":null})"), 0},
        {"metadata only", safetensors_bytes(R"({"__metadata__":{}})"), 0},
        {"spaces behind the header", safetensors_bytes("{}      "), 0},
        {"a scalar", safetensors_bytes(R"({"s":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})", "x"), 1},
        {"no elements", safetensors_bytes(R"({"e":{"dtype":"F64","shape":[3,0],"data_offsets":[0,0]}})"), 1},
        {"no elements, between others",
         safetensors_bytes(R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},)"
                           R"("e":{"dtype":"F64","shape":[0],"data_offsets":[1,1]},)"
                           R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                           "xy"),
         3},
        {"fields in another order, not aligned",
         safetensors_bytes(R"({"a":{"data_offsets":[0,1],"shape":[1],"dtype":"BOOL"},)"
                           R"("b":{"shape":[1],"dtype":"F64","data_offsets":[1,9]}})",
                           std::string(9, '\0')),
         2},
        {"rank 32",
         safetensors_bytes(R"({"a":{"dtype":"U8","data_offsets":[0,1],"shape":[1)" +
                               [] {
                                   std::string ones;
                                   for (int i = 1; i < 32; ++i) ones += ",1";
                                   return ones;
                               }() +
                               "]}}",
                           "x"),
         1},
        {"a name in any language",
         safetensors_bytes(R"({"größe/\u0041":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})"), 1},
    };
    for (const row& legal : rows) {
        INFO(legal.name);
        const safetensors_file file = parse_file(legal.bytes);
        CHECK(file.size() == legal.tensors);
        for (const std::string& name : file.names()) CHECK_NOTHROW(file.values<double>(name));
    }
    CHECK(parse_file(rows.back().bytes).contains("größe/A"));
}

TEST_CASE("a type of the format that is not supported is named where its tensor is wanted, and the others load") {
    struct row {
        std::string type;
        std::size_t bytes_of_four;
    };
    const std::vector<row> rows{{"F4", 2},      {"F6_E2M3", 3},     {"F6_E3M2", 3},     {"F8_E5M2", 4}, {"F8_E4M3", 4},
                                {"F8_E8M0", 4}, {"F8_E4M3FNUZ", 4}, {"F8_E5M2FNUZ", 4}, {"C64", 32}};
    for (const row& lacking : rows) {
        INFO(lacking.type);
        const std::string size = std::to_string(lacking.bytes_of_four);
        const std::string end = std::to_string(lacking.bytes_of_four + 4);
        const std::string header = R"({"w":{"dtype":")" + lacking.type + R"(","shape":[2,2],"data_offsets":[0,)" +
                                   size + R"(]},"b":{"dtype":"F32","shape":[1],"data_offsets":[)" + size + "," + end +
                                   "]}}";
        const std::string bytes =
            safetensors_bytes(header, std::string(lacking.bytes_of_four, '\xff') + little_endian<4>(0x3f800000));
        const safetensors_file file = parse_file(bytes, {.reject_nonfinite = true});
        CHECK(file.values<float>("b") == std::vector<float>{1});
        CHECK(file.at("w").bytes.size() == lacking.bytes_of_four);
        CHECK(dtype_name(file.at("w").type) == lacking.type);
        CHECK_THROWS_AS(file.values<float>("w"), file_error);
        CHECK_THROWS_WITH(file.values<float>("w"),
                          contains("m.safetensors: tensor \"w\": the type " + lacking.type + " is not supported"));
    }
}

TEST_CASE("a file of another kind is called by its name") {
    struct row {
        std::string begin;
        const char* kind;
    };
    const std::vector<row> rows{{"PK\3\4", "a zip archive"},
                                {"\x89HDF\r\n\x1a\n", "an HDF5 file"},
                                {std::string("\x1f\x8b\x08\0\0\0\0\0", 8), "packed with gzip"},
                                {"\xfd"
                                 "7zXZ",
                                 "packed with xz"},
                                {"\x93NUMPY", "a NumPy array"}};
    for (const row& other : rows) {
        INFO(other.kind);
        CHECK_THROWS_WITH(parse_file(other.begin + std::string(100, '\0')),
                          contains("m.safetensors: a safetensors file expected, this is ") && contains(other.kind) &&
                              !contains("truncated"));
    }
}

TEST_CASE("NaN and infinity are accepted, and refused by name and index where asked for") {
    const std::string bytes =
        safetensors_bytes(R"({"ok":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                          R"("dense/kernel":{"dtype":"F64","shape":[2,2],"data_offsets":[4,36]}})",
                          little_endian<4>(0x3f800000) + std::string(16, '\0') + little_endian<8>(0x7ff0000000000000) +
                              little_endian<8>(0x7ff8000000000000));
    CHECK(std::isinf(parse_file(bytes).values<float>("dense/kernel")[2]));
    CHECK_THROWS_AS(parse_file(bytes, {.reject_nonfinite = true}), file_error);
    CHECK_THROWS_WITH(parse_file(bytes, {.reject_nonfinite = true}),
                      contains("m.safetensors: tensor \"dense/kernel\": element 2[1, 0] is NaN or infinite"));
    CHECK_NOTHROW(parse_file(good, {.reject_nonfinite = true}));
}

TEST_CASE("safetensors_file::read takes a path and names it") {
    const test::temporary_folder folder;
    const auto path = folder.file("m.safetensors", good);
    CHECK(safetensors_file::read(path).values<float>("b") == std::vector<float>{1, -2});
    CHECK(safetensors_file::read(path).file_name() == path.string());
    const auto cut = folder.file("cut", good.substr(0, good.size() - 1));
    CHECK_THROWS_WITH(safetensors_file::read(cut), contains(cut.string() + ": tensor \"b\": ends at byte 16"));
    CHECK_THROWS_WITH(safetensors_file::read(folder.path() / "none"), contains("none: no such file"));
}

TEST_CASE("every safetensors file that ends early is refused") {
    for (std::size_t size = 0; size < good.size(); ++size) {
        INFO(size);
        CHECK_THROWS_AS(parse_file(good.substr(0, size)), file_error);
    }
    CHECK_THROWS_WITH(parse_file(good + "x"), contains("m.safetensors: 1 bytes follow the last tensor"));
}
