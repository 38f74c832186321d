#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/setting_checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <string_view>
#include <vector>

/// The learning-rate schedules of Keras (`keras.optimizers.schedules`), to be set in place of an optimizer's learning
/// rate. Called with the number of steps so far, they yield the rate of the next one.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What has no default: not a number, which every check refuses.
inline constexpr double not_set = std::numeric_limits<double>::quiet_NaN();

namespace detail {

/// Throws value_error where a setting of a decay in periods of decay_steps makes no sense.
template <class Decay> void check_decay(std::string_view owner, const Decay& decay) {
    setting_checks(owner)
        .not_negative("initial_learning_rate", decay.initial_learning_rate)
        .at_least_one("decay_steps", decay.decay_steps)
        .not_negative("decay_rate", decay.decay_rate);
}

/// How many periods a step is away, with `staircase` whole ones.
template <class Decay> double periods_of(const Decay& decay, std::uint64_t step) {
    const double periods = static_cast<double>(step) / static_cast<double>(decay.decay_steps);
    return decay.staircase ? std::floor(periods) : periods;
}

}  // namespace detail

/// initial_learning_rate decay_rate^(step / decay_steps), with `staircase` of the whole part of the exponent.
struct ExponentialDecay {
    double initial_learning_rate = not_set;
    std::uint64_t decay_steps = 0;
    double decay_rate = not_set;
    bool staircase = false;

    void check() const { detail::check_decay("ExponentialDecay", *this); }

    double operator()(std::uint64_t step) const {
        return initial_learning_rate * std::pow(decay_rate, detail::periods_of(*this, step));
    }
};

/// initial_learning_rate / (1 + decay_rate step / decay_steps), with `staircase` of the whole part of the fraction.
struct InverseTimeDecay {
    double initial_learning_rate = not_set;
    std::uint64_t decay_steps = 0;
    double decay_rate = not_set;
    bool staircase = false;

    void check() const { detail::check_decay("InverseTimeDecay", *this); }

    double operator()(std::uint64_t step) const {
        return initial_learning_rate / (1 + decay_rate * detail::periods_of(*this, step));
    }
};

/// From initial_learning_rate to end_learning_rate in decay_steps, as (1 - step / decay_steps)^power. After that it
/// stays there, or with `cycle` begins anew, with as many times decay_steps as leave the step within.
struct PolynomialDecay {
    double initial_learning_rate = not_set;
    std::uint64_t decay_steps = 0;
    double end_learning_rate = 1e-4;
    double power = 1;
    bool cycle = false;

    void check() const {
        setting_checks("PolynomialDecay")
            .not_negative("initial_learning_rate", initial_learning_rate)
            .at_least_one("decay_steps", decay_steps)
            .not_negative("end_learning_rate", end_learning_rate)
            .not_negative("power", power);
    }

    double operator()(std::uint64_t step) const {
        const double periods = static_cast<double>(step) / static_cast<double>(decay_steps);
        const double done = cycle ? periods / std::max(1.0, std::ceil(periods)) : std::min(1.0, periods);
        return (initial_learning_rate - end_learning_rate) * std::pow(1 - done, power) + end_learning_rate;
    }
};

/// values[0] up to the step boundaries[0], values[1] from the next one up to boundaries[1], and so on: one value more
/// than boundaries.
struct PiecewiseConstantDecay {
    std::vector<std::uint64_t> boundaries;
    std::vector<double> values;

    void check() const {
        if (values.size() != boundaries.size() + 1)
            raise<value_error>({"PiecewiseConstantDecay: there are ", values.size(), " values and ", boundaries.size(),
                                " boundaries, but must be one value more than boundaries"});
        if (!std::is_sorted(boundaries.begin(), boundaries.end()))
            raise<value_error>({"PiecewiseConstantDecay: boundaries must be in ascending order"});
        for (const double value : values) setting_checks("PiecewiseConstantDecay").not_negative("values", value);
    }

    double operator()(std::uint64_t step) const {
        const auto next = std::lower_bound(boundaries.begin(), boundaries.end(), step);
        return values.at(static_cast<std::size_t>(next - boundaries.begin()));
    }
};

/// Half a cosine from initial_learning_rate to alpha initial_learning_rate in decay_steps (Loshchilov, Hutter 2016).
/// With a warmup_target the rate first goes up to it, from initial_learning_rate, in a straight line of warmup_steps,
/// and then down to alpha warmup_target.
struct CosineDecay {
    double initial_learning_rate = not_set;
    std::uint64_t decay_steps = 0;
    double alpha = 0;
    std::optional<double> warmup_target{};
    std::uint64_t warmup_steps = 0;

    void check() const {
        setting_checks("CosineDecay")
            .not_negative("initial_learning_rate", initial_learning_rate)
            .at_least_one("decay_steps", decay_steps)
            .not_negative("alpha", alpha)
            .not_negative("warmup_target", warmup_target.value_or(0));
    }

    double operator()(std::uint64_t step) const {
        const std::uint64_t before = warmup_target ? warmup_steps : 0;
        const double highest = warmup_target.value_or(initial_learning_rate);
        if (step < before) {
            const double done = static_cast<double>(step) / static_cast<double>(before);
            return (highest - initial_learning_rate) * done + initial_learning_rate;
        }
        const double done = std::min(1.0, static_cast<double>(step - before) / static_cast<double>(decay_steps));
        return highest * ((1 - alpha) * 0.5 * (1 + std::cos(std::numbers::pi * done)) + alpha);
    }
};

/// CosineDecay that begins anew again and again (Loshchilov, Hutter 2016: SGDR). The first period has first_decay_steps
/// steps, each later one t_mul times as many as the one before, and a cosine that is m_mul times as high.
struct CosineDecayRestarts {
    double initial_learning_rate = not_set;
    std::uint64_t first_decay_steps = 0;
    double t_mul = 2;
    double m_mul = 1;
    double alpha = 0;

    void check() const {
        setting_checks("CosineDecayRestarts")
            .not_negative("initial_learning_rate", initial_learning_rate)
            .at_least_one("first_decay_steps", first_decay_steps)
            .at_least_one("t_mul", t_mul)
            .not_negative("m_mul", m_mul)
            .not_negative("alpha", alpha);
    }

    double operator()(std::uint64_t step) const {
        double done = static_cast<double>(step) / static_cast<double>(first_decay_steps);  // in first periods
        double restarts = 0, length = 1;
        if (t_mul > 1) {
            for (; done >= length; done -= length, length *= t_mul) ++restarts;
        } else {
            restarts = std::floor(done);
            done -= restarts;
        }
        const double height = 0.5 * std::pow(m_mul, restarts) * (1 + std::cos(std::numbers::pi * done / length));
        return initial_learning_rate * ((1 - alpha) * height + alpha);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CosineDecay;
using authoring::CosineDecayRestarts;
using authoring::ExponentialDecay;
using authoring::InverseTimeDecay;
using authoring::PiecewiseConstantDecay;
using authoring::PolynomialDecay;
}  // namespace strata
