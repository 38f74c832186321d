#include "strata/training/trainer.hpp"

#include "strata/layers/normalization/batch_normalization.hpp"
#include "support/catch.hpp"
#include "support/float_traps.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"
#include "training/line_data.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace strata::authoring;
using test::inputs;
using test::Line;
using test::parameters_of;
using test::targets;
using test::weights;

namespace {

using matrix = xt::xtensor<double, 2>;
using column = xt::xtensor<double, 1>;

/// y = w x + b, trained by gradient descent as Keras describes it, one line after the other.
struct by_hand {
    std::array<double, 3> w;

    double error(std::size_t n) const { return w[0] * inputs(n, 0) + w[1] * inputs(n, 1) + w[2] - targets(n, 0); }

    /// Returns the epoch's loss: the mean over samples, each taken before the update of its batch.
    double epoch(const std::vector<std::uint32_t>& order, std::size_t batch, double rate, bool weighted) {
        double loss = 0;
        for (std::size_t first = 0; first < order.size(); first += batch) {
            const std::size_t end = std::min(order.size(), first + batch);
            std::array<double, 3> gradient{};
            for (std::size_t i = first; i < end; ++i) {
                const std::size_t n = order[i];
                const double weight = weighted ? weights(n) : 1, e = error(n),
                             scale = 2 * e * weight / double(end - first);
                loss += e * e * weight;
                gradient[0] += scale * inputs(n, 0), gradient[1] += scale * inputs(n, 1), gradient[2] += scale;
            }
            for (std::size_t k = 0; k < 3; ++k) w[k] -= rate * gradient[k];
        }
        return loss / double(order.size());
    }
};

std::vector<std::uint32_t> in_order(std::size_t n) {
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0u);
    return order;
}

}  // namespace

TEST_CASE("fit does what the formulas say, with a short last batch") {
    for (const bool weighted : {false, true}) {
        for (const bool shuffle : {false, true}) {
            for (const std::size_t batch : {1, 2, 3, 6, 7, 100}) {
                INFO("weighted " << weighted << ", shuffle " << shuffle << ", batch " << batch);
                Line::with<double> model(5);
                by_hand reference{{model.parameters()[0], model.parameters()[1], model.parameters()[2]}};
                auto training = compile(model, SGD{.learning_rate = 0.05}, MeanSquaredError{});
                const History history = training.fit(inputs, targets,
                                                     {.batch_size = batch,
                                                      .epochs = 3,
                                                      .shuffle = shuffle,
                                                      .sample_weight = weighted ? array_ref(weights) : array_ref(),
                                                      .verbose = 0,
                                                      .seed = 9});
                for (std::size_t epoch = 0; epoch < 3; ++epoch) {
                    auto order = in_order(7);
                    if (shuffle) shuffle_order(order, 9, epoch);
                    CHECK(history["loss"][epoch] ==
                          Approx(reference.epoch(order, batch, 0.05, weighted)).epsilon(1e-12));
                }
                for (std::size_t k = 0; k < 3; ++k)
                    CHECK(model.parameters()[k] == Approx(reference.w[k]).epsilon(1e-12));
                CHECK(training.steps() == 3 * ((7 + batch - 1) / batch));
            }
        }
    }
}

TEST_CASE("fit goes on where it stopped: initial_epoch and the order of an epoch") {
    const auto data = test::make_images(40);
    const auto train = [&](std::vector<std::array<std::size_t, 2>> parts, std::uint64_t seed) {
        test::Classifier model(1);
        auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{});
        for (const auto& [from, to] : parts) {
            const History history = training.fit(
                data.x, data.y, {.batch_size = 8, .epochs = to, .initial_epoch = from, .verbose = 0, .seed = seed});
            CHECK(history.epoch().size() == to - from);
            if (to > from) CHECK(history.epoch().front() == from);
        }
        CHECK(training.steps() == 5 * parts.back()[1]);
        return parameters_of(model);
    };
    const auto whole = train({{0, 5}}, 3);
    CHECK(train({{0, 5}}, 3) == whole);
    CHECK(train({{0, 2}, {2, 2}, {2, 5}}, 3) == whole);  // each epoch has an order of its own, wherever one begins
    CHECK(train({{0, 5}}, 4) != whole);
}

TEST_CASE("each call of fit draws new orders, as one call does for its epochs") {
    const auto data = test::make_images(40);
    const auto train = [&](std::size_t calls, std::size_t epochs) {
        test::Classifier model(1);
        auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{});
        for (std::size_t i = 0; i < calls; ++i)
            training.fit(data.x, data.y, {.batch_size = 8, .epochs = epochs, .verbose = 0});
        return parameters_of(model);
    };
    CHECK(train(6, 1) == train(1, 6));
    CHECK(train(2, 3) == train(1, 6));
}

TEST_CASE("fit with nothing to do returns an empty history") {
    Line::with<double> model;
    auto training = compile(model, SGD{}, MeanSquaredError{});
    const auto before = parameters_of(model);
    const History history = training.fit(inputs, targets, {.epochs = 2, .initial_epoch = 5, .verbose = 0});
    CHECK(history.epoch().empty());
    CHECK((parameters_of(model) == before));
}

TEST_CASE("the history names loss, metrics and their validation") {
    const auto data = test::make_images(40), other = test::make_images(24, 2);
    test::Classifier model(1);
    auto training = compile(model, Adam{.learning_rate = 0.02}, SparseCategoricalCrossentropy{}, Accuracy{});
    const History history =
        training.fit(data.x, data.y, {.epochs = 12, .validation_data = {other.x, other.y}, .verbose = 0});
    CHECK(history.names() == std::vector<std::string>{"accuracy", "loss", "val_accuracy", "val_loss"});
    for (const std::string& name : history.names()) CHECK(history[name].size() == 12);
    CHECK(history["loss"].back() < 0.5 * history["loss"].front());
    CHECK(history["val_accuracy"].back() > 0.8);

    // Of the model after the epoch, not while it changes.
    const auto [loss, accuracy] = training.evaluate(other.x, other.y, {.verbose = 0});
    CHECK(history["val_loss"].back() == loss);
    CHECK(history["val_accuracy"].back() == accuracy);

    const xt::xtensor<float, 1> heavy = xt::ones<float>({24}) * 3.0f;
    const History weighted =
        training.fit(data.x, data.y, {.epochs = 1, .validation_data = {other.x, other.y, heavy}, .verbose = 0});
    CHECK(weighted["val_loss"][0] == Approx(3 * training.evaluate(other.x, other.y, {.verbose = 0})[0]).epsilon(1e-5));
}

TEST_CASE("one sample is enough, and no sample is too few") {
    Line::with<double> model(2);
    auto training = compile(model, SGD{.learning_rate = 0.1}, MeanSquaredError{});
    const matrix one = xt::view(inputs, xt::range(0, 1)), none = xt::view(inputs, xt::range(0, 0));
    const matrix one_target{{1.0}}, no_target = xt::view(targets, xt::range(0, 0));
    const double before = training.evaluate(one, one_target, {.verbose = 0})[0];
    CHECK(training.fit(one, one_target, {.epochs = 5, .verbose = 0})["loss"].back() < before);

    CHECK_THROWS_WITH(training.fit(none, no_target, {.verbose = 0}), "fit: the data are empty");
    CHECK_THROWS_WITH(training.evaluate(none, no_target, {.verbose = 0}), "evaluate: the data are empty");
    CHECK_THROWS_AS(training.fit(none, no_target, {.verbose = 0}), value_error);
    CHECK_THROWS_WITH(training.fit(one, one_target, {.validation_data = {none, no_target}, .verbose = 0}),
                      "fit: the validation data are empty");
    const auto nothing = model.predict(none);
    CHECK(nothing.shape()[0] == 0);
    CHECK(nothing.shape()[1] == 1);
}

TEST_CASE("options that make no sense are refused") {
    Line::with<double> model;
    auto training = compile(model, SGD{}, MeanSquaredError{});
    CHECK_THROWS_WITH(training.fit(inputs, targets, {.batch_size = 0, .verbose = 0}),
                      "fit: batch_size must be at least 1");
    CHECK_THROWS_WITH(training.evaluate(inputs, targets, {.batch_size = 0}), "evaluate: batch_size must be at least 1");
    CHECK_THROWS_WITH(training.fit(inputs, targets, {.verbose = 3}), test::contains("verbose is 3"));
    CHECK_THROWS_WITH(training.evaluate(inputs, targets, {.verbose = -1}), test::contains("verbose is -1"));

    const matrix nothing(std::array<std::size_t, 2>{0, 2});
    CHECK_THROWS_AS(training.fit(inputs, targets, {.validation_data = {{}, targets}, .verbose = 0}), shape_error);
    CHECK_THROWS_WITH(training.fit(inputs, targets, {.validation_data = {nothing, targets}, .verbose = 0}),
                      test::contains("validation_data"));

    test::Classifier classifier;
    CHECK_THROWS_AS(compile(classifier, SGD{}, SparseCategoricalCrossentropy{.from_logits = true}), value_error);
    CHECK_THROWS_WITH(
        compile(classifier, SGD{}, CategoricalCrossentropy{.from_logits = true}),
        "from_logits: the model ends with Softmax, so its outputs are no logits; leave out from_logits or the Softmax");
}

TEST_CASE("a loss that is no number stops training, with epoch and step, before it does harm") {
    const auto data = test::make_images<float>(16);
    auto broken = data;
    broken.x(9, 3, 3, 0) = NAN;
    test::Classifier model(1), reference(1);
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{});
    const fit_options options{.batch_size = 4, .shuffle = false, .verbose = 0};
    CHECK_THROWS_AS(training.fit(broken.x, broken.y, options), training_error);
    CHECK(training.steps() == 2);
    auto same = compile(reference, Adam{}, SparseCategoricalCrossentropy{});
    same.fit(xt::view(data.x, xt::range(0, 8)), xt::view(data.y, xt::range(0, 8)), options);
    CHECK((parameters_of(model) == parameters_of(reference)));

    fit_options later = options;
    later.initial_epoch = 6, later.epochs = 9;
    CHECK_THROWS_WITH(training.fit(broken.x, broken.y, later),
                      test::contains("the loss is not a finite number in step 3 of epoch 7"));
    CHECK_NOTHROW(training.fit(data.x, data.y, options));  // and can go on with better data
}

TEST_CASE("a learning rate that is far too large is noticed") {
    Line::with<double> model(5);
    auto training = compile(model, SGD{.learning_rate = 1e200}, MeanSquaredError{});
    CHECK_THROWS_WITH(training.fit(inputs, targets, {.epochs = 5, .verbose = 0}),
                      test::contains("a smaller learning rate may help"));
    for (const double w : model.parameters()) CHECK(std::isfinite(w));
}

TEST_CASE("a last step that leaves no finite parameters is noticed, too") {
    Line::with<double> model(5);
    auto training = compile(model, SGD{.learning_rate = 1e308}, MeanSquaredError{});
    CHECK_THROWS_WITH(training.fit(inputs * 100, targets, {.epochs = 3, .verbose = 0}),
                      test::contains("the parameters are not finite numbers after the last step of epoch 1"));
    // State counts, too: here the variance of a batch is more than a float holds.
    Sequential<Input<2>, BatchNormalization<>, Dense<1>> normalized;
    auto other = compile(normalized, SGD{.learning_rate = 0}, MeanSquaredError{});
    const matrix huge = inputs * 1e25;
    CHECK_THROWS_AS(other.fit(huge, targets, {.verbose = 0}), training_error);
}

TEST_CASE("ordinary numbers trap nowhere, with any number of rows") {
    for (const std::size_t rows : {std::size_t{1}, std::size_t{2}, lanes<pack<float>> + 1}) {
        const auto data = test::make_images(rows);
        test::Classifier model(1);
        auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
        const test::float_traps traps;  // SIGFPE would end the test
        training.fit(data.x, data.y, {.epochs = 2, .verbose = 0});
        training.evaluate(data.x, data.y, {.verbose = 0});
        CHECK(std::isfinite(model.predict(data.x)(0, 0)));
    }
}

TEST_CASE("all_finite finds one number among many, wherever it is") {
    for (const std::size_t count : {0, 1, 7, 16, 50}) {
        std::vector<float> values(count, 3e38f);
        CHECK(math::all_finite<pack<float>>(values.data(), count));
        for (std::size_t i = 0; i < count; ++i) {
            for (const float bad : {INFINITY, -INFINITY, NAN}) {
                values[i] = bad;
                CHECK_FALSE(math::all_finite<pack<float>>(values.data(), count));
                values[i] = 0;
            }
        }
    }
}

TEST_CASE("a model that was moved from, and a trainer, are refused with a sentence") {
    const auto data = test::make_images(40);
    test::Classifier model(1);
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{});
    const evaluator evaluation(model, SparseCategoricalCrossentropy{});
    test::Classifier other = std::move(model);
    const std::string sentence = "Sequential: the model was moved from; it may only be assigned to";
    CHECK_THROWS_WITH(model.predict(data.x), sentence);
    CHECK_THROWS_WITH(model.predict(xt::view(data.x, xt::range(0, 1))), sentence);
    auto result = other.predict(data.x);
    CHECK_THROWS_WITH(model.predict(data.x, result), sentence);
    CHECK_THROWS_WITH(model.parameters(), sentence);
    CHECK_THROWS_WITH(std::as_const(model).values(), sentence);
    CHECK_THROWS_WITH(training.fit(data.x, data.y, {.verbose = 0}), sentence);
    CHECK_THROWS_WITH(training.evaluate(data.x, data.y, {.verbose = 0}), sentence);
    CHECK_THROWS_WITH(evaluation.evaluate(data.x, data.y, {.verbose = 0}), sentence);
    model = other;
    CHECK_NOTHROW(training.fit(data.x, data.y, {.verbose = 0}));

    auto moved = std::move(training);
    CHECK_THROWS_WITH(training.fit(data.x, data.y, {.verbose = 0}), test::contains("the trainer was moved from"));
    CHECK_NOTHROW(moved.fit(data.x, data.y, {.verbose = 0}));
}

TEST_CASE("a change of the learning rate counts from the next step on") {
    Line::with<double> model(5);
    auto training = compile(model, SGD{.learning_rate = 0.05}, MeanSquaredError{});
    training.fit(inputs, targets, {.verbose = 0});
    training.optimizer.learning_rate = 0;
    const auto before = parameters_of(model);
    training.fit(inputs, targets, {.verbose = 0});
    CHECK((parameters_of(model) == before));
}

TEST_CASE("Adam counts its steps once for all parameters") {
    // With a count for each parameter tensor, or each shard, the first steps would shrink: 1 is the step of Adam at the
    // start whatever the gradient, for every parameter alike.
    Line::with<double> model(5);
    auto training = compile(model, Adam{.learning_rate = 0.25, .epsilon = 1e-12}, MeanSquaredError{});
    const matrix x{{1, -1}}, far{{1e6}};
    for (int step = 1; step <= 4; ++step) {
        const auto before = parameters_of(model);
        training.fit(x, far, {.verbose = 0});
        for (std::size_t k = 0; k < 3; ++k) {
            CHECK(std::abs(model.parameters()[k] - before[k]) == Approx(0.25).epsilon(1e-3));
        }
        CHECK(training.steps() == static_cast<std::uint64_t>(step));
    }
}
