#pragma once

#include "strata/core/errors.hpp"
#include "strata/training/history.hpp"
#include "strata/training/options.hpp"
#include "strata/training/run_archive.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

/// How far a call of `fit` is, and the file that keeps it.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The place in a call of fit, between two steps.
template <class Sums> struct fit_progress {
    std::size_t epoch = 0;
    std::size_t step = 0;     ///< of the epoch, the next one
    std::size_t samples = 0;  ///< of the epoch, so far
    Sums totals{};            ///< over those samples
    History history{};

    /// Puts the place at the begin of an epoch.
    void begin(std::size_t number) {
        epoch = number;
        step = samples = 0;
        totals.clear();
    }

    void archive(run_archive& run) {
        run.begin_with("progress/");
        run.number("epoch", epoch);
        run.number("step", step);
        run.number("samples", samples);
        run.number("loss", totals.loss);
        std::apply(
            [&](auto&... states) {
                std::size_t number = 0;
                (archive_state(run, number++, states), ...);
            },
            totals.metrics);
        run.begin_with("history/");
        history.archive(run);
    }

private:
    /// Metrics of a program's own may keep what are no plain bytes.
    template <class State> static void archive_state(run_archive& run, std::size_t number, State& state) {
        if constexpr (std::is_trivially_copyable_v<State>) {
            run.fixed_bytes("metric/" + std::to_string(number), std::as_writable_bytes(std::span(&state, 1)));
        } else {
            raise<value_error>({"fit: resume: the state of metric ", number,
                                " is not trivially copyable, so that it cannot be saved"});
        }
    }
};

namespace detail {

/// Saves what a run has to be resumed with, or throws value_error where it is another.
STRATA_OUT_OF_LINE inline void require_same_run(run_archive& run, const fit_options& options, std::size_t samples,
                                                const std::string& augmentation) {
    run.begin_with("fit/");
    run.same("samples", samples);
    run.same("batch_size", options.batch_size);
    run.same("steps_per_epoch", options.steps_per_epoch);
    run.same("initial_epoch", options.initial_epoch);
    run.same("shuffle", options.shuffle ? 1 : 0);
    run.same("seed", options.seed);
    run.same_or_none("augmentation", augmentation);
}

/// The file of a run that can be resumed, or none.
class run_keeper {
public:
    STRATA_OUT_OF_LINE explicit run_keeper(const fit_options& options)
        : path_{options.resume}, every_{options.save_every} {
        if (is_kept()) static_cast<void>(run_files_of_program());
    }

    bool is_kept() const { return !path_.empty(); }

    /// Whether the run is to be saved after so many steps of this call.
    bool is_due() { return is_kept() && every_ > 0 && ++steps_ % every_ == 0; }

    /// `visit(run_archive&)` names all that is kept. Nothing changes unless the whole file fits.
    template <class Visit> void load(Visit&& visit) const {
        if (!is_kept() || !files_of_runs().exists(path_)) return;
        run_archive run = files_of_runs().read(path_);
        visit(run);
        run.load();
        visit(run);
    }
    template <class Visit> void save(Visit&& visit) const {
        if (!is_kept()) return;
        run_archive run;
        visit(run);
        files_of_runs().write(path_, run);
    }

private:
    std::string path_;
    std::size_t every_;
    std::size_t steps_ = 0;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
