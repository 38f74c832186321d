#include "strata/system/file.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <sys/stat.h>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

using namespace strata::authoring;
using test::contains;
using test::contents;

TEST_CASE("file_source gives every byte") {
    const test::temporary_folder folder;
    const std::string all = std::string("a\0b\r\n\xff", 6) + std::string(100000, 'z');
    CHECK(contents(folder.file("all", all)) == all);
    CHECK(contents(folder.file("empty", "")).empty());
}

TEST_CASE("what is not a readable regular file is refused by name") {
    const test::temporary_folder folder;
    const std::string missing = (folder.path() / "missing").string();
    CHECK_THROWS_AS(contents(missing), file_error);
    CHECK_THROWS_WITH(contents(missing), contains(missing + ": no such file"));
    CHECK_THROWS_WITH(contents(folder.path()), contains("a regular file was expected, this is a folder"));
    // Opening a pipe would wait for a writer that never comes, and /dev/zero has no end.
    const std::filesystem::path pipe = folder.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_THROWS_WITH(contents(pipe), contains("this is a pipe or a device"));
    CHECK_THROWS_WITH(contents("/dev/zero"), contains("this is a pipe or a device"));
    CHECK_THROWS_WITH(detail::file_source(missing, "mnist: labels"), contains("mnist: labels: no such file"));
    const auto below_a_file = folder.file("file", "x") / "y";
    CHECK_THROWS_AS(contents(below_a_file), file_error);
}

TEST_CASE("a file that changes while it is read is an error, not a short or a longer array") {
    const test::temporary_folder folder;
    const auto path = folder.file("changing", "12345678");
    std::array<std::byte, 8> bytes{};
    SECTION("shorter") {
        detail::file_source source(path);
        std::filesystem::resize_file(path, 4);
        CHECK_THROWS_WITH(source.read(bytes), contains("became shorter while it was read"));
    }
    SECTION("longer") {
        detail::file_source source(path);
        std::ofstream(path, std::ios::app) << "9";
        CHECK(source.read(bytes) == 8);
        CHECK_THROWS_WITH(source.expect_end(), contains("became longer while it was read"));
    }
    SECTION("read in parts, with bytes left over") {
        detail::file_source source(path);
        CHECK(source.read(std::span(bytes).first(3)) == 3);
        CHECK(source.most_left() == 5);
        CHECK_THROWS_WITH(source.expect_end(), contains("5 bytes follow where the data should end"));
        CHECK(source.read(bytes) == 5);
        CHECK_NOTHROW(source.expect_end());
    }
}
