#include "strata/system/byte_source.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <array>
#include <cstddef>

using namespace strata::authoring;
using test::contains;

TEST_CASE("memory_source gives its bytes once and knows how many are left") {
    detail::memory_source source(test::as_bytes("abcde"), "five");
    std::array<std::byte, 3> part{};
    CHECK(source.name() == "five");
    CHECK(source.most_left() == 5);
    CHECK(source.read(part) == 3);
    CHECK(part[2] == std::byte{'c'});
    CHECK_THROWS_WITH(source.expect_end(), contains("five: 2 bytes follow where the data should end"));
    CHECK(source.read(part) == 2);
    CHECK(source.read(part) == 0);
    CHECK(source.most_left() == 0);
    CHECK_NOTHROW(source.expect_end());
}

TEST_CASE("memory_source over nothing") {
    detail::memory_source source({}, "nothing");
    CHECK(source.read({}) == 0);
    CHECK_NOTHROW(source.expect_end());
}
