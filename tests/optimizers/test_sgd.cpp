#include "strata/optimizers/sgd.hpp"

#include "support/catch.hpp"
#include "support/optimizer_check.hpp"

using namespace strata::authoring;

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
