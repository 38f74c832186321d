#include "strata/data/mnist.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/metrics/accuracy.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/training/trainer.hpp"

#include "support/catch.hpp"
#include "support/keras_vectors.hpp"
#include "support/lenet5.hpp"

#include <cmath>
#include <cstddef>
#include <string>

using namespace strata::authoring;

TEST_CASE("a LeNet-5 that real Keras trained is as good here") {
    const test::keras_vectors trained{"lenet5_trained_by_keras"}, recorded{"lenet5_trained_probabilities"};
    const auto test_set = mnist::load(STRATA_MNIST_DIR).test;
    test::LeNet5 model;
    model.load(std::string(STRATA_TEST_DATA_DIR) + "/keras/lenet5_trained_by_keras.safetensors");

    auto training = compile(model, Adam{}, SparseCategoricalCrossentropy{}, Accuracy{});
    const auto [loss, accuracy] = training.evaluate(test_set.images, test_set.labels, {.verbose = 0});
    CHECK(std::lround(accuracy * 10000) == std::stol(trained.file().metadata().at("test_right")));
    CHECK(std::lround(accuracy * 10000) == 9815);
    CHECK(loss == Approx(std::stod(trained.file().metadata().at("test_loss"))).epsilon(1e-5));
    CHECK(std::abs(loss - 0.05525) <= 0.5e-5);

    const auto probabilities = model.predict(test_set.images);
    const auto expected = recorded.tensor("probabilities");
    REQUIRE(expected.values.size() == 1000 * 10);
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        REQUIRE(std::abs(static_cast<double>(probabilities.data()[i]) - expected.values[i]) <= 1e-5);
    }
}
