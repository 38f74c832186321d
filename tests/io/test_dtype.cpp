#include "strata/io/dtype.hpp"

#include "support/catch.hpp"

#include <cstdint>

using namespace strata;

TEST_CASE("dtype names, sizes and C++ types agree") {
    for (const detail::dtype_row& row : detail::dtype_table) {
        INFO(row.name);
        CHECK(dtype_name(row.type) == row.name);
        CHECK(dtype_size(row.type) == row.size);
        CHECK(dtype_from_name(row.name) == row.type);
    }
    CHECK_FALSE(dtype_from_name("F31").has_value());
    CHECK_FALSE(dtype_from_name("f32").has_value());
    CHECK_FALSE(dtype_from_name("").has_value());
    STATIC_REQUIRE(dtype_of<float>() == dtype::f32);
    STATIC_REQUIRE(dtype_of<double>() == dtype::f64);
    STATIC_REQUIRE(dtype_of<bool>() == dtype::boolean);
    STATIC_REQUIRE(dtype_of<std::uint8_t>() == dtype::u8);
    STATIC_REQUIRE(dtype_of<std::int16_t>() == dtype::i16);
    STATIC_REQUIRE(dtype_of<std::uint32_t>() == dtype::u32);
    STATIC_REQUIRE(dtype_of<std::int64_t>() == dtype::i64);
    STATIC_REQUIRE(is_floating(dtype::bf16));
    STATIC_REQUIRE_FALSE(is_floating(dtype::i64));
}
