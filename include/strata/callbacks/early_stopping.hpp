#pragma once

#include "strata/callbacks/monitor.hpp"
#include "strata/core/errors.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/logs.hpp"

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Ends training when a value has not become better for `patience` epochs (Keras: `EarlyStopping`).
///
/// With restore_best_weights the model has the values of its best epoch at the end, also when training ends by itself.
/// Epochs before start_from_epoch do not count; with a baseline only epochs that beat it make the patience start again.
/// Epochs without the value, those without a validation, change nothing. Throws value_error for a monitor that is not
/// measured, or of which nobody says which values are better.
struct EarlyStopping {
    std::string monitor = "val_loss";
    double min_delta = 0;
    std::size_t patience = 0;
    int verbose = 0;
    Mode mode = Mode::Auto;
    std::optional<double> baseline{};
    bool restore_best_weights = false;
    std::size_t start_from_epoch = 0;

    // What the last call of fit found.
    std::size_t wait = 0;           ///< epochs since the best one
    std::size_t stopped_epoch = 0;  ///< the epoch that it ended training after, counted from 0; 0 if it did not
    std::size_t best_epoch = 0;
    std::optional<double> best{};           ///< the best value
    std::vector<std::byte> best_weights{};  ///< all values of the model in the best epoch

    void on_train_begin() {
        wait = stopped_epoch = best_epoch = 0;
        best.reset();
        best_weights.clear();
    }

    void on_epoch_end(auto& fit, std::size_t epoch, const Logs& logs) {
        const double* value = detail::monitored("EarlyStopping", monitor, logs, fit.validates);
        if (value == nullptr || epoch < start_from_epoch) return;
        const bool larger = detail::larger_is_better("EarlyStopping", monitor, mode, fit.metrics);
        const bool improves = count(epoch, *value, larger);
        if (restore_best_weights && (improves || best_weights.empty())) {
            if (!improves) best_epoch = epoch;
            const auto values = std::as_bytes(std::as_const(fit.model).values());
            best_weights.assign(values.begin(), values.end());
        }
        if (stopped_epoch > 0) fit.stop_training = true;
    }

    void on_train_end(auto& fit) const {
        if (stopped_epoch > 0 && verbose > 0) std::printf("Epoch %zu: early stopping\n", stopped_epoch + 1);
        if (!restore_best_weights || best_weights.empty()) return;
        if (verbose > 0) std::printf("Restoring model weights from the end of the best epoch: %zu.\n", best_epoch + 1);
        std::memcpy(fit.model.values().data(), best_weights.data(), best_weights.size());
    }

    void archive(run_archive& run) {
        run.number("wait", wait);
        run.number("stopped_epoch", stopped_epoch);
        run.number("best_epoch", best_epoch);
        run.optional("best", best);
        run.bytes("best_weights", best_weights);
    }

private:
    /// Whether this epoch is the best one so far.
    STRATA_OUT_OF_LINE bool count(std::size_t epoch, double value, bool larger) {
        ++wait;
        if (detail::is_improvement(value, best, larger, min_delta)) {
            best = value;
            best_epoch = epoch;
            if (!baseline || detail::is_improvement(value, baseline, larger, min_delta)) wait = 0;
            return true;
        }
        if (wait >= patience && epoch > 0) stopped_epoch = epoch;
        return false;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::EarlyStopping;
}  // namespace strata
