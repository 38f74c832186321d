#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "strata/core/text.hpp"
#include "strata/training/named_value.hpp"

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What a progress line tells.
struct progress_state {
    std::size_t step = 0;
    std::size_t target = 0;
    double elapsed = 0;  ///< seconds since the epoch began
    double seconds_per_step = 0;
    bool finished = false;
    const std::vector<named_value>& values;
};

/// Appends 0.9123, or 9.1230e-04 when that would show too few digits.
inline void append_metric(std::string& text, double value) {
    if (std::abs(value) > 1e-3) {
        append_fixed(text, value, 4);
    } else {
        append_scientific(text, value, 4);
    }
}

/// Appends 2s/step, 3ms/step or 300us/step.
inline void append_step_time(std::string& text, double seconds) {
    const bool in_seconds = seconds >= 1 || seconds == 0;
    const bool in_milliseconds = seconds >= 1e-3;
    append_fixed(text, in_seconds ? seconds : seconds * (in_milliseconds ? 1e3 : 1e6), 0);
    append_text(text, in_seconds ? "s/step" : in_milliseconds ? "ms/step" : "us/step");
}

/// Appends the time left: 42s, 1:05 (minutes) or 2:03:07 (hours).
inline void append_time_left(std::string& text, double seconds) {
    if (!(seconds < 1e9)) {  // a clock that jumped: a number nobody could read, or none at all
        append_text(text, "?s");
        return;
    }
    const auto whole = static_cast<std::size_t>(seconds < 0 ? 0 : seconds);
    const auto two_digits = [&text](std::size_t number) {
        if (number < 10) append_text(text, "0");
        append_integer(text, number);
    };
    if (seconds > 3600) {
        append_integer(text, whole / 3600);
        append_text(text, ":");
        two_digits(whole % 3600 / 60);
        append_text(text, ":");
        two_digits(whole % 60);
    } else if (seconds > 60) {
        append_integer(text, whole / 60);
        append_text(text, ":");
        two_digits(whole % 60);
    } else {
        append_integer(text, whole);
        append_text(text, "s");
    }
}

namespace detail {

inline std::size_t digits_of(std::size_t number) {
    std::size_t digits = 1;
    for (; number >= 10; number /= 10) ++digits;
    return digits;
}

/// `1875/1875`, the step right-aligned to the width of the target.
inline void append_step_count(std::string& text, const progress_state& state) {
    append_integer(text, state.step, digits_of(state.target));
    append_text(text, "/");
    append_integer(text, state.target);
}

}  // namespace detail

/// Appends the line of a log file, Keras' verbose=2, without its line end:
/// `1875/1875 - 5s - 3ms/step - accuracy: 0.9123 - loss: 0.3012`.
inline void append_log_line(std::string& text, const progress_state& state) {
    detail::append_step_count(text, state);
    append_text(text, " - ");
    append_fixed(text, state.elapsed, 0);
    append_text(text, "s - ");
    append_step_time(text, state.seconds_per_step);
    for (const auto& [name, value] : state.values) {
        append_text(text, " - ");
        append_text(text, name);
        append_text(text, ": ");
        append_metric(text, value);
    }
}

/// Appends the line of a terminal, Keras' verbose=1, without the return before and the line end after it:
/// `1875/1875 ━━━━━━━━━━━━━━━━━━━━ 5s 2ms/step - accuracy: 0.9123 - loss: 0.3012`, with the time left until it is
/// finished and the time taken then, the step count and the time in bold, the bar green and white.
/// Metrics that do not fit into `columns` (0: no limit) are left out: a line that wraps could not be written over.
/// Returns how many columns the line takes.
inline std::size_t append_bar_line(std::string& text, const progress_state& state, std::size_t columns = 0) {
    constexpr std::size_t bar = 20;
    constexpr std::string_view bold = "\x1b[1m", green = "\x1b[32m", white = "\x1b[37m", normal = "\x1b[0m";
    const auto start = text.size();
    std::size_t hidden = 0;  // bytes of escape codes
    const auto style = [&](std::string_view code) {
        append_text(text, code);
        hidden += code.size();
    };
    const auto blocks = [&](std::string_view colour, std::size_t count) {
        style(colour);
        for (std::size_t i = 0; i < count; ++i) append_text(text, "━");
        style(normal);
    };
    const auto width = [&] { return display_width(std::string_view{text}.substr(start)) - hidden; };

    const auto target = state.target == 0 ? 1 : state.target;
    const auto done = static_cast<std::size_t>(static_cast<double>(bar) *
                                               (static_cast<double>(state.step) / static_cast<double>(target)));
    style(bold);
    detail::append_step_count(text, state);
    style(normal);
    append_text(text, " ");
    const auto filled = done < bar ? done : bar;
    if (filled > 0) blocks(green, filled);
    blocks(white, bar - filled);
    append_text(text, " ");
    style(bold);
    if (state.finished) {
        append_fixed(text, state.elapsed, 0);
        append_text(text, "s");
    } else {
        const auto left = state.step < state.target ? state.target - state.step : 0;
        append_time_left(text, state.seconds_per_step * static_cast<double>(left));
    }
    style(normal);
    append_text(text, " ");
    append_step_time(text, state.seconds_per_step);
    for (const auto& [name, value] : state.values) {
        const auto before = text.size();
        append_text(text, " - ");
        append_text(text, name);
        append_text(text, ": ");
        append_metric(text, value);
        if (columns > 0 && !state.finished && width() >= columns) {
            text.resize(before);
            break;
        }
    }
    return width();
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
