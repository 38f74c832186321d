#include "strata/core/random.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/embedding.hpp"
#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/regularization/dropout.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/regression.hpp"
#include "strata/model/sequential.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/gradients.hpp"
#include "strata/training/trainer.hpp"

#include "support/catch.hpp"
#include "support/keras_vectors.hpp"
#include "support/lanes.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace strata::authoring;

namespace {

using Images = Sequential<Input<4, 3, 2>, Conv2D<3, Same>, BatchNormalization<>, Residual<Conv2D<3, Same, Tanh>>,
                          Flatten, Dense<3, Softmax>>::with<double>;

/// Numbers of an Embedding, of which 6 never occurs.
using Numbers =
    Sequential<Input<4>, Embedding<7, 3>, Dropout<0.5>, Flatten, Frozen<Dense<4, Tanh>>, Dense<1>>::with<double>;

template <std::size_t Rank>
tensor<double, Rank> random_tensor(std::array<std::size_t, Rank> extents, std::uint64_t seed) {
    tensor<double, Rank> values(extents);
    const auto drawn = test::random_values(values.size(), seed);
    std::copy(drawn.begin(), drawn.end(), values.begin());
    return values;
}

struct image_batch {
    Images model{5};
    tensor<double, 4> x;
    tensor<std::int32_t, 1> y;
    tensor<double, 1> weight;

    explicit image_batch(std::size_t count = lanes<pack<double>> + 1)
        : x{random_tensor<4>({count, 4, 3, 2}, 1)}, y(std::array{count}), weight{random_tensor<1>({count}, 2)} {
        for (std::size_t n = 0; n < count; ++n) {
            y(n) = static_cast<std::int32_t>(n % 3);
            weight(n) += 1.5;
        }
        model.weights("batch_normalization/moving_mean") = xt::xtensor<double, 1>{0.2, -0.1, 0.3};
        model.weights("batch_normalization/moving_variance") = xt::xtensor<double, 1>{0.5, 1.5, 2};
        model.weights("batch_normalization/gamma") = xt::xtensor<double, 1>{1.5, 0.5, -1};
    }

    auto gradients(bool training) const {
        return strata::gradients(model, SparseCategoricalCrossentropy{}, x, y,
                                 {.training = training, .sample_weight = weight});
    }

    /// Central differences of the loss.
    std::vector<double> differences(std::span<double> values, bool training) const {
        std::vector<double> result;
        for (double& value : values) {
            constexpr double step = 1e-5;
            const double start = value;
            value = start + step;
            const double above = gradients(training).loss;
            value = start - step;
            result.push_back((above - gradients(training).loss) / (2 * step));
            value = start;
        }
        return result;
    }
};

struct number_batch {
    Numbers model{5};
    tensor<std::int32_t, 2> x = tensor<std::int32_t, 2>(std::array<std::size_t, 2>{5, 4});
    tensor<double, 2> y = random_tensor<2>({5, 1}, 3);

    number_batch() {
        for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<std::int32_t>(i * i % 6);
    }
};

}  // namespace

TEST_CASE("gradients are those of differences, of the input and of each parameter by name") {
    image_batch batch;
    const bool training = GENERATE(false, true);
    INFO((training ? "statistics of the batch" : "moving statistics"));
    const auto found = batch.gradients(training);
    CHECK(found.names() == std::vector<std::string>{"conv2d/kernel", "conv2d/bias", "batch_normalization/gamma",
                                                    "batch_normalization/beta", "conv2d_1/kernel", "conv2d_1/bias",
                                                    "dense/kernel", "dense/bias"});
    CHECK(found.input.shape() == batch.x.shape());
    CHECK(test::relative_error(found.input, batch.differences({batch.x.data(), batch.x.size()}, training)) <= 1e-7);
    for (const std::string& name : found.names()) {
        INFO(name);
        const auto weight = batch.model.weights(name);
        CHECK(std::equal(weight.shape().begin(), weight.shape().end(), found[name].shape().begin(),
                         found[name].shape().end()));
        if (training && name == "conv2d/bias") continue;  // no derivative: the mean of the batch takes it away
        CHECK(test::relative_error(found[name], batch.differences({weight.data(), weight.size()}, training)) <= 1e-7);
    }
    if (!training) {
        const auto [loss] = evaluator(batch.model, SparseCategoricalCrossentropy{})
                                .evaluate(batch.x, batch.y, {.sample_weight = batch.weight, .verbose = 0});
        CHECK(found.loss == Approx(loss).epsilon(1e-12));
    }
}

TEST_CASE("gradients have the same bits with any number of threads", "[threads]") {
    const image_batch batch(4 * lanes<pack<double>> + 3);
    const bool training = GENERATE(false, true);
    set_threads(1);
    const auto before = std::vector(batch.model.values().begin(), batch.model.values().end());
    const auto expected = batch.gradients(training);
    set_threads(2);
    const auto found = batch.gradients(training);
    set_threads(0);
    CHECK(found.loss == expected.loss);
    CHECK((found.input == expected.input));
    for (const std::string& name : found.names()) CHECK((found[name] == expected[name]));
    CHECK((std::vector(batch.model.values().begin(), batch.model.values().end()) == before));
}

TEST_CASE("a step of fit goes along the gradients, with what Dropout draws from the same seed") {
    number_batch batch;
    const auto of_seed = [&](std::uint64_t seed) {
        return gradients(batch.model, MeanSquaredError{}, batch.x, batch.y, {.training = true, .seed = seed});
    };
    const auto found = of_seed(3);
    CHECK(found.names() == std::vector<std::string>{"embedding/embeddings", "dense_1/kernel", "dense_1/bias"});
    CHECK((of_seed(3)["dense_1/kernel"] == found["dense_1/kernel"]));
    CHECK((of_seed(4)["dense_1/kernel"] != found["dense_1/kernel"]));

    Numbers trained = batch.model;
    const History history = compile(trained, SGD{.learning_rate = 1}, MeanSquaredError{})
                                .fit(batch.x, batch.y, {.shuffle = false, .verbose = 0, .seed = 3});
    CHECK(found.loss == Approx(history["loss"][0]).epsilon(1e-12));
    for (const std::string& name : found.names()) {
        INFO(name);
        const dynamic_tensor<double> moved = batch.model.weights(name).array() - trained.weights(name).array();
        CHECK(test::relative_error(found[name], moved) <= 1e-12);
    }
}

TEST_CASE("an Embedding has the gradient of its rows, and indices have none") {
    const number_batch batch;
    const auto found = gradients(batch.model, MeanSquaredError{}, batch.x, batch.y);
    CHECK(found.input.shape() == std::array<std::size_t, 2>{5, 4});
    CHECK((found.input == xt::zeros<double>({5, 4})));
    const auto& rows = found["embedding/embeddings"];
    CHECK((xt::view(rows, 6) == xt::zeros<double>({3})));
    CHECK(xt::all(xt::not_equal(xt::view(rows, xt::range(0, 2)), 0)));
}

TEST_CASE("gradients refuse what they cannot take") {
    number_batch batch;
    const auto call = [&](const array_argument& x, const array_argument& y) {
        return gradients(batch.model, MeanSquaredError{}, x, y);
    };
    CHECK_THROWS_WITH(call(batch.x, batch.y)["dense/kernel"],  // it is frozen
                      "gradients: the model has no \"dense/kernel\"; it has embedding/embeddings, dense_1/kernel, "
                      "dense_1/bias");
    CHECK_THROWS_WITH(call(xt::xtensor<double, 2>(std::array<std::size_t, 2>{0, 4}),
                           xt::xtensor<double, 2>(std::array<std::size_t, 2>{0, 1})),
                      "gradients: the data are empty");
    CHECK_THROWS_AS(call(xt::zeros<int>({5, 3}), batch.y), shape_error);
    CHECK_THROWS_AS(call(xt::eval(batch.x + 7), batch.y), value_error);
    const auto of_weights = [&](const array_argument& weights) {
        return gradients(batch.model, MeanSquaredError{}, batch.x, batch.y, {.sample_weight = weights});
    };
    CHECK_THROWS_AS(of_weights(xt::ones<double>({4})), shape_error);
    const Numbers moved = std::move(batch.model);
    CHECK_THROWS_AS(call(batch.x, batch.y), value_error);
}

TEST_CASE("classes that are ignored have no loss, and the mean is over the others of the batch, as Keras'") {
    const Sequential<Input<2, 4>, Reshape<2, 4>>::with<double> model;
    const test::keras_vectors vectors{"ignore_class"};
    for (const std::string& name : vectors.cases()) {
        INFO(name);
        const auto& config = vectors.description(name)["config"];
        const SparseCategoricalCrossentropy loss{.from_logits = config["from_logits"],
                                                 .ignore_class = config["ignore_class"].get<int>()};
        const auto given = vectors.tensor(name + "/y_pred"), labels = vectors.tensor(name + "/y_true"),
                   gradient = vectors.tensor(name + "/d_y_pred");
        const std::size_t samples = given.extents[0];
        const tensor<double, 3> x = xt::adapt(given.values, std::array{samples, std::size_t{2}, std::size_t{4}});
        const tensor<double, 2> y = xt::adapt(labels.values, std::array{samples, std::size_t{2}});
        tensor<double, 1> weight({samples}, 1.0);
        if (const std::string part = name + "/sample_weight"; vectors.contains(part))
            weight = xt::adapt(vectors.tensor(part).values);
        const double wanted = vectors.tensor(name + "/loss").values[0];

        const auto found = gradients(model, loss, x, y, {.sample_weight = weight});
        CHECK(found.loss == Approx(wanted).epsilon(1e-10));
        CHECK(test::relative_error(std::vector(found.input.begin(), found.input.end()), gradient.values) <= 1e-10);
        const evaluator evaluation(model, loss);
        CHECK(evaluation.evaluate(x, y, {.sample_weight = weight, .verbose = 0})[0] == Approx(wanted).epsilon(1e-10));
    }
}
