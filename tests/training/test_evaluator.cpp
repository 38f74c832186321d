#include "strata/training/evaluator.hpp"

#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"
#include "training/line_data.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <stdexcept>

using namespace strata::authoring;
using test::inputs;
using test::Line;
using test::parameters_of;
using test::targets;
using test::weights;

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

namespace {

/// Samples without targets.
struct Rows {
    const tensor<double, 2>& x;
    std::size_t fails_at = ~std::size_t{0};

    std::size_t samples() const { return x.shape()[0]; }
    void read(std::size_t sample, std::span<double> to, std::span<double>) const {
        if (sample == fails_at) throw std::runtime_error("the disk is gone");
        std::copy_n(x.data() + 2 * sample, 2, to.begin());
    }
};

}  // namespace

TEST_CASE("predict gives for a source what it gives for an array", "[threads]") {
    const Line::with<double> model(5);
    const evaluator evaluation(model, MeanSquaredError{});
    tensor<double, 2> x(std::array<std::size_t, 2>{90, 2});
    random_stream random(1, 0);
    for (double& value : x) value = random.uniform();
    const auto expected = model.predict(x);
    for (const std::size_t batch_size : {1, 40, 1000}) {  // the last of 40 has 10
        const auto found = evaluation.predict(Rows{x}, batch_size);
        REQUIRE(found.size() == 90);
        for (std::size_t n = 0; n < 90; ++n) CHECK(found(n, 0) == Approx(expected(n, 0)).epsilon(1e-14));
    }
    CHECK_THROWS_WITH(evaluation.predict(Rows{x, 50}, 40), "the disk is gone");
    CHECK_THROWS_WITH(evaluation.predict(Rows{x}, 0), "predict: batch_size must be at least 1");
}
