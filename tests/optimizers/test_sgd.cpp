#include "strata/optimizers/sgd.hpp"

#include "support/catch.hpp"
#include "support/optimizer_check.hpp"

using namespace strata::authoring;
using test::error_of_case;

// Momentum and decay reached Keras' double variables through a float32; with the same numbers the vectors match to the
// last bits.
TEST_CASE("SGD is Keras'") {
    const test::keras_vectors vectors{"optimizers"};
    const auto check = [&](const char* name, const SGD& optimizer) {
        INFO(name);
        CHECK(error_of_case<double>(vectors, name, optimizer) <= 1e-14);
        CHECK(error_of_case<pack<double>>(vectors, name, optimizer) <= 1e-14);
        CHECK(error_of_case<pack<float>>(vectors, name, optimizer) <= 1e-6);
    };
    const double momentum = double(0.9f), decay = double(0.01f);
    check("sgd", SGD{});
    check("sgd_momentum", SGD{.learning_rate = 0.05, .momentum = momentum});
    check("sgd_nesterov", SGD{.learning_rate = 0.05, .momentum = momentum, .nesterov = true});
    check("sgd_decay", SGD{.learning_rate = 0.05, .momentum = momentum, .weight_decay = decay});
    CHECK(error_of_case<double>(vectors, "sgd_momentum", SGD{.learning_rate = 0.05, .momentum = 0.9}) <= 1e-7);
}

TEST_CASE("SGD keeps a velocity only with momentum") {
    CHECK(SGD{}.kept_slots() == 0);
    CHECK(SGD{.momentum = 0.9}.kept_slots() == 1);
    CHECK(SGD{}.learning_rate == 0.01);

    // Without, its slot is not even touched.
    optimizer_state<double> state(SGD::slot_count, 1);
    state.values[0][0] = 7;
    double w = 1;
    const double gradient = 3;
    apply_step<double>(SGD{.learning_rate = 0.5}, 1, 0, 1, &gradient, state, &w);
    CHECK(w == 1 - 0.5 * 3);
    CHECK(state.values[0][0] == 7);
}

TEST_CASE("weight_decay shrinks the weight before the update, whatever the gradient") {
    for (const double gradient : {0.0, 2.0}) {
        optimizer_state<double> state(SGD::slot_count, 1);
        double w = 10;
        apply_step<double>(SGD{.learning_rate = 0.1, .weight_decay = 0.5}, 1, 0, 1, &gradient, state, &w);
        CHECK(w == Approx(10 * (1 - 0.05) - 0.1 * gradient).epsilon(1e-15));
    }
}
