#include "strata/losses/crossentropy.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/optimizer.hpp"
#include "strata/optimizers/rmsprop.hpp"
#include "strata/optimizers/sgd.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

enum class range { not_negative, at_most_one, below_one };

/// Values that a setting of a range takes, and values that it refuses.
std::vector<double> right(range which) {
    switch (which) {
        case range::not_negative:
            return {0, 0.5, 7};
        case range::at_most_one:
            return {0, 0.5, 1};
        default:
            return {0, 0.5, 0.999};
    }
}
std::vector<double> wrong(range which) {
    switch (which) {
        case range::not_negative:
            return {-1e-9, nan, infinity, -infinity};
        case range::at_most_one:
            return {-1e-9, 1.001, nan, infinity};
        default:
            return {-1e-9, 1, 2, nan, infinity};
    }
}
std::string text(range which) {
    switch (which) {
        case range::not_negative:
            return "be a finite number, 0 or more";
        case range::at_most_one:
            return "lie in [0, 1]";
        default:
            return "lie in [0, 1)";
    }
}

/// Tries the values of one setting.
template <class Settings, class Check>
void check(const std::string& owner, const std::string& name, double Settings::*member, range which, Check&& run) {
    for (const double value : right(which)) {
        INFO(owner << " " << name << " " << value);
        Settings settings{};
        settings.*member = value;
        CHECK_NOTHROW(run(settings));
    }
    for (const double value : wrong(which)) {
        Settings settings{};
        settings.*member = value;
        CHECK_THROWS_WITH(run(settings),
                          owner + ": " + name + " is " + exact_text(value) + ", but must " + text(which));
    }
}

}  // namespace

TEST_CASE("settings outside of their range are refused by name") {
    const auto of = [](const auto& optimizer) { check_settings(optimizer); };
    check("SGD", "learning_rate", &SGD::learning_rate, range::not_negative, of);
    check("SGD", "momentum", &SGD::momentum, range::at_most_one, of);
    check("SGD", "weight_decay", &SGD::weight_decay, range::not_negative, of);
    check("Adam", "learning_rate", &Adam::learning_rate, range::not_negative, of);
    check("Adam", "beta_1", &Adam::beta_1, range::below_one, of);
    check("Adam", "beta_2", &Adam::beta_2, range::below_one, of);
    check("Adam", "epsilon", &Adam::epsilon, range::not_negative, of);
    check("Adam", "weight_decay", &Adam::weight_decay, range::not_negative, of);
    check("RMSprop", "learning_rate", &RMSprop::learning_rate, range::not_negative, of);
    check("RMSprop", "rho", &RMSprop::rho, range::below_one, of);
    check("RMSprop", "momentum", &RMSprop::momentum, range::at_most_one, of);
    check("RMSprop", "epsilon", &RMSprop::epsilon, range::not_negative, of);
    check("RMSprop", "weight_decay", &RMSprop::weight_decay, range::not_negative, of);
    check("CategoricalCrossentropy", "label_smoothing", &CategoricalCrossentropy::label_smoothing, range::at_most_one,
          [](const auto& loss) { loss.template check<shape<3>>(array_ref{}); });
}
