#include "strata/data/one_hot.hpp"

#include "support/catch.hpp"

#include <cstdint>
#include <limits>
#include <vector>

using namespace strata::authoring;

TEST_CASE("one_hot makes the rows that Keras' to_categorical makes") {
    const auto list = [](const tensor<float, 2>& rows) { return std::vector<float>(rows.begin(), rows.end()); };
    const tensor<std::int32_t, 1> labels{2, 0, 1};
    CHECK(list(one_hot(labels)) == std::vector<float>{0, 0, 1, 1, 0, 0, 0, 1, 0});
    const tensor<float, 2> wide = one_hot(tensor<float, 2>{{1}, {0}}, 4);
    CHECK((wide.shape(0) == 2 && wide.shape(1) == 4));
    CHECK(list(wide) == std::vector<float>{0, 1, 0, 0, 1, 0, 0, 0});
}

TEST_CASE("one_hot refuses what is no class number") {
    CHECK_THROWS_WITH(one_hot(tensor<std::int32_t, 1>{0, 3}, 3),
                      "one_hot: label 1 is 3.0, class numbers from 0 to 2 are needed");
    CHECK_THROWS_AS(one_hot(tensor<std::int32_t, 1>{-1}), value_error);
    CHECK_THROWS_AS(one_hot(tensor<double, 1>{0.5}), value_error);
    CHECK_THROWS_AS(one_hot(tensor<double, 1>{std::numeric_limits<double>::quiet_NaN()}), value_error);
    CHECK_THROWS_AS(one_hot(tensor<double, 1>{1e18}), value_error);
    CHECK_THROWS_AS(one_hot(tensor<std::int32_t, 2>{{0, 1}}), shape_error);
}
