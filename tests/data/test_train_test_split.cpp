#include "strata/data/train_test_split.hpp"

#include "support/catch.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

/// (N, 2) with rows that tell their numbers, and labels (N) of which every fourth is 1 and one after every eighth is 2.
struct samples {
    explicit samples(std::size_t count)
        : x(std::array<std::size_t, 2>{count, 2}), y(std::array<std::size_t, 1>{count}) {
        for (std::size_t i = 0; i < count; ++i) {
            x(i, 0) = static_cast<float>(i);
            x(i, 1) = -static_cast<float>(i);
            y(i) = i % 4 == 0 ? 1 : i % 8 == 1 ? 2 : 0;
        }
    }

    tensor<float, 2> x;
    tensor<std::int32_t, 1> y;
};

template <class Array> std::vector<double> values_of(const Array& array) { return {array.begin(), array.end()}; }

}  // namespace

TEST_CASE("train_test_split without shuffling takes the last samples to test with") {
    const samples data(10);
    const auto [x_train, x_test, y_train, y_test] = train_test_split(data.x, data.y, {.shuffle = false});
    CHECK(values_of(x_test) == std::vector<double>{7, -7, 8, -8, 9, -9});  // 2.5 samples are 3, as in scikit-learn
    CHECK(values_of(y_test) == std::vector<double>{0, 1, 2});
    CHECK(x_train.shape(0) == 7);
    CHECK(values_of(y_train) == std::vector<double>{1, 2, 0, 0, 1, 0, 0});
    CHECK(values_of(train_test_split(data.x, data.y, {.test_size = 2, .shuffle = false}).x_test) ==
          std::vector<double>{8, -8, 9, -9});  // their number
}

TEST_CASE("train_test_split puts each sample, with its label, into one part") {
    const samples data(101);
    const auto parts = train_test_split(data.x, data.y, {.test_size = 0.2, .seed = 3});
    CHECK(parts.x_test.shape(0) == 21);
    std::vector<double> seen;
    const auto look_at = [&](const auto& x, const auto& y) {
        REQUIRE(x.shape(0) == y.shape(0));
        for (std::size_t i = 0; i < y.size(); ++i) {
            CHECK((x(i, 1) == -x(i, 0) && y(i) == data.y(static_cast<std::size_t>(x(i, 0)))));
            seen.push_back(x(i, 0));
        }
    };
    look_at(parts.x_train, parts.y_train);
    look_at(parts.x_test, parts.y_test);
    CHECK(!std::is_sorted(seen.begin(), seen.end()));
    std::sort(seen.begin(), seen.end());
    CHECK(seen == values_of(xt::view(data.x, xt::all(), 0)));
    CHECK(values_of(train_test_split(data.x, data.y, {.test_size = 0.2, .seed = 3}).x_test) == values_of(parts.x_test));
    CHECK(values_of(train_test_split(data.x, data.y, {.test_size = 0.2, .seed = 4}).x_test) != values_of(parts.x_test));
}

TEST_CASE("train_test_split gives each class its share where stratify is set") {
    const samples data(60);  // 37 of class 0, 15 of class 1, 8 of class 2
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        const auto parts = train_test_split(data.x, data.y, {.test_size = 0.3, .seed = seed, .stratify = true});
        const auto counts = [](const auto& y) {
            return std::array{std::count(y.begin(), y.end(), 0), std::count(y.begin(), y.end(), 1),
                              std::count(y.begin(), y.end(), 2)};
        };
        CHECK(counts(parts.y_train) == std::array<std::ptrdiff_t, 3>{26, 10, 6});  // as scikit-learn 1.9.1 has them
        CHECK(counts(parts.y_test) == std::array<std::ptrdiff_t, 3>{11, 5, 2});
        for (std::size_t i = 0; i < parts.y_test.size(); ++i)
            CHECK(parts.y_test(i) == data.y(static_cast<std::size_t>(parts.x_test(i, 0))));
    }
}

TEST_CASE("train_test_split keeps the types of arrays, and takes expressions") {
    const xt::xarray<std::uint8_t> images = xt::zeros<std::uint8_t>({8, 3, 3});
    const samples data(8);
    const auto parts = train_test_split(images, data.y + 1, {.shuffle = false});
    static_assert(std::is_same_v<decltype(parts.x_train), dynamic_tensor<std::uint8_t>>);
    static_assert(std::is_same_v<decltype(train_test_split(data.x, data.y).x_test), tensor<float, 2>>);
    CHECK((parts.x_test.dimension() == 3 && parts.x_test.shape(0) == 2));
    CHECK(values_of(parts.y_test) == std::vector<double>{1, 1});
}

TEST_CASE("train_test_split refuses what it cannot divide") {
    const samples data(8);
    CHECK_THROWS_AS(train_test_split(data.x, samples(7).y), shape_error);
    for (const double size : {0.0, 1.0, 1.5, 2.5, 8.0, -0.5, 20.0, 1e300, std::numeric_limits<double>::quiet_NaN()})
        CHECK_THROWS_AS(train_test_split(data.x, data.y, {.test_size = size}), value_error);
    CHECK_THROWS_WITH(train_test_split(data.x, data.y, {.test_size = 0.9}),
                      contains("of 8 samples 8 would be to test"));
    CHECK_THROWS_AS(train_test_split(samples(0).x, samples(0).y), value_error);
    CHECK_THROWS_WITH(train_test_split(data.x, data.y, {.shuffle = false, .stratify = true}),
                      contains("shuffle is false"));
    CHECK_THROWS_WITH(train_test_split(data.x, data.y, {.stratify = true}), contains("a class has one sample"));
    CHECK_THROWS_WITH(train_test_split(samples(16).x, samples(16).y, {.test_size = 0.1, .stratify = true}),
                      contains("2 to test with are too few for 3 classes"));
    CHECK_THROWS_AS(train_test_split(data.x, data.x, {.stratify = true}), shape_error);
}
