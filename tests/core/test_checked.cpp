#include "strata/core/checked.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <limits>
#include <vector>

using namespace strata::authoring::detail;

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

TEST_CASE("checked_product and checked_sum are exact up to the last value and nothing beyond it") {
    STATIC_REQUIRE(checked_product(6, 7) == 42);
    CHECK(checked_product(0, largest) == 0);
    CHECK(checked_product(largest, 0) == 0);
    CHECK(checked_product(largest, 1) == largest);
    CHECK(checked_product(1ULL << 32U, (1ULL << 32U) - 1) == 0xffffffff00000000U);
    CHECK_FALSE(checked_product(1ULL << 32U, 1ULL << 32U).has_value());
    CHECK_FALSE(checked_product(largest, 2).has_value());
    STATIC_REQUIRE(checked_sum(largest - 1, 1) == largest);
    CHECK_FALSE(checked_sum(largest, 1).has_value());
    CHECK_FALSE(checked_sum(1, largest).has_value());
}

TEST_CASE("checked_element_count") {
    const auto count = [](std::vector<std::uint64_t> extents) { return checked_element_count(extents); };
    CHECK(count({}) == 1);
    CHECK(count({60000, 28, 28}) == 47040000);
    CHECK(count({5, 0, 7}) == 0);
    // (2^62 + 1) * 4 wraps to 4, 65536^4 wraps to 0: a shape that looks small and addresses everything.
    CHECK_FALSE(count({(1ULL << 62U) + 1, 4}).has_value());
    CHECK_FALSE(count({65536, 65536, 65536, 65536}).has_value());
    // A zero does not hide an overflow, wherever it stands.
    CHECK_FALSE(count({0, 1ULL << 62U, 8}).has_value());
    CHECK_FALSE(count({1ULL << 62U, 8, 0}).has_value());
    // Strides have a sign.
    CHECK(count({(1ULL << 63U) - 1, 0}) == 0);
    CHECK_FALSE(count({1ULL << 62U, 2, 0}).has_value());
}

TEST_CASE("checked_size") {
    CHECK(checked_size(5) == std::size_t{5});
    CHECK(checked_size(largest).has_value() == (sizeof(std::size_t) == 8));
}
