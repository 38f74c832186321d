#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/finite.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/core/text.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A schedule: a function of the number of steps so far, 0 before the first one. Those of Keras are in
/// optimizers/schedules.hpp; a lambda is one, too.
template <class Type>
concept schedule_type = requires(const Type& schedule) {
    { schedule(std::uint64_t{0}) } -> std::convertible_to<double>;
};

/// The learning rate of an optimizer: a number, or a schedule in place of it.
///
///     Adam{.learning_rate = 1e-3}
///     Adam{.learning_rate = CosineDecay{.initial_learning_rate = 1e-3, .decay_steps = 10000}}
///     Adam{.learning_rate = [](std::uint64_t step) { return step < 1000 ? 1e-3 : 1e-4; }}
///
/// It reads as a number and can be set to another one, or to a schedule. A schedule has no number of its own: reading
/// one throws value_error.
class LearningRate {
public:
    LearningRate(double value) : value_{value} {}  // NOLINT: stands for it
    template <class Schedule>
        requires(!std::same_as<Schedule, LearningRate>) && schedule_type<Schedule>
    LearningRate(Schedule schedule)  // NOLINT: stands for it
        : schedule_{std::make_shared<const one<Schedule>>(std::move(schedule))} {}

    bool is_schedule() const { return schedule_ != nullptr; }

    /// The rate after so many steps. Throws value_error where a schedule yields what is no rate.
    double operator()(std::uint64_t step) const { return is_schedule() ? scheduled(step) : value_; }

    operator double() const {  // NOLINT: it reads as a number
        if (is_schedule())
            raise<value_error>(
                {"learning_rate: a schedule is no number; call it with a number of steps, or set the "
                 "learning rate to a number"});
        return value_;
    }
    LearningRate& operator*=(double factor) { return *this = *this * factor; }
    LearningRate& operator/=(double divisor) { return *this = *this / divisor; }

    /// Throws value_error where the number or the settings of the schedule make no sense.
    void check(std::string_view owner) const {
        if (is_schedule())
            schedule_->check();
        else
            setting_checks(owner).not_negative("learning_rate", value_);
    }

private:
    struct any {
        any() = default;
        any(const any&) = delete;
        any& operator=(const any&) = delete;
        virtual ~any() = default;
        virtual double at(std::uint64_t step) const = 0;
        virtual void check() const = 0;
    };
    template <class Schedule> struct one final : any {
        explicit one(Schedule function) : schedule{std::move(function)} {}
        double at(std::uint64_t step) const override { return static_cast<double>(schedule(step)); }
        void check() const override {
            if constexpr (requires { schedule.check(); }) schedule.check();
        }
        Schedule schedule;
    };

    STRATA_OUT_OF_LINE double scheduled(std::uint64_t step) const {
        const double rate = schedule_->at(step);
        if (!(is_finite(rate) && rate >= 0))
            raise<value_error>({"learning_rate: the schedule yields ", exact_text(rate), " after ", step,
                                " steps, but must yield a finite number, 0 or more"});
        return rate;
    }

    double value_ = 0;
    std::shared_ptr<const any> schedule_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
