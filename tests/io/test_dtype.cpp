#include "strata/io/dtype.hpp"

#include "support/catch.hpp"

#include <cstdint>

using namespace strata::authoring;

TEST_CASE("dtype names, sizes and C++ types agree") {
    for (const detail::dtype_row& row : detail::dtype_table) {
        INFO(row.name);
        CHECK(dtype_name(row.type) == row.name);
        CHECK(dtype_bits(row.type) == row.bits);
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
    STATIC_REQUIRE_FALSE(is_floating(dtype::f8_e4m3));
}

TEST_CASE("dtype_bytes counts whole bytes") {
    STATIC_REQUIRE(dtype_bytes(dtype::f32, 3) == std::uint64_t{12});
    STATIC_REQUIRE(dtype_bytes(dtype::c64, 3) == std::uint64_t{24});
    STATIC_REQUIRE(dtype_bytes(dtype::f4, 4) == std::uint64_t{2});
    STATIC_REQUIRE(dtype_bytes(dtype::f6_e2m3, 4) == std::uint64_t{3});
    STATIC_REQUIRE_FALSE(dtype_bytes(dtype::f4, 3).has_value());
    STATIC_REQUIRE_FALSE(dtype_bytes(dtype::f64, std::uint64_t{1} << 61U).has_value());
}
