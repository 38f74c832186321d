#include "strata/losses/regression.hpp"

#include "support/catch.hpp"
#include "support/loss_check.hpp"
#include "support/xtensor.hpp"

#include <cstdint>
#include <string>

using namespace strata::authoring;
using test::run_loss;

TEST_CASE("MeanSquaredError is Keras'") {
    const test::keras_vectors vectors{"losses"};
    for (const std::string name : {"mse", "mse_weighted"}) {
        INFO(name);
        CHECK(test::error_of_case<double>(vectors, name, MeanSquaredError{}) <= 1e-10);
        CHECK(test::error_of_case<pack<double>>(vectors, name, MeanSquaredError{}) <= 1e-10);
        CHECK(test::error_of_case<pack<float>>(vectors, name, MeanSquaredError{}) <= 1e-5);
    }
}

TEST_CASE("MeanSquaredError is the mean over the outputs") {
    const auto result = run_loss<double, 2, false>(MeanSquaredError{}, {3, 5}, {1, 5.5}, {});
    CHECK(result.value == (4 + 0.25) / 2);
    CHECK(result.gradient == std::vector<double>{2, -0.5});
    CHECK(test::error_of_differences<3, false>(MeanSquaredError{}, {1, -2, 0.5, 4, 4, 1}, {0, 1, 2, 3, 4, 5},
                                               {2, 0.5}) < 1e-8);
}

TEST_CASE("MeanSquaredError refuses bytes, which inputs are scaled of") {
    const xt::xtensor<std::uint8_t, 2> bytes{{0, 255}};
    const xt::xtensor<int, 2> numbers{{0, 255}};
    CHECK_THROWS_WITH(MeanSquaredError{}.check<shape<2>>(bytes), test::contains("give them as floats"));
    CHECK_NOTHROW(MeanSquaredError{}.check<shape<2>>(numbers));
}
