#include "strata/io/npy.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;
using test::little_endian;

namespace {

const std::filesystem::path numpy_files = std::filesystem::path(STRATA_TEST_DATA_DIR) / "numpy";

template <class T> dynamic_tensor<T> parse_array(const std::string& bytes) {
    detail::memory_source source(test::as_bytes(bytes), "a.npy");
    return parse_npy<T>(source);
}

template <class T> std::vector<T> values_of(const dynamic_tensor<T>& array) { return {array.begin(), array.end()}; }

/// An .npy file of version 1.0 with this text for a header.
std::string npy(const std::string& header, const std::string& data = {}) {
    return std::string("\x93NUMPY\1\0", 8) + little_endian<2>(header.size()) + header + data;
}

/// The same with these entries for a header.
std::string of_type(const std::string& type, const std::string& shape, const std::string& data) {
    return npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n", data);
}

}  // namespace

TEST_CASE("load_npy reads what NumPy wrote") {
    const auto array = load_npy<float>(numpy_files / "array.npy");
    CHECK(array.dimension() == 2);
    CHECK(array.shape()[1] == 3);
    CHECK(values_of(array) == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(values_of(load_npy<double>(numpy_files / "array.npy")) == std::vector<double>{0, 1, 2, 3, 4, 5});
    for (const char* name : {"version_2.npy", "version_3.npy"})
        CHECK(values_of(load_npy<double>(numpy_files / name)) == std::vector<double>{1.5, -2.5});
    CHECK_THROWS_WITH(load_npy<float>(numpy_files / "objects.npy"),
                      contains("objects.npy: an array of Python objects"));
    CHECK_THROWS_WITH(load_npy<float>(numpy_files / "records.npy"),
                      contains("an array of records (a structured dtype)"));
    CHECK_THROWS_WITH(load_npy<float>(numpy_files / "stored.npz"), contains("a zip archive") && contains("load_npz"));
    CHECK_THROWS_WITH(load_npy<float>(numpy_files / "none.npy"), contains("no such file"));
}

TEST_CASE("save_npy writes the bytes that NumPy writes") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "array.npy";
    const tensor<float, 2> array{{0, 1, 2}, {3, 4, 5}};
    save_npy(path, array);
    CHECK(test::contents(path) == test::contents(numpy_files / "array.npy"));
    save_npy(path, array - 1.0f);  // an expression, without memory
    CHECK(values_of(load_npy<float>(path)) == std::vector<float>{-1, 0, 1, 2, 3, 4});
}

TEST_CASE("headers may have other blanks, quotes and orders of keys") {
    const std::string data = little_endian<4>(0x3f800000) + little_endian<4>(0x40000000);
    for (const char* header : {"{'shape':(2,),'fortran_order':True,'descr':'<f4'}\n",
                               "{ \"descr\" : \"<f4\" , \"fortran_order\" : False, \"shape\" : (2L,) }    \n"})
        CHECK(values_of(parse_array<float>(npy(header, data))) == std::vector<float>{1, 2});
}

TEST_CASE("malformed .npy files are refused") {
    const std::string good = of_type("<f4", "(2,)", "abcdefgh");
    const std::string start = "{'descr': '<f4', 'fortran_order': False, 'shape': ";
    struct row {
        const char* name;
        std::string bytes;
        const char* message;
    };
    const std::vector<row> rows{
        {"empty", "", "an .npy file expected, it should begin with \\x93NUMPY"},
        {"another format", "\x89PNG....", "an .npy file expected"},
        {"ends in the magic", good.substr(0, 5), "the .npy header ends after 5 bytes (truncated"},
        {"ends in the length", good.substr(0, 9), "the .npy header ends in its length"},
        {"ends in the header", good.substr(0, 20), "an .npy header of 58 bytes expected, 10 are left"},
        {"ends behind the header", good.substr(0, good.size() - 8), "takes 8 bytes, 0 are left (truncated"},
        {"ends in the values", good.substr(0, good.size() - 1), "the shape (2,) of type F32 takes 8 bytes, 7 are left"},
        {"a byte too many", good + "i", "1 byte follows where the data should end"},
        {"version 4.0", std::string("\x93NUMPY\4\0\0\0\0\0", 12), "2.0 or 3.0 of the .npy format expected, 4.0 found"},
        {"version 1.1", std::string("\x93NUMPY\1\1\0\0\0\0", 12), "1.1 found"},
        {"4 GiB of header", std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12), "4294967295 bytes expected, 0 are left"},
        {"a long header", npy(std::string(65535, ' ')).replace(6, 4, std::string("\2\0\1\0\1\0", 6)) + "ab",
         "an .npy header of 65537 bytes, at most 65536"},
        {"no dictionary", npy("[1]\n"), "the header should have a dictionary, not \"[1]"},
        {"code", npy("__import__('os')\n"), "should have a dictionary"},
        {"code for a shape", npy(start + "(f(),), }\n"), "shape: whole numbers from 0"},
        {"unclosed", npy("{'descr': '<f4'"), "a comma or the end of the dictionary"},
        {"unclosed text", npy("{'descr"), "a key in quotes"},
        {"no colon", npy("{'descr' '<f4'}\n"), "a colon behind a key"},
        {"a key twice", npy("{'descr': '<f4', 'descr': '<f4'}\n"), "the key \"descr\" stands in the header twice"},
        {"an unknown key", npy("{'type': '<f4'}\n"), "\"type\" found"},
        {"no shape", npy("{'descr': '<f4', 'fortran_order': False}\n"), "the header lacks shape"},
        {"no order", npy("{'descr': '<f4', 'shape': ()}\n"), "the header lacks fortran_order"},
        {"text behind", npy(start + "(), } x\n", "abcd"), "spaces and one line end expected"},
        {"no line end", npy(start + "(), }", "abcd"), "spaces and one line end expected"},
        {"an order that is no bool", npy("{'fortran_order': 1}\n"), "fortran_order: True or False"},
        {"a number for a shape", npy(start + "2, }\n"), "shape: a tuple"},
        {"parentheses for a tuple", npy(start + "(2), }\n", "abcdefgh"), "a comma in the tuple of one extent"},
        {"a negative extent", npy(start + "(-2,), }\n"), "shape: whole numbers from 0"},
        {"a backslash", npy("{'a\\x27': 1}\n"), "a backslash"},
        {"an extent of 65 bits", npy(start + "(18446744073709551616,), }\n"), "an extent of more than 64 bits"},
        {"a product that wraps", npy(start + "(4611686018427387904, 4), }\n"),
         "more bytes than a program can address: the shape is (4611686018427387904, 4)"},
        {"bytes that wrap", npy(start + "(4611686018427387904,), }\n"), "more bytes than a program can address"},
        {"a product that wraps beside no elements", npy(start + "(4611686018427387904, 8, 0), }\n"), "more bytes than"},
        {"2 TiB", npy(start + "(549755813888,), }\n", "abcd"), "takes 2199023255552 bytes, 4 are left"},
        {"65 axes",
         npy(start + "(" +
             [] {
                 std::string s;
                 for (int i = 0; i < 65; ++i) s += "1, ";
                 return s;
             }() +
             "), }\n"),
         "more than 64 axes"},
        {"objects", of_type("|O", "()", "abcdefgh"), "an array of Python objects, which would have to be executed"},
        {"text", of_type("<U2", "()", "abcdefgh"), "the type \"<U2\" is not supported"},
        {"complex", of_type("<c8", "()", "abcdefgh"), "the type \"<c8\" is not supported"},
        {"no byte order", of_type("f4", "()", "abcd"), "the type \"f4\" is not supported"},
        {"the machine's byte order", of_type("=f4", "()", "abcd"), "the type \"=f4\" is not supported"},
        {"no byte order for 4 bytes", of_type("|f4", "()", "abcd"), "the type \"|f4\" is not supported"},
        {"no type", of_type("", "()", ""), "the type \"\" is not supported"},
    };
    REQUIRE(values_of(parse_array<float>(good)).size() == 2);
    for (const row& malformed : rows) {
        INFO(malformed.name);
        CHECK_THROWS_AS(parse_array<float>(malformed.bytes), file_error);
        CHECK_THROWS_WITH(parse_array<float>(malformed.bytes), contains(malformed.message) && contains("a.npy: "));
    }
}

TEST_CASE("load_npy changes no value silently") {
    CHECK_THROWS_WITH(parse_array<std::int32_t>(of_type("<f4", "(1,)", "abcd")),
                      contains("a.npy: tensor \"npy\": element 0[0] of type F32 is no I32"));
    CHECK_THROWS_WITH(parse_array<std::uint8_t>(of_type("<i2", "(2, 1)", std::string("\1\0\0\1", 4))),
                      contains("element 1[1, 0] of type I16 is no U8"));
    CHECK_THROWS_WITH(parse_array<float>(of_type("|b1", "(2,)", "\1\2")), contains("element 1[1] of type BOOL"));
    CHECK(values_of(parse_array<std::uint8_t>(of_type(">i2", "(1,)", std::string("\0\7", 2)))) ==
          std::vector<std::uint8_t>{7});
}
