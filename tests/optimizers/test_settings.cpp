#include "strata/losses/crossentropy.hpp"
#include "strata/optimizers/adadelta.hpp"
#include "strata/optimizers/adafactor.hpp"
#include "strata/optimizers/adagrad.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/adamax.hpp"
#include "strata/optimizers/adamw.hpp"
#include "strata/optimizers/ftrl.hpp"
#include "strata/optimizers/lamb.hpp"
#include "strata/optimizers/lion.hpp"
#include "strata/optimizers/muon.hpp"
#include "strata/optimizers/nadam.hpp"
#include "strata/optimizers/optimizer.hpp"
#include "strata/optimizers/optimizer_with.hpp"
#include "strata/optimizers/rmsprop.hpp"
#include "strata/optimizers/schedules.hpp"
#include "strata/optimizers/sgd.hpp"
#include "support/catch.hpp"

#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace strata::authoring;

namespace {

const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

enum class range { not_negative, not_positive, positive, at_least_one, at_most_one, below_one };

/// Values that a setting of a range takes, values that it refuses, and what is said of them.
struct range_values {
    std::vector<double> right, wrong;
    std::string text;
};
range_values values_of(range which) {
    switch (which) {
        case range::not_negative:
            return {{0, 0.5, 7}, {-1e-9, nan, infinity, -infinity}, "be a finite number, 0 or more"};
        case range::not_positive:
            return {{0, -0.5, -7}, {1e-9, nan, infinity, -infinity}, "be a finite number, 0 or less"};
        case range::positive:
            return {{1e-300, 7}, {0, -1, nan, infinity}, "be a finite number above 0"};
        case range::at_least_one:
            return {{1, 7}, {0.999, -1, nan, infinity}, "be a finite number, 1 or more"};
        case range::at_most_one:
            return {{0, 0.5, 1}, {-1e-9, 1.001, nan, infinity}, "lie in [0, 1]"};
        default:
            return {{0, 0.5, 0.999}, {-1e-9, 1, 2, nan, infinity}, "lie in [0, 1)"};
    }
}

/// One setting: how to give it a value and have it checked.
struct setting {
    std::string owner, name;
    range allowed;
    std::function<void(double)> try_value;
};

/// A member of a struct whose other settings are right.
template <class Settings, class Owner, class Member> auto with(Settings settings, Member Owner::*member) {
    return [settings, member](double value) mutable {
        settings.*member = value;
        check_settings(settings);
    };
}

std::vector<setting> settings() {
    constexpr auto not_negative = range::not_negative, at_most_one = range::at_most_one, below_one = range::below_one;
    const ExponentialDecay exponential{.initial_learning_rate = 1, .decay_steps = 1, .decay_rate = 1};
    const InverseTimeDecay inverse{.initial_learning_rate = 1, .decay_steps = 1, .decay_rate = 1};
    const PolynomialDecay polynomial{.initial_learning_rate = 1, .decay_steps = 1};
    const CosineDecay cosine{.initial_learning_rate = 1, .decay_steps = 1};
    const CosineDecayRestarts restarts{.initial_learning_rate = 1, .first_decay_steps = 1};
    return {
        {"SGD", "learning_rate", not_negative, with(SGD{}, &SGD::learning_rate)},
        {"SGD", "momentum", at_most_one, with(SGD{}, &SGD::momentum)},
        {"SGD", "weight_decay", not_negative, with(SGD{}, &SGD::weight_decay)},
        {"Adam", "learning_rate", not_negative, with(Adam{}, &Adam::learning_rate)},
        {"Adam", "beta_1", below_one, with(Adam{}, &Adam::beta_1)},
        {"Adam", "beta_2", below_one, with(Adam{}, &Adam::beta_2)},
        {"Adam", "epsilon", not_negative, with(Adam{}, &Adam::epsilon)},
        {"Adam", "weight_decay", not_negative, with(Adam{}, &Adam::weight_decay)},
        {"AdamW", "weight_decay", not_negative, with(AdamW{}, &AdamW::weight_decay)},
        {"AdamW", "beta_2", below_one, with(AdamW{}, &AdamW::beta_2)},
        {"Adamax", "learning_rate", not_negative, with(Adamax{}, &Adamax::learning_rate)},
        {"Adamax", "beta_1", below_one, with(Adamax{}, &Adamax::beta_1)},
        {"Adamax", "beta_2", below_one, with(Adamax{}, &Adamax::beta_2)},
        {"Adamax", "epsilon", not_negative, with(Adamax{}, &Adamax::epsilon)},
        {"Adamax", "weight_decay", not_negative, with(Adamax{}, &Adamax::weight_decay)},
        {"Nadam", "learning_rate", not_negative, with(Nadam{}, &Nadam::learning_rate)},
        {"Nadam", "beta_1", below_one, with(Nadam{}, &Nadam::beta_1)},
        {"Nadam", "beta_2", below_one, with(Nadam{}, &Nadam::beta_2)},
        {"Nadam", "epsilon", not_negative, with(Nadam{}, &Nadam::epsilon)},
        {"Nadam", "weight_decay", not_negative, with(Nadam{}, &Nadam::weight_decay)},
        {"RMSprop", "learning_rate", not_negative, with(RMSprop{}, &RMSprop::learning_rate)},
        {"RMSprop", "rho", below_one, with(RMSprop{}, &RMSprop::rho)},
        {"RMSprop", "momentum", at_most_one, with(RMSprop{}, &RMSprop::momentum)},
        {"RMSprop", "epsilon", not_negative, with(RMSprop{}, &RMSprop::epsilon)},
        {"RMSprop", "weight_decay", not_negative, with(RMSprop{}, &RMSprop::weight_decay)},
        {"Adagrad", "learning_rate", not_negative, with(Adagrad{}, &Adagrad::learning_rate)},
        {"Adagrad", "initial_accumulator_value", not_negative, with(Adagrad{}, &Adagrad::initial_accumulator_value)},
        {"Adagrad", "epsilon", not_negative, with(Adagrad{}, &Adagrad::epsilon)},
        {"Adagrad", "weight_decay", not_negative, with(Adagrad{}, &Adagrad::weight_decay)},
        {"Adadelta", "learning_rate", not_negative, with(Adadelta{}, &Adadelta::learning_rate)},
        {"Adadelta", "rho", below_one, with(Adadelta{}, &Adadelta::rho)},
        {"Adadelta", "epsilon", not_negative, with(Adadelta{}, &Adadelta::epsilon)},
        {"Adadelta", "weight_decay", not_negative, with(Adadelta{}, &Adadelta::weight_decay)},
        {"Lamb", "learning_rate", not_negative, with(Lamb{}, &Lamb::learning_rate)},
        {"Lamb", "beta_1", below_one, with(Lamb{}, &Lamb::beta_1)},
        {"Lamb", "beta_2", below_one, with(Lamb{}, &Lamb::beta_2)},
        {"Lamb", "epsilon", not_negative, with(Lamb{}, &Lamb::epsilon)},
        {"Lamb", "weight_decay", not_negative, with(Lamb{}, &Lamb::weight_decay)},
        {"Adafactor", "learning_rate", not_negative, with(Adafactor{}, &Adafactor::learning_rate)},
        {"Adafactor", "beta_2_decay", range::not_positive, with(Adafactor{}, &Adafactor::beta_2_decay)},
        {"Adafactor", "epsilon_1", not_negative, with(Adafactor{}, &Adafactor::epsilon_1)},
        {"Adafactor", "epsilon_2", not_negative, with(Adafactor{}, &Adafactor::epsilon_2)},
        {"Adafactor", "clip_threshold", range::positive, with(Adafactor{}, &Adafactor::clip_threshold)},
        {"Adafactor", "weight_decay", not_negative, with(Adafactor{}, &Adafactor::weight_decay)},
        {"Muon", "learning_rate", not_negative, with(Muon{}, &Muon::learning_rate)},
        {"Muon", "adam_beta_1", below_one, with(Muon{}, &Muon::adam_beta_1)},
        {"Muon", "adam_beta_2", below_one, with(Muon{}, &Muon::adam_beta_2)},
        {"Muon", "adam_weight_decay", not_negative, with(Muon{}, &Muon::adam_weight_decay)},
        {"Muon", "epsilon", not_negative, with(Muon{}, &Muon::epsilon)},
        {"Muon", "weight_decay", not_negative, with(Muon{}, &Muon::weight_decay)},
        {"Muon", "adam_lr_ratio", range::positive, with(Muon{}, &Muon::adam_lr_ratio)},
        {"Muon", "momentum", below_one, with(Muon{}, &Muon::momentum)},
        {"Muon", "rms_rate", not_negative, with(Muon{}, &Muon::rms_rate)},
        {"SGD", "momentum", at_most_one, with(OptimizerWith{SGD{}, {}}, &OptimizerWith<SGD>::momentum)},
        {"OptimizerWith", "clipnorm", not_negative, with(OptimizerWith{SGD{}, {}}, &OptimizerWith<SGD>::clipnorm)},
        {"OptimizerWith", "clipvalue", not_negative, with(OptimizerWith{SGD{}, {}}, &OptimizerWith<SGD>::clipvalue)},
        {"OptimizerWith", "global_clipnorm", not_negative,
         with(OptimizerWith{SGD{}, {}}, &OptimizerWith<SGD>::global_clipnorm)},
        {"OptimizerWith", "ema_momentum", at_most_one,
         with(OptimizerWith{SGD{}, {}}, &OptimizerWith<SGD>::ema_momentum)},
        {"Lion", "learning_rate", not_negative, with(Lion{}, &Lion::learning_rate)},
        {"Lion", "beta_1", at_most_one, with(Lion{}, &Lion::beta_1)},
        {"Lion", "beta_2", at_most_one, with(Lion{}, &Lion::beta_2)},
        {"Lion", "weight_decay", not_negative, with(Lion{}, &Lion::weight_decay)},
        {"Ftrl", "learning_rate", range::positive, with(Ftrl{}, &Ftrl::learning_rate)},
        {"Ftrl", "learning_rate_power", range::not_positive, with(Ftrl{}, &Ftrl::learning_rate_power)},
        {"Ftrl", "initial_accumulator_value", not_negative, with(Ftrl{}, &Ftrl::initial_accumulator_value)},
        {"Ftrl", "l1_regularization_strength", not_negative, with(Ftrl{}, &Ftrl::l1_regularization_strength)},
        {"Ftrl", "l2_regularization_strength", not_negative, with(Ftrl{}, &Ftrl::l2_regularization_strength)},
        {"Ftrl", "l2_shrinkage_regularization_strength", not_negative,
         with(Ftrl{}, &Ftrl::l2_shrinkage_regularization_strength)},
        {"Ftrl", "beta", not_negative, with(Ftrl{}, &Ftrl::beta)},
        {"Ftrl", "weight_decay", not_negative, with(Ftrl{}, &Ftrl::weight_decay)},
        {"ExponentialDecay", "initial_learning_rate", not_negative,
         with(exponential, &ExponentialDecay::initial_learning_rate)},
        {"ExponentialDecay", "decay_rate", not_negative, with(exponential, &ExponentialDecay::decay_rate)},
        {"InverseTimeDecay", "initial_learning_rate", not_negative,
         with(inverse, &InverseTimeDecay::initial_learning_rate)},
        {"InverseTimeDecay", "decay_rate", not_negative, with(inverse, &InverseTimeDecay::decay_rate)},
        {"PolynomialDecay", "initial_learning_rate", not_negative,
         with(polynomial, &PolynomialDecay::initial_learning_rate)},
        {"PolynomialDecay", "end_learning_rate", not_negative, with(polynomial, &PolynomialDecay::end_learning_rate)},
        {"PolynomialDecay", "power", not_negative, with(polynomial, &PolynomialDecay::power)},
        {"CosineDecay", "initial_learning_rate", not_negative, with(cosine, &CosineDecay::initial_learning_rate)},
        {"CosineDecay", "alpha", not_negative, with(cosine, &CosineDecay::alpha)},
        {"CosineDecay", "warmup_target", not_negative, with(cosine, &CosineDecay::warmup_target)},
        {"CosineDecayRestarts", "initial_learning_rate", not_negative,
         with(restarts, &CosineDecayRestarts::initial_learning_rate)},
        {"CosineDecayRestarts", "t_mul", range::at_least_one, with(restarts, &CosineDecayRestarts::t_mul)},
        {"CosineDecayRestarts", "m_mul", not_negative, with(restarts, &CosineDecayRestarts::m_mul)},
        {"CosineDecayRestarts", "alpha", not_negative, with(restarts, &CosineDecayRestarts::alpha)},
        {"CategoricalCrossentropy", "label_smoothing", at_most_one,
         [](double value) { CategoricalCrossentropy{.label_smoothing = value}.check<shape<3>>(array_ref{}); }},
    };
}

}  // namespace

TEST_CASE("settings outside of their range are refused by name") {
    for (const setting& one : settings()) {
        const range_values values = values_of(one.allowed);
        INFO(one.owner << " " << one.name);
        for (const double value : values.right) CHECK_NOTHROW(one.try_value(value));
        for (const double value : values.wrong)
            CHECK_THROWS_WITH(one.try_value(value),
                              one.owner + ": " + one.name + " is " + exact_text(value) + ", but must " + values.text);
    }
}

TEST_CASE("a gradient is clipped in one way") {
    const std::string sentence = "OptimizerWith: only one of clipnorm, clipvalue and global_clipnorm can be set";
    CHECK_THROWS_WITH(check_settings(OptimizerWith{SGD{}, {.clipnorm = 1, .clipvalue = 1}}), sentence);
    CHECK_THROWS_WITH(check_settings(OptimizerWith{SGD{}, {.clipnorm = 1, .global_clipnorm = 1}}), sentence);
    CHECK_THROWS_WITH(check_settings(OptimizerWith{SGD{}, {.clipvalue = 1, .global_clipnorm = 1}}), sentence);
    CHECK_NOTHROW(check_settings(OptimizerWith{SGD{}, {.clipvalue = 1}}));
}
