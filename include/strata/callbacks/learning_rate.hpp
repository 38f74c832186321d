#pragma once

#include "strata/callbacks/monitor.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/core/text.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/logs.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Callbacks that change the learning rate between epochs.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// Throws value_error for an optimizer whose learning rate is a schedule.
template <class Optimizer> void require_number(std::string_view callback, const Optimizer& optimizer) {
    static_assert(
        requires { static_cast<double>(optimizer.learning_rate); },
        "ReduceLROnPlateau, LearningRateScheduler: the optimizer needs a `learning_rate`");
    if constexpr (requires { optimizer.learning_rate.is_schedule(); }) {
        if (optimizer.learning_rate.is_schedule())
            raise<value_error>({callback,
                                ": the optimizer's learning rate is a schedule, which sets it at each step; "
                                "give it a number, or leave out the callback"});
    }
}

}  // namespace detail

/// Multiplies the learning rate by `factor` when a value has not become better for `patience` epochs (Keras:
/// `ReduceLROnPlateau`). After that it waits `cooldown` epochs before it counts again. The rate of each epoch is in
/// History as learning_rate. Throws value_error for an optimizer whose learning rate is a schedule, and as
/// EarlyStopping.
struct ReduceLROnPlateau {
    std::string monitor = "val_loss";
    double factor = 0.1;
    std::size_t patience = 10;
    int verbose = 0;
    Mode mode = Mode::Auto;
    double min_delta = 1e-4;
    std::size_t cooldown = 0;
    double min_lr = 0;

    // What the last call of fit found.
    std::size_t wait = 0, cooldown_counter = 0;
    std::optional<double> best{};

    void on_train_begin(auto& fit) {
        detail::require_number("ReduceLROnPlateau", fit.optimizer);
        setting_checks("ReduceLROnPlateau").below_one("factor", factor).not_negative("min_lr", min_lr);
        wait = cooldown_counter = 0;
        best.reset();
    }

    void on_epoch_end(auto& fit, std::size_t epoch, Logs& logs) {
        const double rate = static_cast<double>(fit.optimizer.learning_rate);
        const double* found = detail::monitored("ReduceLROnPlateau", monitor, logs, fit.validates);
        const std::optional<double> value = found == nullptr ? std::nullopt : std::optional(*found);
        logs.set("learning_rate", rate);
        if (!value) return;
        if (!plateau(*value, detail::larger_is_better("ReduceLROnPlateau", monitor, mode, fit.metrics))) return;
        if (rate <= min_lr) return;
        const double reduced = std::max(rate * factor, min_lr);
        fit.optimizer.learning_rate = reduced;
        if (verbose > 0) {
            std::printf("\nEpoch %zu: ReduceLROnPlateau reducing learning rate to %s.\n", epoch + 1,
                        exact_text(reduced).c_str());
        }
        cooldown_counter = cooldown;
        wait = 0;
    }

    void archive(run_archive& run) {
        run.number("wait", wait);
        run.number("cooldown_counter", cooldown_counter);
        run.optional("best", best);
    }

private:
    /// Whether the value has not become better for long enough.
    STRATA_OUT_OF_LINE bool plateau(double value, bool larger) {
        if (cooldown_counter > 0) {
            --cooldown_counter;
            wait = 0;
        }
        if (detail::is_improvement(value, best, larger, min_delta)) {
            best = value;
            wait = 0;
            return false;
        }
        return cooldown_counter == 0 && ++wait >= patience;
    }
};

/// Sets the learning rate at the begin of each epoch, `schedule(epoch, rate)`, from its number, counted from 0, and the
/// rate so far (Keras: `LearningRateScheduler`). The rate of each epoch is in History as learning_rate.
struct LearningRateScheduler {
    std::function<double(std::size_t epoch, double rate)> schedule{};
    int verbose = 0;

    void on_train_begin(auto& fit) const { detail::require_number("LearningRateScheduler", fit.optimizer); }

    void on_epoch_begin(auto& fit, std::size_t epoch) const {
        if (!schedule) raise<value_error>({"LearningRateScheduler: schedule is empty; give it a function"});
        const double rate = schedule(epoch, static_cast<double>(fit.optimizer.learning_rate));
        setting_checks("LearningRateScheduler").not_negative("the rate", rate);
        fit.optimizer.learning_rate = rate;
        if (verbose > 0) {
            std::printf("\nEpoch %zu: LearningRateScheduler setting learning rate to %s.\n", epoch + 1,
                        exact_text(rate).c_str());
        }
    }

    void on_epoch_end(auto& fit, std::size_t, Logs& logs) const {
        logs.set("learning_rate", static_cast<double>(fit.optimizer.learning_rate));
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::LearningRateScheduler;
using authoring::ReduceLROnPlateau;
}  // namespace strata
