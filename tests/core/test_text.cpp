#include "strata/core/text.hpp"

#include "support/catch.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

using strata::authoring::concat;

TEST_CASE("concat puts characters and whole numbers behind each other") {
    const std::string name = "labels";
    CHECK(concat({}).empty());
    CHECK(concat({name, ": ", std::string_view("extent 7").substr(0, 6), " ", std::uint8_t{10}, ", ", 0u}) ==
          "labels: extent 10, 0");
    CHECK(concat({std::numeric_limits<std::uint64_t>::max()}) == "18446744073709551615");
    CHECK(concat({"", name, ""}) == name);
}

// A size or an index has no sign; where a number has one, std::to_string says how it is written.
static_assert(std::constructible_from<strata::authoring::text_piece, std::size_t>);
static_assert(!std::constructible_from<strata::authoring::text_piece, int>);
static_assert(!std::constructible_from<strata::authoring::text_piece, bool>);
static_assert(!std::constructible_from<strata::authoring::text_piece, std::nullptr_t>);
static_assert(!std::constructible_from<strata::authoring::text_piece, char>);
static_assert(!std::constructible_from<strata::authoring::text_piece, double>);

TEST_CASE("display_width and prefix_of_width count characters, not bytes") {
    using strata::authoring::display_width, strata::authoring::prefix_of_width;
    CHECK(display_width("größe") == 5);
    CHECK(prefix_of_width("größe", 4) == "größ");
    CHECK(prefix_of_width("größe", 3) == "grö");
    CHECK(prefix_of_width("größe", 9) == "größe");
    CHECK(prefix_of_width("größe", 0).empty());
}
