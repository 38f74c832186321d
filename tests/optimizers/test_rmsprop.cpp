#include "strata/optimizers/rmsprop.hpp"

#include "support/catch.hpp"
#include "support/optimizer_check.hpp"

#include <cmath>

using namespace strata::authoring;

TEST_CASE("RMSprop has epsilon under the root") {
    const double w = test::run_optimizer<double>(RMSprop{.learning_rate = 1, .epsilon = 0.5}, {0}, {{2}})[0][0];
    CHECK(w == Approx(-2 / std::sqrt(0.1 * 4 + 0.5)).epsilon(1e-14));
}

TEST_CASE("centered and momentum of RMSprop work together") {
    const RMSprop both{.learning_rate = 0.1, .momentum = 0.5, .epsilon = 1e-3, .centered = true};
    CHECK(RMSprop{}.kept_slots() == 1);
    CHECK(RMSprop{.momentum = 0.5}.kept_slots() == 2);
    CHECK(RMSprop{.centered = true}.kept_slots() == 3);
    CHECK(both.kept_slots() == 3);
    CHECK(slots_in_summary(RMSprop{}) == 1);
    CHECK(slots_in_summary(RMSprop{.momentum = 0.5}) == 2);
    CHECK(slots_in_summary(RMSprop{.centered = true}) == 2);
    CHECK(slots_in_summary(both) == 3);
    double square = 0, mean = 0, velocity = 0, w = 1;
    for (const double g : {1.0, -2.0, 0.5}) {
        square = 0.9 * square + 0.1 * g * g;
        mean = 0.9 * mean + 0.1 * g;
        velocity = 0.5 * velocity + 0.1 * g / std::sqrt(square - mean * mean + 1e-3);
        w -= velocity;
    }
    CHECK(test::run_optimizer<double>(both, {1}, {{1}, {-2}, {0.5}}).back()[0] == Approx(w).epsilon(1e-14));
}

TEST_CASE("weight_decay of RMSprop is apart from the gradient") {
    const auto w =
        test::run_optimizer<double>(RMSprop{.learning_rate = 0.1, .weight_decay = 0.5}, {10, 10}, {{0, 1}})[0];
    CHECK(w[0] == Approx(9.5).epsilon(1e-15));
    CHECK(w[1] == Approx(9.5 - 0.1 / std::sqrt(0.1 + 1e-7)).epsilon(1e-14));
}

TEST_CASE("momentum that RMSprop gets after some steps begins at rest") {
    for (const bool centered : {false, true}) {
        RMSprop optimizer{.learning_rate = 0.1, .epsilon = 1e-3, .centered = centered};
        aligned_vector<double> w{1}, gradient{1};
        optimizer_state<double> state(RMSprop::slot_count, 1);
        for (std::uint64_t step = 1; step <= 5; ++step)
            apply_step<double>(optimizer, step, 0, 1, gradient.data(), state, w.data());
        RMSprop late = optimizer;
        late.momentum = 0.9;
        auto state_of_late = state;
        auto w_of_late = w;
        apply_step<double>(optimizer, 6, 0, 1, gradient.data(), state, w.data());
        apply_step<double>(late, 6, 0, 1, gradient.data(), state_of_late, w_of_late.data());
        CHECK(w_of_late == w);
    }
}
