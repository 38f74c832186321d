#include "strata/optimizers/adam.hpp"

#include "support/catch.hpp"
#include "support/optimizer_check.hpp"

#include <cmath>
#include <vector>

using namespace strata::authoring;
using test::run_optimizer;

TEST_CASE("Adam adds epsilon to the uncorrected root and counts steps from 1") {
    // w0 = 0, g = 0.1 t: computed by hand from Keras' formula.
    const auto w = run_optimizer<double>(Adam{}, {0}, {{0.1}, {0.2}, {0.3}});
    CHECK(w[0][0] == Approx(-9.99968378e-4).epsilon(1e-8));
    CHECK(w[1][0] == Approx(-1.96513675e-3).epsilon(1e-8));
    CHECK(w[2][0] == Approx(-2.92312988e-3).epsilon(1e-8));

    // A tiny gradient tells Keras' epsilon from the one of the paper's first form, 9.99e-4 and 9.09e-4.
    CHECK(run_optimizer<double>(Adam{}, {0}, {{1e-4}})[0][0] == Approx(-9.693e-4).epsilon(1e-3));
    CHECK(run_optimizer<double>(Adam{}, {0}, {{1e-6}})[0][0] == Approx(-2.40e-4).epsilon(1e-2));
}

TEST_CASE("amsgrad never forgets the largest square") {
    CHECK(Adam{}.kept_slots() == 2);
    CHECK(Adam{.amsgrad = true}.kept_slots() == 3);
    // After one large gradient plain Adam's steps grow again, while those of amsgrad stay small.
    std::vector<std::vector<double>> gradients(400, {1e-3});
    gradients[0] = {10};
    const double plain = run_optimizer<double>(Adam{.beta_2 = 0.9}, {0}, gradients).back()[0];
    const double amsgrad = run_optimizer<double>(Adam{.beta_2 = 0.9, .amsgrad = true}, {0}, gradients).back()[0];
    CHECK(std::abs(plain) > 0.1);
    CHECK(std::abs(amsgrad) < 0.05);

    // Off, its slot is not even touched.
    optimizer_state<double> state(Adam::slot_count, 1);
    state.values[2][0] = 7;
    double w = 1;
    const double gradient = 1;
    apply_step<double>(Adam{}, 1, 0, 1, &gradient, state, &w);
    CHECK(w != 1);
    CHECK(state.values[2][0] == 7);
}
