#include "strata/training/evaluator.hpp"

#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <cstddef>

using namespace strata::authoring;
using test::Line;
using test::parameters_of;

namespace {

const xt::xtensor<double, 2> inputs{{1, 2}, {-1, 0.5}, {0, 1}, {2, -1}, {0.5, 0.5}, {1, -2}, {-1, -1}};
const xt::xtensor<double, 2> targets{{1}, {0}, {2}, {-1}, {0.5}, {3}, {1}};
const xt::xtensor<double, 1> weights{1, 2, 0.5, 0, 1, 3, 1};

}  // namespace

TEST_CASE("an evaluator's loss is the mean over samples, weighted where weights are given") {
    const Line::with<double> model(5);
    const auto w = model.parameters();
    double plain = 0, weighted = 0;
    for (std::size_t n = 0; n < 7; ++n) {
        const double error = w[0] * inputs(n, 0) + w[1] * inputs(n, 1) + w[2] - targets(n, 0);
        plain += error * error / 7;
        weighted += error * error * weights(n) / 7;
    }
    const evaluator evaluation(model, MeanSquaredError{});
    const auto before = parameters_of(model);
    CHECK(evaluation.evaluate(inputs, targets, {.verbose = 0})[0] == Approx(plain).epsilon(1e-14));
    CHECK(evaluation.evaluate(inputs, targets, {.sample_weight = weights, .verbose = 0})[0] ==
          Approx(weighted).epsilon(1e-14));
    CHECK((parameters_of(model) == before));
}

TEST_CASE("an evaluator refuses data that do not fit") {
    const Line::with<double> model(5);
    const evaluator evaluation(model, MeanSquaredError{});
    const xt::xtensor<double, 2> few_targets{{1}, {0}};
    CHECK_THROWS_WITH(evaluation.evaluate(inputs, few_targets), "evaluate: 7 inputs, but 2 targets were given");
    CHECK_THROWS_AS(evaluation.evaluate(targets, targets), shape_error);
}
