#include "strata/data/standardizer.hpp"

#include "support/catch.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using namespace strata::authoring;
using test::contains;

namespace {

template <class Array> void check_near(const Array& array, const std::vector<double>& expected, double tolerance) {
    REQUIRE(array.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO(i);
        CHECK_THAT(static_cast<double>(array.data()[i]), Catch::Matchers::WithinAbs(expected[i], tolerance));
    }
}

const tensor<double, 2> train{{1, 0.1, 1e6}, {2, 0.1, 1e6 + 1}, {4, 0.1, 1e6 + 2}, {9, 0.1, 1e6 + 1}};

}  // namespace

TEST_CASE("Standardizer has the numbers of scikit-learn's StandardScaler") {
    const Standardizer standardizer(train);
    check_near(standardizer.mean(), {4, 0.1, 1000001}, 1e-9);
    check_near(standardizer.deviation(), {3.082207001484488, 1, 0.7071067811865476}, 1e-9);
    const tensor<double, 2> other{{0, 0.5, 1e6}, {5, -1, 1e6 + 3}};
    const tensor<double, 2> scaled = standardizer.transform(other);
    check_near(scaled, {-1.2977713690461004, 0.4, -1.4142135623730951, 0.3244428422615251, -1.1, 2.8284271247461903},
               1e-9);
    check_near(standardizer.inverse_transform(scaled), {0, 0.5, 1e6, 5, -1, 1e6 + 3}, 1e-9);
}

TEST_CASE("Standardizer takes a single column, images and bytes, and gives floats") {
    const tensor<float, 1> y{1, 2, 3};
    const tensor<float, 1> scaled = Standardizer(y).transform(y);
    check_near(scaled, {-std::sqrt(1.5), 0, std::sqrt(1.5)}, 1e-6);
    const tensor<std::uint8_t, 3> bytes{{{0, 10}, {100, 10}}, {{200, 10}, {100, 10}}};
    const Standardizer standardizer(bytes);
    check_near(standardizer.mean(), {100, 10}, 0);
    const tensor<float, 3> floats = standardizer.transform(bytes);
    check_near(floats, {-std::sqrt(2.0), 0, 0, 0, std::sqrt(2.0), 0, 0, 0}, 1e-6);
}

TEST_CASE("Standardizer refuses other columns, no samples and values that are not finite") {
    const Standardizer standardizer(train);
    CHECK_THROWS_WITH(standardizer.transform(tensor<double, 2>{{1, 2}}),
                      "Standardizer: 3 columns expected along the last axis, the array is (1, 2)");
    CHECK_THROWS_AS(standardizer.inverse_transform(tensor<double, 1>{1}), shape_error);
    CHECK_THROWS_AS(Standardizer(tensor<double, 2>(std::array<std::size_t, 2>{0, 3})), shape_error);
    tensor<double, 2> missing = train;
    missing(2, 1) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(Standardizer(missing), contains("column 1 has a value that is NaN or infinite"));
}
