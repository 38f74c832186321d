#include "strata/losses/crossentropy.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/rmsprop.hpp"
#include "strata/optimizers/sgd.hpp"
#include "strata/training/gradients.hpp"
#include "strata/training/trainer.hpp"

#include "support/catch.hpp"
#include "support/keras_vectors.hpp"
#include "support/lanes.hpp"
#include "support/lenet5.hpp"
#include "support/xtensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

/// What lenet5.safetensors holds: a start, and what 20 updates make of it, in batches of 8 images in turn.
class keras_run {
public:
    keras_run() {
        const auto pixels = vectors_.tensor("start/pixels").values, labels = vectors_.tensor("start/labels").values;
        std::copy(pixels.begin(), pixels.end(), images.begin());
        std::copy(labels.begin(), labels.end(), this->labels.begin());
    }

    template <class T> test::LeNet5::with<T> start() const {
        test::LeNet5::with<T> model;
        for (const parameter_entry& entry : model.value_table()) {
            const auto values = tensor("start", entry.name);
            std::copy(values.begin(), values.end(),
                      model.parameters().begin() + static_cast<std::ptrdiff_t>(entry.offset));
        }
        return model;
    }

    /// A tensor of Keras; "conv2d/kernel" of ours is called "conv2d.kernel" there.
    std::vector<double> tensor(const std::string& what, std::string name) const {
        std::replace(name.begin(), name.end(), '/', '.');
        const std::string joined = what + (what.find('/') == std::string::npos ? "/" : ".") + name;
        return vectors_.contains(joined) ? vectors_.tensor(joined).values : std::vector<double>{};
    }

    std::vector<double> values(const std::string& name) const { return vectors_.tensor(name).values; }

    xt::xtensor<std::uint8_t, 4> images = xt::xtensor<std::uint8_t, 4>(std::array<std::size_t, 4>{32, 28, 28, 1});
    xt::xtensor<std::uint8_t, 1> labels = xt::xtensor<std::uint8_t, 1>(std::array<std::size_t, 1>{32});

private:
    test::keras_vectors vectors_{"lenet5"};
};

/// The largest error of a model's values, relative to Keras' largest, over all tensors there are.
template <class Model, class Value>
double error_of_parameters(const keras_run& keras, const Model& model, const std::string& what, Value&& value) {
    double worst = 0;
    std::size_t compared = 0;
    for (const parameter_entry& entry : model.value_table()) {
        const auto expected = keras.tensor(what, entry.name);
        if (expected.empty()) continue;  // Keras' file holds some parameters only
        std::vector<double> values(entry.size);
        for (std::size_t i = 0; i < entry.size; ++i) values[i] = value(entry.offset + i);
        worst = std::max(worst, test::relative_error(values, expected));
        ++compared;
    }
    CHECK(compared >= 6);
    return worst;
}

/// 20 updates, each a `fit` of one batch. `before_update(optimizer, t)` may change the settings.
template <class T, class Optimizer, class Change>
void check_run(const std::string& name, const Optimizer& optimizer, double loss_tolerance, double parameter_tolerance,
               Change&& before_update) {
    const keras_run keras;
    auto model = keras.start<T>();
    auto training = compile(model, optimizer, SparseCategoricalCrossentropy{});
    const auto losses = keras.values(name + "/loss");
    REQUIRE(losses.size() == 20);
    for (std::size_t t = 1; t <= 20; ++t) {
        const std::size_t first = (t - 1) % 4 * 8;
        before_update(training.optimizer, static_cast<double>(t));
        const History history = training.fit(xt::view(keras.images, xt::range(first, first + 8)),
                                             xt::view(keras.labels, xt::range(first, first + 8)),
                                             {.batch_size = 8, .shuffle = false, .verbose = 0});
        INFO(name << ", update " << t);
        CHECK(history["loss"][0] == Approx(losses[t - 1]).epsilon(loss_tolerance));
        CHECK(training.steps() == t);
        if (t == 1 || t == 3 || t == 20) {
            const auto value = [&](std::size_t i) { return static_cast<double>(model.parameters()[i]); };
            CHECK(error_of_parameters(keras, model, name + "/step" + std::to_string(t), value) <= parameter_tolerance);
        }
    }
}

template <class T, class Optimizer>
void check_run(const std::string& name, const Optimizer& optimizer, double loss_tolerance, double parameter_tolerance) {
    check_run<T>(name, optimizer, loss_tolerance, parameter_tolerance, [](auto&, double) {});
}

/// Keras takes the powers of the betas from float32. A learning rate that is off by the ratio makes up for it.
void correct_rate(Adam& adam, double t) {
    const auto correction = [&](double beta_1, double beta_2) {
        return std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t));
    };
    adam.learning_rate = 0.001 * correction(double(0.9f), double(0.999f)) / correction(0.9, 0.999);
}

}  // namespace

TEST_CASE("LeNet-5 starts as in Keras: probabilities, loss and gradients") {
    const keras_run keras;
    auto model = keras.start<double>();
    CHECK(test::relative_error(model.predict(keras.images), keras.values("start/probabilities")) <= 1e-10);

    const auto images = xt::eval(xt::view(keras.images, xt::range(0, 8)));
    const auto labels = xt::eval(xt::view(keras.labels, xt::range(0, 8)));
    const auto by_name = gradients(model, SparseCategoricalCrossentropy{}, images, labels);
    CHECK(by_name.loss == Approx(keras.values("start/first_loss")[0]).epsilon(1e-10));
    // What bytes are scaled to is what the gradient is with respect to.
    const auto of_numbers = gradients(model, SparseCategoricalCrossentropy{}, xt::eval(images / 255.0), labels);
    CHECK(test::relative_error(by_name.input, of_numbers.input) <= 1e-12);

    // One step of plain gradient descent at rate 1 moves each parameter by its derivative.
    const std::vector<double> before(model.parameters().begin(), model.parameters().end());
    auto training = compile(model, SGD{.learning_rate = 1}, SparseCategoricalCrossentropy{});
    const auto history = training.fit(images, labels, {.batch_size = 8, .verbose = 0});
    CHECK(history["loss"][0] == Approx(keras.values("start/first_loss")[0]).epsilon(1e-10));
    for (const parameter_entry& entry : model.value_table()) {
        std::string name = entry.name;
        std::replace(name.begin(), name.end(), '/', '.');
        std::vector<double> derivatives(entry.size);
        for (std::size_t i = 0; i < entry.size; ++i)
            derivatives[i] = before[entry.offset + i] - model.parameters()[entry.offset + i];
        INFO(entry.name);
        CHECK(test::relative_error(derivatives, keras.values("start/d_" + name)) <= 1e-10);
        CHECK(test::relative_error(by_name[entry.name], keras.values("start/d_" + name)) <= 1e-10);
    }
    CHECK(model.value_table().size() == 10);
}

TEST_CASE("20 updates of LeNet-5 by Adam are Keras'") {
    check_run<double>("adam", Adam{}, 1e-9, 1e-8, correct_rate);
    check_run<double>("adam", Adam{}, 1e-5, 1e-5);
    check_run<float>("adam", Adam{}, 1e-4, 1e-4);
}

TEST_CASE("20 updates of LeNet-5 by SGD with momentum are Keras'") {
    check_run<double>("sgd_momentum", SGD{.learning_rate = 0.05, .momentum = double(0.9f)}, 1e-9, 1e-8);
    check_run<float>("sgd_momentum", SGD{.learning_rate = 0.05, .momentum = 0.9}, 1e-4, 1e-4);
}

TEST_CASE("20 updates of LeNet-5 by RMSprop are Keras'") {
    check_run<double>("rmsprop", RMSprop{}, 1e-9, 1e-8);
    check_run<float>("rmsprop", RMSprop{}, 1e-4, 1e-4);
}
