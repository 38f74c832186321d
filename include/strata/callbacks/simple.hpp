#pragma once

#include "strata/training/callback.hpp"
#include "strata/training/logs.hpp"

#include <cstddef>
#include <functional>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Ends training where `fit` throws training_error otherwise (Keras: `TerminateOnNaN`): after the step whose loss is
/// not a finite number, with the parameters from before it, or after an epoch that leaves parameters which are not
/// finite. The loss of the epoch is NaN.
struct TerminateOnNaN {
    static constexpr bool ends_on_nan = true;
};

/// A callback made of functions; those that are left out are not called (Keras: `LambdaCallback`).
///
///     LambdaCallback{.on_epoch_end = [](std::size_t epoch, Logs& logs) { … }}
struct LambdaCallback {
    std::function<void(std::size_t epoch)> on_epoch_begin{};
    std::function<void(std::size_t epoch, Logs& logs)> on_epoch_end{};
    std::function<void()> on_train_begin{};
    std::function<void()> on_train_end{};
    std::function<void(std::size_t step)> on_train_batch_begin{};
    std::function<void(std::size_t step, Logs& logs)> on_train_batch_end{};

    bool watches_steps() const { return on_train_batch_begin || on_train_batch_end; }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::LambdaCallback;
using authoring::TerminateOnNaN;
}  // namespace strata
