#pragma once

#include "strata/callbacks/formatted_path.hpp"
#include "strata/callbacks/monitor.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/io/checkpoint.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/logs.hpp"

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Saves the model after each epoch, or only when a value has become better (Keras: `ModelCheckpoint`), as a
/// safetensors file for load_checkpoint.
///
/// `filepath` may have fields: `"{epoch:02d}-{val_loss:.4f}.safetensors"`; epochs are counted from 1 there. Folders
/// that are missing are made. Epochs without a validation are passed over where a field needs one. With `save_freq` it
/// saves after so many steps in place of each epoch, and `{batch:03d}` is the step of its epoch, from 1. Throws
/// file_error, and as EarlyStopping with save_best_only.
struct ModelCheckpoint {
    std::string filepath;
    std::string monitor = "val_loss";
    int verbose = 0;
    bool save_best_only = false;
    Mode mode = Mode::Auto;
    std::optional<std::size_t> save_freq{};
    std::optional<double> initial_value_threshold{};

    // What the last call of fit found.
    std::optional<double> best{};  ///< the best value
    std::size_t epoch = 0, steps = 0;

    void on_train_begin() {
        if (filepath.ends_with(".keras") || filepath.ends_with(".h5")) {
            raise<value_error>({"ModelCheckpoint: ", filepath,
                                ": the file is written in the safetensors format; let "
                                "its name end in .safetensors"});
        }
        if (!best) best = initial_value_threshold;
    }

    void on_epoch_begin(std::size_t number) { epoch = number; }

    void on_train_batch_end(auto& fit, std::size_t batch, const Logs& logs) {
        if (!save_freq || ++steps < *save_freq) return;
        steps = 0;
        save(fit, logs, batch);
    }

    bool watches_steps() const { return save_freq.has_value(); }

    void on_epoch_end(auto& fit, std::size_t, const Logs& logs) {
        if (!save_freq) save(fit, logs);
    }

    void archive(run_archive& run) {
        run.optional("best", best);
        run.number("epoch", epoch);
        run.number("steps", steps);
    }

private:
    void save(auto& fit, const Logs& logs, std::optional<std::size_t> batch = {}) {
        if (filepath.find("{val_") != std::string::npos && fit.validates && logs.find("val_loss") == nullptr) return;
        const std::string path = detail::formatted_path(filepath, epoch, logs, batch);
        if (save_best_only) {
            const double* value = detail::monitored("ModelCheckpoint", monitor, logs, fit.validates);
            if (value == nullptr) return;
            if (!is_better(*value, detail::larger_is_better("ModelCheckpoint", monitor, mode, fit.metrics), path))
                return;
        } else if (verbose > 0) {
            std::printf("\nEpoch %zu: saving model to %s\n", epoch + 1, path.c_str());
        }
        const std::filesystem::path folder = std::filesystem::path(path).parent_path();
        std::error_code error;  // what is wrong with the folder is said when the file cannot be written
        if (!folder.empty()) std::filesystem::create_directories(folder, error);
        save_checkpoint(std::as_const(fit.model), path);
        if (verbose > 0) std::printf("\nEpoch %zu: finished saving model to %s\n", epoch + 1, path.c_str());
    }

    STRATA_OUT_OF_LINE bool is_better(double value, bool larger, const std::string& path) {
        const std::string before = best ? fixed_text(*best, 5) : "None";
        const bool improves = detail::is_improvement(value, best, larger, 0);
        if (improves) best = value;
        if (verbose > 0 && improves) {
            std::printf("\nEpoch %zu: %s improved from %s to %s, saving model to %s\n", epoch + 1, monitor.c_str(),
                        before.c_str(), fixed_text(value, 5).c_str(), path.c_str());
        } else if (verbose > 0) {
            std::printf("\nEpoch %zu: %s did not improve from %s\n", epoch + 1, monitor.c_str(), before.c_str());
        }
        return improves;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::ModelCheckpoint;
}  // namespace strata
