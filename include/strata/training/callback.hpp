#pragma once

#include "strata/config.hpp"
#include "strata/core/text.hpp"
#include "strata/metrics/metric.hpp"
#include "strata/training/logs.hpp"
#include "strata/training/run_archive.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>

/// What a callback is (Keras: `Callback`): a struct with any of these hooks, which `fit` calls in the order in which
/// the callbacks were given:
///
///  - `on_train_begin(fit)`, `on_train_end(fit)`: once, around all epochs;
///  - `on_epoch_begin(fit, epoch)`, `on_epoch_end(fit, epoch, logs)`: around each epoch, counted from 0; `logs` has the
///    loss, the metrics and, if there was a validation, its val_loss and so on, and may be added to;
///  - `on_train_batch_begin(fit, step)`, `on_train_batch_end(fit, step, logs)`: around each step of an epoch, counted
///    from 0, on one thread while the others wait; `logs` has the means so far. With `watches_steps()` a callback says
///    whether its settings need them.
///
/// A callback whose decisions depend on what came before has `archive(run)`, too, which saves and loads that for
/// fit_options::resume: see training/run_archive.hpp.
///
/// `fit` is a fit_state, whose type depends on the model: take it as `auto& fit`, or leave it out.
///
///     struct PrintLoss {
///         void on_epoch_end(std::size_t epoch, const Logs& logs) { std::printf("%zu: %g\n", epoch, logs["loss"]); }
///     };
///     training.fit(x, y, {.epochs = 10}, PrintLoss{}, EarlyStopping{.patience = 3});
///
/// A callback that is no temporary keeps what it found: `EarlyStopping stop{…}; training.fit(x, y, {}, stop);`.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What callbacks see of a training, and may change.
template <class Model, class Optimizer> struct fit_state {
    Model& model;
    Optimizer& optimizer;                    ///< its settings; a change counts from the next step on
    std::size_t epochs = 0;                  ///< the epoch that training stops at
    std::size_t steps = 0;                   ///< of an epoch
    std::span<const metric_info> metrics{};  ///< those given to `compile`
    bool validates = true;                   ///< whether there are validation data
    bool stop_training = false;              ///< set by a callback: training ends after this step, or this epoch
    std::uint64_t iterations = 0;            ///< the optimizer's steps so far, also in earlier calls of fit
};

namespace detail {

/// Calls a hook with the arguments, or without the first, `fit`, whichever it takes. An empty std::function is no hook.
/// A hook that is there and takes neither is a mistake.
#define STRATA_HOOK(hook)                                                                                             \
    struct hook##_hook {                                                                                              \
        template <class Callback, class Fit, class... Arguments>                                                      \
        static constexpr bool exists = requires(Callback& callback, Fit& fit, Arguments&... arguments) {              \
            callback.hook(fit, arguments...);                                                                         \
        } || requires(Callback& callback, Arguments&... arguments) { callback.hook(arguments...); };                  \
                                                                                                                      \
        /* A member of that name, also a template, makes the name ambiguous in `both`. */                             \
        struct named {                                                                                                \
            int hook;                                                                                                 \
        };                                                                                                            \
        template <class Callback> struct both : Callback, named {};                                                   \
        template <class Callback> static constexpr bool is_named = !requires { &both<Callback>::hook; };              \
                                                                                                                      \
        template <class Callback, class Fit, class... Arguments>                                                      \
        static void call(Callback& callback, Fit& fit, Arguments&... arguments) {                                     \
            if constexpr (requires { static_cast<bool>(callback.hook); })                                             \
                if (!callback.hook) return;                                                                           \
            if constexpr (requires { callback.hook(fit, arguments...); })                                             \
                callback.hook(fit, arguments...);                                                                     \
            else if constexpr (requires { callback.hook(arguments...); })                                             \
                callback.hook(arguments...);                                                                          \
            else if constexpr (!std::is_final_v<Callback>)                                                            \
                static_assert(!is_named<Callback>, #hook                                                              \
                              ": a callback has this hook, but it cannot be called with the arguments that it gets, " \
                              "fit among them or not: see training/callback.hpp");                                    \
        }                                                                                                             \
    }

STRATA_HOOK(on_train_begin);
STRATA_HOOK(on_train_end);
STRATA_HOOK(on_epoch_begin);
STRATA_HOOK(on_epoch_end);
STRATA_HOOK(on_train_batch_begin);
STRATA_HOOK(on_train_batch_end);
#undef STRATA_HOOK

template <class Callback> inline constexpr bool ends_on_nan = requires { requires Callback::ends_on_nan; };

}  // namespace detail

/// The callbacks of one call of `fit`, in their order.
template <class Fit, class... Callbacks> class callback_list {
    template <class Hook, class... Arguments>
    static constexpr bool any = (Hook::template exists<Callbacks, Fit, Arguments...> || ...);

    template <class Callback>
    static constexpr bool has_a_hook =
        detail::on_train_begin_hook::exists<Callback, Fit> || detail::on_train_end_hook::exists<Callback, Fit> ||
        detail::on_epoch_begin_hook::exists<Callback, Fit, const std::size_t> ||
        detail::on_epoch_end_hook::exists<Callback, Fit, const std::size_t, Logs> ||
        detail::on_train_batch_begin_hook::exists<Callback, Fit, const std::size_t> ||
        detail::on_train_batch_end_hook::exists<Callback, Fit, const std::size_t, Logs> ||
        detail::ends_on_nan<Callback>;
    static_assert(
        (has_a_hook<Callbacks> && ...),
        "fit: what follows the options must be a callback, with at least one hook that can be called, such as "
        "`void on_epoch_end(auto& fit, std::size_t epoch, Logs& logs)`: see training/callback.hpp");

public:
    callback_list(Fit& fit, Callbacks&... callbacks) : fit_{&fit}, callbacks_{callbacks...} {}

    /// Whether steps have to wait for a hook.
    static constexpr bool watches_begin_of_step = any<detail::on_train_batch_begin_hook, const std::size_t>;
    static constexpr bool watches_end_of_step = any<detail::on_train_batch_end_hook, const std::size_t, Logs>;

    /// Whether a callback that has hooks for steps wants them called with these settings.
    bool watches_steps() const {
        return std::apply([](const auto&... callbacks) { return (watches_steps(callbacks) || ...); }, callbacks_);
    }

    /// Whether a loss that is no number ends the training in place of an error.
    static constexpr bool ends_on_nan = (detail::ends_on_nan<Callbacks> || ...);

    void on_train_begin() const { call<detail::on_train_begin_hook>(); }
    void on_train_end() const { call<detail::on_train_end_hook>(); }
    void on_epoch_begin(const std::size_t epoch) const { call<detail::on_epoch_begin_hook>(epoch); }
    void on_epoch_end(const std::size_t epoch, Logs& logs) const { call<detail::on_epoch_end_hook>(epoch, logs); }
    void on_train_batch_begin(const std::size_t step) const { call<detail::on_train_batch_begin_hook>(step); }
    void on_train_batch_end(const std::size_t step, Logs& logs) const {
        call<detail::on_train_batch_end_hook>(step, logs);
    }

    /// Saves or loads what the callbacks keep.
    void archive(run_archive& run) const {
        std::size_t number = 0;
        const auto archive_one = [&](auto& callback) {
            run.begin_with(concat({"callbacks/", number++, "/"}));
            if constexpr (requires { callback.archive(run); }) callback.archive(run);
        };
        std::apply([&](auto&... callbacks) { (archive_one(callbacks), ...); }, callbacks_);
    }

private:
    template <class Callback> static bool watches_steps(const Callback& callback) {
        if constexpr (requires { callback.watches_steps(); })
            return callback.watches_steps();
        else
            return detail::on_train_batch_begin_hook::exists<Callback, Fit, const std::size_t> ||
                   detail::on_train_batch_end_hook::exists<Callback, Fit, const std::size_t, Logs>;
    }

    template <class Hook, class... Arguments> void call(Arguments&... arguments) const {
        std::apply([&](auto&... callbacks) { (Hook::call(callbacks, *fit_, arguments...), ...); }, callbacks_);
    }

    Fit* fit_;
    std::tuple<Callbacks&...> callbacks_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
