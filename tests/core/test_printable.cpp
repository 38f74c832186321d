#include "strata/core/printable.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace strata::authoring::detail;

TEST_CASE("in_quotes shows names from files without letting them steer a terminal") {
    CHECK(in_quotes("conv2d/kernel") == "\"conv2d/kernel\"");
    CHECK(in_quotes("\x1b[2J\n") == "\"\\x1b[2J\\x0a\"");
    CHECK(in_quotes("a\"b\\") == "\"a\\x22b\\x5c\"");
    CHECK(in_quotes("\xc3\xa9") == "\"\\xc3\\xa9\"");
    CHECK(in_quotes(std::string(100, 'x'), 4) == "\"xxxx...\"");
    CHECK(in_quotes("") == "\"\"");
}

TEST_CASE("extents_text prints as Python does") {
    CHECK(extents_text(std::vector<int>{}) == "()");
    CHECK(extents_text(std::vector<int>{6}) == "(6,)");
    CHECK(extents_text(std::vector<int>{5, 5, 1, 6}) == "(5, 5, 1, 6)");
}
