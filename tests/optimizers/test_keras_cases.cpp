#include "strata/optimizers/adadelta.hpp"
#include "strata/optimizers/adagrad.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/adamax.hpp"
#include "strata/optimizers/adamw.hpp"
#include "strata/optimizers/ftrl.hpp"
#include "strata/optimizers/lion.hpp"
#include "strata/optimizers/nadam.hpp"
#include "strata/optimizers/rmsprop.hpp"
#include "strata/optimizers/sgd.hpp"
#include "support/catch.hpp"
#include "support/optimizer_check.hpp"

#include <functional>
#include <string>
#include <vector>

using namespace strata::authoring;
using test::steps_of_arena;

namespace {

using run = std::function<steps_of_arena(const std::vector<double>&, const steps_of_arena&)>;

/// A case of optimizers.safetensors: the optimizer, and how far from Keras it may be in double.
struct keras_case {
    std::string name;
    double tolerance;
    run in_double, in_float;

    template <class Optimizer>
    keras_case(std::string title, Optimizer optimizer, double limit = 1e-14)
        : name{std::move(title)},
          tolerance{limit},
          in_double{[optimizer](const auto& start, const auto& gradients) {
              return test::run_optimizer<pack<double>>(optimizer, start, gradients);
          }},
          in_float{[optimizer](const auto& start, const auto& gradients) {
              return test::run_optimizer<pack<float>>(optimizer, start, gradients);
          }} {}
};

// Some settings reached Keras' double variables through a float32 (0.9, say, as 0.89999998), which are given here as
// such; with the same numbers the vectors match to the last bits. Where it was a power of beta, 2e-8 of the weights
// remain.
std::vector<keras_case> cases() {
    const double momentum = double(0.9f), decay = double(0.01f);
    return {
        {"sgd", SGD{}},
        {"sgd_momentum", SGD{.learning_rate = 0.05, .momentum = momentum}},
        {"sgd_nesterov", SGD{.learning_rate = 0.05, .momentum = momentum, .nesterov = true}},
        {"sgd_decay", SGD{.learning_rate = 0.05, .momentum = momentum, .weight_decay = decay}},
        {"adam", Adam{}, 2e-8},
        {"adam_lr01", Adam{.learning_rate = 0.01, .beta_1 = 0.8, .beta_2 = 0.99, .epsilon = 1e-4}, 2e-8},
        {"adam_amsgrad", Adam{.amsgrad = true}, 2e-8},
        {"adamw", AdamW{}, 2e-8},
        {"nadam", Nadam{}, 2e-8},
        {"adamax", Adamax{}, 2e-8},
        {"adagrad", Adagrad{.initial_accumulator_value = double(0.1f)}},
        {"adadelta", Adadelta{}},
        {"rmsprop", RMSprop{}},
        {"rmsprop_momentum", RMSprop{.learning_rate = 0.002, .momentum = 0.9}},
        {"rmsprop_centered", RMSprop{.centered = true}},
        {"ftrl", Ftrl{.learning_rate = 0.01,
                      .initial_accumulator_value = double(0.1f),
                      .l1_regularization_strength = 1e-3,
                      .l2_regularization_strength = 1e-3}},
        {"lion", Lion{}},
    };
}

}  // namespace

TEST_CASE("optimizers are Keras'") {
    const test::optimizer_vectors vectors;
    for (const keras_case& one : cases()) {
        INFO(one.name);
        CHECK(vectors.error(one.name, one.in_double(vectors.start(), vectors.gradients())) <= one.tolerance);
        CHECK(vectors.error(one.name, one.in_float(vectors.start(), vectors.gradients())) <= 1e-6);
    }
}

TEST_CASE("weight_decay of each optimizer shrinks the weights before the update, whatever the gradient") {
    const auto check = [](const char* name, auto optimizer) {
        INFO(name);
        auto decaying = optimizer;
        decaying.weight_decay = 0.5;
        std::vector<double> start{2, -1, 0.5, 3, 0, -7, 1e-3, 5}, shrunk = start;
        for (double& w : shrunk) w *= 1 - optimizer.learning_rate * 0.5;
        const steps_of_arena gradients{{0, 1, -2, 0, 0.5, 1e-4, 3, 0}};
        const auto expected = keras_case(name, optimizer).in_double(shrunk, gradients)[0];
        const auto found = keras_case(name, decaying).in_double(start, gradients)[0];
        for (std::size_t i = 0; i < start.size(); ++i) CHECK(found[i] == Approx(expected[i]).epsilon(1e-14));
    };
    const double rate = 0.1;
    check("SGD", SGD{.learning_rate = rate});
    check("Adam", Adam{.learning_rate = rate});
    check("AdamW", AdamW{.learning_rate = rate, .weight_decay = 0});
    check("Nadam", Nadam{.learning_rate = rate});
    check("Adamax", Adamax{.learning_rate = rate});
    check("Adagrad", Adagrad{.learning_rate = rate});
    check("Adadelta", Adadelta{.learning_rate = rate});
    check("RMSprop", RMSprop{.learning_rate = rate});
    check("Ftrl", Ftrl{.learning_rate = rate});
    check("Lion", Lion{.learning_rate = rate});
}
