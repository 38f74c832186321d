#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/parameter_entry.hpp"
#include "strata/core/text.hpp"
#include "strata/io/event_file.hpp"
#include "strata/training/callback.hpp"
#include "strata/training/logs.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Writes what is measured for TensorBoard, `tensorboard --logdir logs` (Keras: `TensorBoard`, under the same names):
///
///  - `log_dir`/train: epoch_loss, epoch_accuracy, …, and epoch_learning_rate, by epoch, counted from 0;
///  - `log_dir`/validation: the same of the validation, and evaluation_loss_vs_iterations, … by the optimizer's steps;
///  - with `update_freq` batch_loss, …, the means so far in their epoch, after each so many steps;
///  - with `histogram_freq` the spread of each weight after each so many epochs, as sequential/conv2d/kernel/histogram.
///
/// Each call of `fit` begins new files, which end with the last epoch if it is killed. Throws file_error where a file
/// cannot be written, value_error for an update_freq of 0.
struct TensorBoard {
    std::filesystem::path log_dir = "logs";
    std::size_t histogram_freq = 0;
    std::optional<std::size_t> update_freq{};

    // What the last call of fit wrote.
    std::uint64_t steps = 0;
    std::optional<event_file> train{}, validation{};  ///< begun with their first value

    void on_train_begin() {
        if (update_freq && *update_freq == 0)
            raise<value_error>({"TensorBoard: update_freq must be at least 1; without it, epochs are written"});
        steps = 0;
        train.reset();
        validation.reset();
    }

    bool watches_steps() const { return update_freq.has_value(); }

    STRATA_OUT_OF_LINE void on_train_batch_end(std::size_t, const Logs& logs) {
        if (!update_freq || ++steps % *update_freq != 0) return;
        event_file& file = begun(train, "train");
        for (const auto& [name, value] : logs.values()) file.scalar(concat({"batch_", name}), steps, value);
        file.flush();
    }

    void on_epoch_end(auto& fit, std::size_t epoch, Logs logs) {
        if constexpr (requires { fit.optimizer.learning_rate(fit.iterations); })
            logs.set("learning_rate", fit.optimizer.learning_rate(fit.iterations));
        else if constexpr (requires { static_cast<double>(fit.optimizer.learning_rate); })
            logs.set("learning_rate", static_cast<double>(fit.optimizer.learning_rate));
        write_epoch(epoch, fit.iterations, logs);
        if (histogram_freq > 0 && epoch % histogram_freq == 0) {
            const auto values = std::as_const(fit.model).values();
            for (const parameter_entry& entry : std::as_const(fit.model).value_table())
                train->histogram(concat({"sequential/", entry.name, "/histogram"}), epoch,
                                 values.subspan(entry.offset, entry.size));
        }
        train->flush();
    }

    void archive(run_archive& run) { run.number("steps", steps); }

private:
    event_file& begun(std::optional<event_file>& file, const char* folder) const {
        if (!file) file.emplace(log_dir / folder);
        return *file;
    }

    STRATA_OUT_OF_LINE void write_epoch(std::size_t epoch, std::uint64_t iterations, const Logs& logs) {
        begun(train, "train");
        bool validates = false;
        for (const auto& [name, value] : logs.values()) {
            if (name.starts_with("val_"))
                validates = true;
            else
                train->scalar(concat({"epoch_", name}), epoch, value);
        }
        if (!validates) return;
        event_file& file = begun(validation, "validation");
        for (const auto& [name, value] : logs.values())
            if (name.starts_with("val_"))
                file.scalar(concat({"evaluation_", name.substr(4), "_vs_iterations"}), iterations, value);
        for (const auto& [name, value] : logs.values())
            if (name.starts_with("val_")) file.scalar(concat({"epoch_", name.substr(4)}), epoch, value);
        file.flush();
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::TensorBoard;
}  // namespace strata
