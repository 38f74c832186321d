#include "strata/optimizers/schedules.hpp"

#include "strata/optimizers/learning_rate.hpp"
#include "support/catch.hpp"

#include <cstdint>
#include <string>

using namespace strata::authoring;

TEST_CASE("settings of schedules that no vector of Keras has") {
    const InverseTimeDecay stairs{.initial_learning_rate = 1, .decay_steps = 10, .decay_rate = 0.5, .staircase = true};
    CHECK(stairs(9) == 1);
    CHECK(stairs(10) == Approx(1 / 1.5));
    CHECK(stairs(29) == 0.5);
    // Periods of 10, 10, 10 steps; of 10, 30, 90.
    CosineDecayRestarts restarts{.initial_learning_rate = 1, .first_decay_steps = 10, .t_mul = 1, .m_mul = 0.5};
    CHECK(restarts(10) == 0.5);
    CHECK(restarts(25) == Approx(0.25 * 0.5));
    restarts.t_mul = 3;
    CHECK(restarts(25) == Approx(0.5 * 0.5));
    CHECK(restarts(40) == 0.25);
    CHECK(restarts(39) == Approx(0).margin(2e-3));
    CHECK(PiecewiseConstantDecay{.boundaries = {}, .values = {0.5}}(7) == 0.5);
    CHECK(CosineDecay{.initial_learning_rate = 0.5, .decay_steps = 10, .warmup_target = 1.0, .warmup_steps = 4}(2) ==
          0.75);
}

TEST_CASE("schedules without what they need are refused with a sentence") {
    const auto message = [](const auto& schedule) {
        try {
            LearningRate(schedule).check("Adam");
        } catch (const value_error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const std::string steps = ": decay_steps is 0, but must be 1 or more";
    CHECK(message(ExponentialDecay{.initial_learning_rate = 1, .decay_rate = 1}) == "ExponentialDecay" + steps);
    CHECK(message(InverseTimeDecay{.initial_learning_rate = 1, .decay_rate = 1}) == "InverseTimeDecay" + steps);
    CHECK(message(PolynomialDecay{.initial_learning_rate = 1}) == "PolynomialDecay" + steps);
    CHECK(message(CosineDecay{.initial_learning_rate = 1}) == "CosineDecay" + steps);
    CHECK(message(CosineDecayRestarts{.initial_learning_rate = 1}) ==
          "CosineDecayRestarts: first_decay_steps is 0, but must be 1 or more");
    CHECK(message(CosineDecay{.decay_steps = 1}) ==
          "CosineDecay: initial_learning_rate is nan, but must be a finite number, 0 or more");
    CHECK(message(PiecewiseConstantDecay{}) ==
          "PiecewiseConstantDecay: there are 0 values and 0 boundaries, but must be one value more than boundaries");
    CHECK(message(PiecewiseConstantDecay{.boundaries = {5, 3}, .values = {1, 2, 3}}) ==
          "PiecewiseConstantDecay: boundaries must be in ascending order");
    CHECK(message(PiecewiseConstantDecay{.boundaries = {5}, .values = {1, -2}}) ==
          "PiecewiseConstantDecay: values is -2.0, but must be a finite number, 0 or more");
    CHECK(message(CosineDecay{.initial_learning_rate = 1, .decay_steps = 1}).empty());
}

TEST_CASE("a learning rate is a number, or a schedule in its place") {
    LearningRate rate = 0.25;
    CHECK(rate == 0.25);
    CHECK(rate(0) == 0.25);
    CHECK(rate(1000) == 0.25);
    CHECK_FALSE(rate.is_schedule());
    rate *= 0.5;
    CHECK(2 * rate == 0.25);

    rate = [](std::uint64_t step) { return step < 3 ? 0.5 : -1; };  // and a function of one's own
    const LearningRate copy = rate;
    CHECK(rate.is_schedule());
    CHECK(copy(2) == 0.5);
    CHECK_THROWS_WITH(
        copy(3), "learning_rate: the schedule yields -1.0 after 3 steps, but must yield a finite number, 0 or more");
    const std::string no_number =
        "learning_rate: a schedule is no number; call it with a number of steps, or set the learning rate to a number";
    CHECK_THROWS_WITH(double(rate), no_number);
    CHECK_THROWS_WITH(rate *= 2, no_number);
    rate = 1;
    CHECK(rate == 1);
    CHECK(copy.is_schedule());
}
