#include "strata/training/trainer.hpp"

#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/xtensor.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace strata::authoring;
using test::Classifier;
using test::parameters_of;

namespace {

const auto bytes = [] {
    auto images = test::make_images<double>(21);
    return tensor<std::uint8_t, 4>(xt::cast<std::uint8_t>(images.x * 255.0));
}();
const auto labels = test::make_images<double>(21).y;

/// The parameters after two epochs.
std::vector<float> trained(const array_ref& x, const array_ref& y) {
    Classifier model(3);
    compile(model, Adam{}, SparseCategoricalCrossentropy{}).fit(x, y, {.batch_size = 5, .epochs = 2, .verbose = 0});
    return parameters_of(model);
}

template <class F> std::string message(F&& f) {
    try {
        f();
    } catch (const shape_error& error) {
        return error.what();
    }
    return "no shape_error";
}

}  // namespace

TEST_CASE("fit takes every array that holds the same numbers") {
    const tensor<float, 4> floats = xt::cast<float>(bytes) * (1.0f / 255);
    const auto expected = trained(floats, labels);
    CHECK((trained(bytes, labels) == expected));  // bytes are scaled to [0, 1]
    CHECK((trained(xt::cast<float>(bytes) * (1.0f / 255), labels) == expected));
    CHECK((trained(tensor<double, 4>(floats), labels) == expected));
    CHECK((trained(xt::xarray<float>(floats), labels) == expected));
    CHECK((trained(xt::xtensor<float, 4, xt::layout_type::column_major>(floats), labels) == expected));
    const xt::xarray<float> wider = xt::concatenate(xt::xtuple(floats, floats), 3);
    CHECK((trained(xt::view(wider, xt::all(), xt::all(), xt::all(), xt::range(0, 1)), labels) == expected));
    std::vector<float> memory(floats.begin(), floats.end());
    CHECK((trained(xt::adapt(memory, std::vector<std::size_t>{21, 6, 6, 1}), labels) == expected));
    CHECK((trained(xt::view(xt::cast<float>(bytes), xt::all()) * (1.0f / 255), labels) == expected));

    CHECK((trained(floats, xt::cast<std::uint8_t>(labels)) == expected));
    CHECK((trained(floats, xt::cast<std::int64_t>(labels)) == expected));
    CHECK((trained(floats, xt::cast<float>(labels)) == expected));
    CHECK((trained(floats, xt::xarray<double>(labels)) == expected));
    CHECK((trained(floats, labels + 0) == expected));

    // Integers that are no bytes are taken as they are.
    CHECK(trained(xt::cast<std::int32_t>(bytes), labels) == trained(xt::cast<float>(bytes), labels));
    CHECK((trained(xt::cast<std::int32_t>(bytes), labels) != expected));
}

TEST_CASE("one-hot targets train as class numbers do") {
    tensor<float, 2> one_hot = xt::zeros<float>({21, 3});
    for (std::size_t n = 0; n < 21; ++n) one_hot(n, static_cast<std::size_t>(labels(n))) = 1;
    Classifier model(3);
    auto training = compile(model, Adam{}, CategoricalCrossentropy{}, Accuracy{});
    const History history = training.fit(bytes, one_hot, {.batch_size = 5, .epochs = 2, .verbose = 0});
    CHECK((parameters_of(model) == trained(bytes, labels)));
    CHECK(message([&] { training.fit(bytes, labels); }) ==
          "fit: targets: an array of shape (N, 3) is needed, (21,) was given; class numbers are for "
          "SparseCategoricalCrossentropy");

    Classifier other(3);
    auto sparse = compile(other, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const History sparse_history = sparse.fit(bytes, labels, {.batch_size = 5, .epochs = 2, .verbose = 0});
    CHECK(history["accuracy"] == sparse_history["accuracy"]);
    CHECK(history["loss"] == sparse_history["loss"]);
}

TEST_CASE("predict takes every array, and gives one row for each") {
    const Classifier model(3);
    const auto expected = model.predict(bytes);
    CHECK(expected.shape()[0] == 21);
    CHECK(expected.shape()[1] == 3);
    CHECK((model.predict(xt::cast<float>(bytes) * (1.0f / 255)) == expected));
    CHECK((model.predict(xt::xarray<double>(xt::cast<float>(bytes) * (1.0f / 255))) == expected));
    for (std::size_t n = 0; n < 21; ++n) {
        const auto last = model.predict(xt::view(bytes, xt::range(n, 21)));
        const auto alone = model.predict(xt::view(bytes, xt::range(n, n + 1)));
        for (std::size_t k = 0; k < 3; ++k) {
            if (n < 18) REQUIRE(last(0, k) == expected(n, k));  // whatever lane a sample is in
            REQUIRE(std::abs(alone(0, k) - expected(n, k)) < 1e-6f);
        }
        REQUIRE(alone(0, 0) + alone(0, 1) + alone(0, 2) == Approx(1).epsilon(1e-6));
    }
}

TEST_CASE("a wrong shape is named, and the right one") {
    Classifier model(3);
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{});
    const auto before = parameters_of(model);
    const fit_options quiet{.verbose = 0};
    const tensor<float, 3> flat = xt::zeros<float>({21, 6, 6});
    const tensor<float, 4> large = xt::zeros<float>({21, 7, 6, 1});
    const tensor<int, 2> two_labels = xt::zeros<int>({21, 2});
    const tensor<int, 1> few_labels = xt::zeros<int>({20});
    CHECK(
        message([&] { model.predict(flat); }) ==
        "predict: an array of shape (N, 6, 6, 1) is needed, (21, 6, 6) was given; its values are as many: reshape it");
    CHECK(message([&] { training.fit(large, labels, quiet); }) ==
          "fit: inputs: an array of shape (N, 6, 6, 1) is needed, (21, 7, 6, 1) was given");
    CHECK(message([&] { training.fit(bytes, two_labels, quiet); }) ==
          "fit: targets: an array of shape (N,) is needed, (21, 2) was given; one-hot targets are for "
          "CategoricalCrossentropy");
    CHECK(message([&] { training.fit(bytes, few_labels, quiet); }) == "fit: 21 inputs, but 20 targets were given");
    CHECK(message([&] { training.evaluate(bytes, few_labels); }) == "evaluate: 21 inputs, but 20 targets were given");
    CHECK(message([&] { training.fit(bytes, labels, {.sample_weight = xt::ones<float>({3}), .verbose = 0}); }) ==
          "fit: 21 inputs, but 3 sample weights were given");
    CHECK(message([&] { training.fit(bytes, labels, {.sample_weight = two_labels, .verbose = 0}); }) ==
          "fit: sample_weight: an array of shape (N,) is needed, (21, 2) was given");
    CHECK(message([&] {
              training.fit(bytes, labels, {.validation_data = {flat, labels}, .verbose = 0});
          }) ==
          "fit: validation_data: inputs: an array of shape (N, 6, 6, 1) is needed, (21, 6, 6) was given; its values "
          "are as many: reshape it");
    CHECK(message([&] {
              training.fit(bytes, labels, {.validation_data = {bytes, {}}, .verbose = 0});
          }) == "fit: validation_data: targets: an array of shape (N,) is needed, none was given");
    CHECK(message([&] { training.evaluate({}, labels); }) ==
          "evaluate: inputs: an array of shape (N, 6, 6, 1) is needed, none was given");
    CHECK((parameters_of(model) == before));
    CHECK(training.steps() == 0);
}

TEST_CASE("wrong settings of an optimizer are refused by compile, and by fit where they have changed") {
    Classifier model(3);
    CHECK_THROWS_WITH(compile(model, Adam{.learning_rate = -1}, SparseCategoricalCrossentropy{}),
                      "Adam: learning_rate is -1.0, but must be a finite number, 0 or more");
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{});
    training.optimizer.beta_1 = 2;
    CHECK_THROWS_WITH(training.fit(bytes, labels, {.verbose = 0}), "Adam: beta_1 is 2.0, but must lie in [0, 1)");
    CHECK(training.steps() == 0);
}

TEST_CASE("labels out of range are refused by fit, evaluate and validation") {
    Classifier model(3);
    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{});
    auto wrong = labels;
    wrong(20) = 3;
    CHECK_THROWS_WITH(training.fit(bytes, wrong, {.verbose = 0}),
                      test::contains("label 3 of sample 20 is not one of 0, ..., 2"));
    CHECK_THROWS_AS(training.evaluate(bytes, wrong, {.verbose = 0}), value_error);
    CHECK_THROWS_AS(training.fit(bytes, labels, {.validation_data = {bytes, wrong}, .verbose = 0}), value_error);
    CHECK(training.steps() == 0);
}
