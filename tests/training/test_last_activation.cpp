#include "strata/core/last_activation.hpp"

#include "strata/core/random.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/recurrent/lstm.hpp"
#include "strata/losses/binary_crossentropy.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/training/trainer.hpp"
#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

using namespace strata::authoring;

namespace {

template <class... Layers> using network_of = typename Sequential<Layers...>::network;
template <class Network> constexpr bool runs(std::size_t steps, last_activation last) {
    return Network::depth == steps && Network::ends_with == last;
}

// At the end a Sigmoid is a step of its own, which a binary cross-entropy can replace, elsewhere a part of its layer.
static_assert(runs<network_of<Input<2>, Dense<3, Sigmoid>, Dense<1, Sigmoid>>>(3, last_activation::sigmoid));
static_assert(runs<network_of<Input<2>, Dense<1>, Sigmoid>>(2, last_activation::sigmoid));
static_assert(runs<network_of<Input<4, 4, 1>, Conv2D<2, Sigmoid>>>(2, last_activation::sigmoid));
static_assert(runs<network_of<Input<2>, Dense<1>, BatchNormalization<>, Sigmoid>>(3, last_activation::sigmoid));
static_assert(runs<network_of<Input<2>, BatchNormalization<>, Sigmoid, Dense<1>>>(2, last_activation::other));
static_assert(runs<network_of<Input<2>, Dense<2, Softmax>>>(2, last_activation::softmax));
static_assert(runs<network_of<Input<2>, Dense<2, Tanh>>>(1, last_activation::other));
static_assert(runs<network_of<Input<2, 3>, LSTM<2, Sigmoid>>>(1, last_activation::other));

/// Points in a square; yes is where both coordinates have one sign.
struct points {
    tensor<float, 2> x{std::array<std::size_t, 2>{200, 2}};
    tensor<std::uint8_t, 1> y{std::array<std::size_t, 1>{200}};

    points() {
        random_stream random(1, 0);
        for (float& value : x) value = static_cast<float>(random.symmetric(1));
        for (std::size_t n = 0; n < 200; ++n) y(n) = (x(n, 0) > 0) == (x(n, 1) > 0);
    }
};

using TwoClasses = Sequential<Input<2>, Dense<8, Tanh>, Dense<1, Sigmoid>>;
using OfLogits = Sequential<Input<2>, Dense<8, Tanh>, Dense<1>>;

}  // namespace

TEST_CASE("a classifier with one sigmoid learns, and its loss is that of the logits") {
    const points data;
    TwoClasses model(3);
    OfLogits of_logits(3);
    auto training = compile(model, Adam{.learning_rate = 0.03}, BinaryCrossentropy{}, Accuracy{});
    auto reference = compile(of_logits, Adam{.learning_rate = 0.03}, BinaryCrossentropy{.from_logits = true});
    const History history = training.fit(data.x, data.y, {.epochs = 30, .verbose = 0});
    const History expected = reference.fit(data.x, data.y, {.epochs = 30, .verbose = 0});
    CHECK(history["loss"] == expected["loss"]);
    CHECK((test::parameters_of(model) == test::parameters_of(of_logits)));

    // The metric sees probabilities: a yes is what is above 0.5.
    const auto [loss, accuracy] = training.evaluate(data.x, data.y, {.verbose = 0});
    const auto probabilities = model.predict(data.x);
    double right = 0, cost = 0;
    for (std::size_t n = 0; n < 200; ++n) {
        const double p = probabilities(n, 0);
        right += (p > 0.5) == (data.y(n) == 1);
        cost -= std::log(data.y(n) == 1 ? p : 1 - p);
    }
    CHECK(accuracy > 0.95);
    CHECK(accuracy == Approx(right / 200));
    CHECK(loss == Approx(cost / 200).epsilon(1e-4));
    CHECK(loss < 0.2);
}

TEST_CASE("no loss takes the place of an activation that is another one's") {
    const xt::xtensor<float, 2> x{{0.5f, -1}, {2, 1}}, y{{1, 0}, {0, 1}};
    const auto mean = [&](const tensor<float, 2>& outputs, auto&& term) {
        double sum = 0;
        for (std::size_t i = 0; i < 4; ++i) sum += term(double(outputs.data()[i]), double(y.data()[i]));
        return sum;
    };
    const Sequential<Input<2>, Dense<2, Softmax>> of_classes(1);
    const auto binary = evaluator(of_classes, BinaryCrossentropy{}).evaluate(x, y, {.verbose = 0})[0];
    const auto each = [](double p, double t) { return -t * std::log(p) - (1 - t) * std::log(1 - p); };
    CHECK(binary == Approx(mean(of_classes.predict(x), each) / 4).epsilon(1e-5));

    const Sequential<Input<2>, Dense<2, Sigmoid>> of_bits(1);
    const auto categorical = evaluator(of_bits, CategoricalCrossentropy{}).evaluate(x, y, {.verbose = 0})[0];
    const auto outputs = of_bits.predict(x);
    const double first = std::log(outputs(0, 0) / (outputs(0, 0) + outputs(0, 1)));
    const double second = std::log(outputs(1, 1) / (outputs(1, 0) + outputs(1, 1)));
    CHECK(categorical == Approx(-(first + second) / 2).epsilon(1e-5));

    // As a metric, each loss sees what it would see as the loss.
    const auto both = evaluator(of_bits, BinaryCrossentropy{}, BinaryCrossentropy{}, CategoricalCrossentropy{});
    const auto [loss, same, other] = both.evaluate(x, y, {.verbose = 0});
    CHECK(loss == same);
    CHECK(other == categorical);

    CHECK_THROWS_WITH(
        evaluator(of_bits, CategoricalCrossentropy{.from_logits = true}),
        "from_logits: the model ends with Sigmoid, so its outputs are no logits; leave out from_logits or the Sigmoid");
}

TEST_CASE("a row of outputs for each step has a class for each step") {
    const Sequential<Input<3, 2>, Dense<4, Softmax>> model(1);
    xt::xtensor<float, 3> x(std::array<std::size_t, 3>{5, 3, 2});
    random_stream random(2, 0);
    for (float& value : x) value = static_cast<float>(random.symmetric(1));
    xt::xtensor<int, 2> y(std::array<std::size_t, 2>{5, 3});
    for (std::size_t i = 0; i < 15; ++i) y.data()[i] = static_cast<int>(i % 4);
    const auto probabilities = model.predict(x);
    double expected = 0;
    for (std::size_t i = 0; i < 15; ++i) expected -= std::log(double(probabilities.data()[i * 4 + i % 4])) / 15;

    const evaluator evaluation(model, SparseCategoricalCrossentropy{}, Accuracy{});
    CHECK(evaluation.evaluate(x, y, {.verbose = 0})[0] == Approx(expected).epsilon(1e-5));
    CHECK_THROWS_WITH(evaluation.evaluate(x, xt::xtensor<int, 1>{0, 1, 2, 3, 0}),
                      "evaluate: targets: an array of shape (N, 3) is needed, (5,) was given; each row of the model's "
                      "outputs, along the last axis, has a class: where a sample has a single one, put Flatten or a "
                      "global pooling before the last Dense");
}

TEST_CASE("targets may leave out a last axis of 1, and have it") {
    const Sequential<Input<2>, Dense<1>> line(1);
    const Sequential<Input<2>, Dense<2, Softmax>> classes(1);
    const xt::xtensor<float, 2> x{{0.5f, -1}, {2, 1}, {0, 1}};
    const xt::xtensor<float, 1> row{1, 0, 1};
    const xt::xtensor<float, 2> column{{1}, {0}, {1}};
    const auto loss = [&](const auto& model, const auto& loss, const array_ref& y) {
        return evaluator(model, loss).evaluate(x, y, {.verbose = 0})[0];
    };
    CHECK(loss(line, BinaryCrossentropy{.from_logits = true}, row) ==
          loss(line, BinaryCrossentropy{.from_logits = true}, column));
    CHECK(loss(classes, SparseCategoricalCrossentropy{}, row) ==
          loss(classes, SparseCategoricalCrossentropy{}, column));
    CHECK_THROWS_AS(loss(classes, SparseCategoricalCrossentropy{}, x), shape_error);
    CHECK_THROWS_AS(loss(classes, CategoricalCrossentropy{}, column), shape_error);
}
