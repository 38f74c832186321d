#include "strata/io/safetensors_writer.hpp"

#include "strata/io/safetensors.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

#include <cstdint>
#include <locale>
#include <span>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

const std::vector<float> floats{1, -2, 0.5F};
const std::vector<std::uint8_t> bytes(2621, 'x');

std::vector<tensor_view> some_tensors() {
    return {view_of("z/kernel", {3, 1}, std::span(floats)), view_of("a", {2621}, std::span(bytes)),
            view_of("none", {0, 7}, std::span(floats).first(0)), view_of("scalar", {}, std::span(floats).last(1))};
}

struct dots_and_commas : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

}  // namespace

TEST_CASE("what write_safetensors writes is read back, in the order given") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "m.safetensors";
    write_safetensors(path, some_tensors(), {{"note", "\"quoted\"\n"}});
    const safetensors_file file = safetensors_file::read(path);
    CHECK(file.names() == std::vector<std::string>{"z/kernel", "a", "none", "scalar"});
    CHECK(file.at("z/kernel").extents == std::vector<std::size_t>{3, 1});
    CHECK(file.values<float>("z/kernel") == floats);
    CHECK(file.values<std::uint8_t>("a") == bytes);
    CHECK(file.values<float>("none").empty());
    CHECK(file.values<float>("scalar") == std::vector<float>{0.5F});
    CHECK(file.metadata().at("note") == "\"quoted\"\n");
    CHECK(folder.entries() == 1);
}

TEST_CASE("the bytes of a safetensors file are those of the format") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "m";
    write_safetensors(path, std::vector{view_of("a", {3}, std::span(floats))}, {{"key", "v"}});
    const std::string header =
        R"({"__metadata__":{"key":"v"},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}})" + std::string(6, ' ');
    REQUIRE(header.size() % 8 == 0);
    const std::string expected =
        test::little_endian<8>(header.size()) + header + std::string("\0\0\x80\x3f\0\0\0\xc0\0\0\0\x3f", 12);
    CHECK(test::contents(path) == expected);
    write_safetensors(path, {});
    CHECK(test::contents(path) == test::little_endian<8>(8) + "{}      ");
}

TEST_CASE("numbers are written the same under any locale") {
    const std::string expected = detail::safetensors_preamble(some_tensors(), {});
    const std::locale before = std::locale::global(std::locale(std::locale::classic(), new dots_and_commas));
    const char* const c_locale = std::setlocale(LC_ALL, "de_DE.UTF-8");  // where it is installed
    const std::string actual = detail::safetensors_preamble(some_tensors(), {});
    if (c_locale != nullptr) std::setlocale(LC_ALL, "C");
    std::locale::global(before);
    CHECK(actual == expected);
    CHECK_THAT(actual, contains("[12,2633]"));
}

TEST_CASE("write_safetensors refuses what no reader takes, and leaves the old file whole") {
    struct row {
        const char* name;
        std::vector<tensor_view> tensors;
        std::map<std::string, std::string> metadata;
        const char* message;
    };
    const auto three = std::span(floats);
    const std::vector<row> rows{
        {"a name twice", {view_of("a", {3}, three), view_of("a", {3}, three)}, {}, "\"a\" is given twice or reserved"},
        {"the reserved name", {view_of("__metadata__", {3}, three)}, {}, "\"__metadata__\" is given twice or reserved"},
        {"too few values", {view_of("a", {4}, three)}, {}, "the shape (4,) of type F32 does not have 12 bytes"},
        {"too many values", {view_of("a", {}, three)}, {}, "the shape () of type F32 does not have 12 bytes"},
        {"a shape that wraps", {view_of("a", {1ULL << 63U, 2, 3}, three)}, {}, "does not have 12 bytes"},
        {"rank 33", {view_of("a", std::vector<std::size_t>(33, 1), three.first(1))}, {}, "does not have 4 bytes"},
        {"a name that is not UTF-8", {view_of("\xff", {3}, three)}, {}, "the text \"\\xff\" is not UTF-8"},
        {"metadata that is not UTF-8", {}, {{"k", "\xff"}}, "is not UTF-8"},
        {"a name too long", {view_of(std::string(4097, 'n'), {3}, three)}, {}, "is longer than 4096 bytes"},
        {"metadata too long", {}, {{"k", std::string(16'000'001, 'x')}}, "is longer than 16000000 bytes"},
    };
    const test::temporary_folder folder;
    const auto path = folder.file("m", "old");
    for (const row& wrong : rows) {
        INFO(wrong.name);
        CHECK_THROWS_AS(write_safetensors(path, wrong.tensors, wrong.metadata), value_error);
        CHECK_THROWS_WITH(write_safetensors(path, wrong.tensors, wrong.metadata), contains(wrong.message));
        CHECK(test::contents(path) == "old");
    }
    CHECK_THROWS_AS(write_safetensors(folder.path() / "no" / "m", some_tensors()), file_error);
}
