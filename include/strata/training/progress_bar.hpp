#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/system/terminal.hpp"
#include "strata/training/named_value.hpp"
#include "strata/training/progress_text.hpp"

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Seconds on a clock that never goes back.
inline double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Where progress is written and how time is told; tests put a file and a clock of their own here.
struct progress_output {
    std::FILE* file = stdout;
    bool terminal = false;
    std::size_t columns = 0;  ///< of the terminal; 0 when that is not known
    std::function<double()> seconds = steady_seconds;

    /// Asks the system whether `file` is a terminal, and how wide.
    static progress_output to(std::FILE* file) {
        const bool terminal = is_terminal(file);
        return {file, terminal, terminal ? terminal_columns(file) : 0, steady_seconds};
    }
};

/// Shows how far an epoch, an evaluation or a prediction of `target` steps has come, in the layout of Keras 3.
/// Verbose 0 is silent; 1 rewrites a line with a bar, at most every 0.05 s; 2 writes one line at the end. Where the
/// output is not a terminal, 1 is the same as 2. Calls come from one thread at a time.
/// Throws value_error for another verbose.
class progress_bar {
public:
    STRATA_OUT_OF_LINE progress_bar(std::size_t target, int verbose, std::FILE* file = stdout)
        : progress_bar(target, verbose, progress_output::to(file)) {}

    progress_bar(std::size_t target, int verbose, progress_output output)
        : output_(std::move(output)), target_(target), verbose_(verbose), redraws_(verbose == 1 && output_.terminal) {
        if (verbose < 0 || verbose > 2) {
            raise<value_error>({"verbose is ", std::to_string(verbose),
                                "; it must be 0 (silent), 1 (a progress bar) or 2 (one line an epoch)"});
        }
        begin();
    }

    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    /// When training stops in the middle, the message that says why begins a line of its own.
    STRATA_OUT_OF_LINE ~progress_bar() {
        if (unfinished_line_) std::fputc('\n', output_.file);
    }

    /// Starts the clock.
    void begin() {
        start_ = verbose_ > 0 ? output_.seconds() : 0;
        first_step_ = never;
        last_draw_ = never;
        values_.clear();
        width_ = 0;
    }

    /// Starts the clock for epoch number `epoch`, counted from 0, of `epochs`, and says so when there are several.
    STRATA_OUT_OF_LINE void begin_epoch(std::size_t epoch, std::size_t epochs) {
        begin();
        if (verbose_ == 0 || epochs <= 1) return;
        line_ = "Epoch ";
        append_integer(line_, epoch + 1);
        append_text(line_, "/");
        append_integer(line_, epochs);
        append_text(line_, "\n");
        write();
    }

    /// Shows that `step` steps are done. `values` is called only when the line is redrawn, so that a step costs a look
    /// at the clock and no more.
    template <std::invocable Values> void update(std::size_t step, Values&& values) {
        if (!redraws_) return;
        const double now = output_.seconds();
        const double mean = seconds_per_step(step, now);
        if (step == 1) first_step_ = now;
        if (last_draw_ != never && now - last_draw_ < interval) return;
        draw(step, mean, now, values(), false);
    }

    /// Shows that `step` steps are done, with the values of the metrics so far.
    void update(std::size_t step, const std::vector<named_value>& values) {
        update(step, [&]() -> const std::vector<named_value>& { return values; });
    }

    /// Writes the last line, with the time that it all took and the final values.
    STRATA_OUT_OF_LINE void finish(const std::vector<named_value>& values) {
        if (verbose_ == 0) return;
        const double now = output_.seconds();
        draw(target_, seconds_per_step(target_, now), now, values, true);
    }

private:
    static constexpr double never = -std::numeric_limits<double>::infinity();
    static constexpr double interval = 0.05;

    /// The mean without the first step, which is slower than the others: it touches all memory for the first time.
    double seconds_per_step(std::size_t step, double now) const {
        if (step == 0) return 0;
        if (step == 1 || first_step_ == never) return (now - start_) / static_cast<double>(step);
        return (now - first_step_) / static_cast<double>(step - 1);
    }

    STRATA_OUT_OF_LINE void draw(std::size_t step, double mean, double now, const std::vector<named_value>& values,
                                 bool finished) {
        for (const auto& [name, value] : values) entry_of(values_, name).value = value;
        const progress_state state{step, target_, now - start_, mean, finished, values_};
        line_.clear();
        if (redraws_) {
            append_text(line_, "\r");
            const auto width = append_bar_line(line_, state, output_.columns);
            if (width < width_) append_text(line_, width_ - width, ' ');  // what is left of the longer line before
            width_ = width;
        } else {
            append_log_line(line_, state);
        }
        if (finished) append_text(line_, "\n");
        write();
        unfinished_line_ = !finished;
        last_draw_ = now;
    }

    void write() {
        std::fwrite(line_.data(), 1, line_.size(), output_.file);
        std::fflush(output_.file);
    }

    progress_output output_;
    std::size_t target_;
    int verbose_;
    bool redraws_;
    bool unfinished_line_ = false;
    double start_ = 0;
    double first_step_ = never;
    double last_draw_ = never;
    std::size_t width_ = 0;
    std::vector<named_value> values_;  // of all metrics so far, also of those that the last update did not name
    std::string line_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
