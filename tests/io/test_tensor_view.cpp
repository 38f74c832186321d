#include "strata/io/tensor_view.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::contains;
using test::little_endian;

namespace {

template <class T> tensor_view view(const std::vector<T>& values) {
    return view_of("values", {values.size()}, std::span<const T>(values));
}

}  // namespace

TEST_CASE("to_vector converts between types without changing a value") {
    const std::vector<float> floats{0, -1.5F, 3.25F};
    CHECK(to_vector<float>(view(floats)) == floats);
    CHECK(to_vector<double>(view(floats)) == std::vector<double>{0, -1.5, 3.25});
    const std::vector<double> doubles{0, -1.5, 1.0 / 3.0};
    CHECK(to_vector<float>(view(doubles)) == std::vector<float>{0, -1.5F, 1.0F / 3.0F});
    const std::vector<std::uint8_t> bytes{0, 7, 255};
    CHECK(to_vector<float>(view(bytes)) == std::vector<float>{0, 7, 255});
    CHECK(to_vector<std::int64_t>(view(bytes)) == std::vector<std::int64_t>{0, 7, 255});
    const std::vector<std::int64_t> longs{-128, 127};
    CHECK(to_vector<std::int8_t>(view(longs)) == std::vector<std::int8_t>{-128, 127});
    CHECK(to_vector<double>(view(longs)) == std::vector<double>{-128, 127});
    CHECK(to_vector<float>(view(std::vector<float>{})).empty());
    const tensor_view booleans{"b", dtype::boolean, {2}, test::as_bytes({"\0\1", 2})};
    CHECK(to_vector<int>(booleans) == std::vector<int>{0, 1});
}

TEST_CASE("to_vector refuses what does not fit, by tensor and index") {
    const std::vector<std::int64_t> longs{1, 2, 128};
    CHECK_THROWS_AS(to_vector<std::int8_t>(view(longs)), file_error);
    CHECK_THROWS_WITH(to_vector<std::int8_t>(view(longs), "m.safetensors"),
                      contains("m.safetensors: tensor \"values\": element 2[2] of type I64 is no I8"));
    CHECK_THROWS_AS(to_vector<std::uint64_t>(view(std::vector<std::int8_t>{-1})), file_error);
    CHECK_THROWS_AS(to_vector<int>(view(std::vector<float>{1})), file_error);
    CHECK_THROWS_AS(to_vector<float>(view(std::vector<double>{1e39})), file_error);
    CHECK_THROWS_AS(to_vector<float>(view(std::vector<double>{-1e300})), file_error);
    CHECK_THROWS_AS(to_vector<int>(tensor_view{"b", dtype::boolean, {1}, test::as_bytes("\2")}), file_error);
    std::vector<float> room(2);
    CHECK_THROWS_AS(convert(view(longs), std::span(room)), shape_error);
}

TEST_CASE("NaN and infinity pass from double to float as they are") {
    const auto values = to_vector<float>(view(std::vector<double>{NAN, INFINITY, -INFINITY}));
    CHECK(std::isnan(values[0]));
    CHECK(values[1] == INFINITY);
    CHECK(values[2] == -INFINITY);
}

TEST_CASE("F16 and BF16 are widened exactly") {
    struct row {
        unsigned bits;
        float half;
        float brain;
    };
    const std::vector<row> rows{{0x0000, 0.0F, 0.0F},
                                {0x3c00, 1.0F, 0.0078125F},
                                {0xc000, -2.0F, -2.0F},
                                {0x7bff, 65504.0F, std::ldexp(255.0F / 128.0F, 120)},
                                {0x0001, std::ldexp(1.0F, -24), std::ldexp(1.0F, -133)},
                                {0x03ff, std::ldexp(1023.0F, -24), std::ldexp(255.0F, -127)},
                                {0x0400, std::ldexp(1.0F, -14), std::ldexp(1.0F, -119)},
                                {0xfc00, -INFINITY, -std::ldexp(1.0F, 121)},
                                {0x7f80, NAN, INFINITY}};
    for (const row& expected : rows) {
        INFO(expected.bits);
        const std::string bytes = little_endian<2>(expected.bits);
        const float half = to_vector<float>({"h", dtype::f16, {1}, test::as_bytes(bytes)})[0];
        const float brain = to_vector<float>({"b", dtype::bf16, {1}, test::as_bytes(bytes)})[0];
        CHECK((std::isnan(expected.half) ? std::isnan(half) : half == expected.half));
        CHECK(brain == expected.brain);
        CHECK(first_nonfinite({"h", dtype::f16, {1}, test::as_bytes(bytes)}).has_value() == !std::isfinite(half));
        CHECK(first_nonfinite({"b", dtype::bf16, {1}, test::as_bytes(bytes)}).has_value() == !std::isfinite(brain));
    }
}

TEST_CASE("first_nonfinite finds the first, in every floating type") {
    CHECK(first_nonfinite(view(std::vector<float>{1, 2, NAN, INFINITY})) == std::size_t{2});
    CHECK(first_nonfinite(view(std::vector<double>{1, -INFINITY})) == std::size_t{1});
    CHECK_FALSE(first_nonfinite(view(std::vector<float>{std::numeric_limits<float>::max()})).has_value());
    CHECK_FALSE(first_nonfinite(view(std::vector<double>{std::numeric_limits<double>::denorm_min()})).has_value());
    CHECK_FALSE(first_nonfinite(view(std::vector<std::int64_t>{-1})).has_value());
}

TEST_CASE("index_text counts the last axis fastest") {
    const std::vector<std::size_t> extents{2, 3, 4};
    CHECK(detail::index_text(extents, 0) == "[0, 0, 0]");
    CHECK(detail::index_text(extents, 23) == "[1, 2, 3]");
    CHECK(detail::index_text(extents, 13) == "[1, 0, 1]");
    CHECK(detail::index_text({}, 0).empty());
}
