#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/core/text.hpp"

namespace strata::authoring {
inline namespace STRATA_ISA {

/// One layer in a model's summary.
struct summary_row {
    std::string name;                 ///< conv2d_1
    std::string type;                 ///< Conv2D
    std::vector<std::size_t> output;  ///< 10, 10, 16: without the batch
    std::size_t parameters = 0;
    std::vector<std::size_t> inputs{};  ///< the rows of the layers that it reads, from 1; 0 is the model's input
};

/// The figures below the table.
struct summary_totals {
    std::size_t trainable = 0;
    std::size_t non_trainable = 0;
    /// Every value that the optimizer keeps, its step counter and learning rate among them: 2 * 61,706 + 2 for Adam on
    /// LeNet-5. Empty before there is an optimizer.
    std::optional<std::size_t> optimizer{};
    std::size_t bytes_per_value = 4;
};

namespace detail::summary {

/// What text is painted with on a terminal: Keras' colours of the 256-colour palette.
enum class ink { plain, bold, type, number, batch };

/// UTF-8 text with an ink for each of its bytes.
struct inked_text {
    std::string text;
    std::string inks;

    STRATA_OUT_OF_LINE void append(std::string_view more, ink colour) {
        append_text(text, more);
        append_text(inks, more.size(), static_cast<char>(colour));
    }
};

/// A line of a cell: its bytes begin, ..., end - 1.
struct line_range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The line without the spaces at its end; what is wider than the column is cut, with an ellipsis for the rest.
inline inked_text line_of(const inked_text& cell, line_range range, std::size_t width) {
    while (range.end > range.begin && cell.text[range.end - 1] == ' ') --range.end;
    const auto length = range.end - range.begin;
    inked_text line{cell.text.substr(range.begin, length), cell.inks.substr(range.begin, length)};
    if (display_width(line.text) > width) {
        const auto kept = prefix_of_width(line.text, width - 1).size();
        const auto colour = static_cast<ink>(line.inks[kept]);
        line.text.resize(kept);
        line.inks.resize(kept);
        line.append("…", colour);
    }
    return line;
}

/// Breaks a cell between words. A word that is longer than the column gets a line of its own and is cut there, as
/// Keras' tables do.
inline std::vector<line_range> wrap(std::string_view text, std::size_t width) {
    std::vector<line_range> lines;
    std::size_t start = 0;  // of the line so far
    std::size_t used = 0;   // its columns, with the spaces behind its last word
    for (std::size_t begin = 0; begin < text.size();) {
        const auto word_end = std::min(text.find(' ', begin), text.size());
        const auto end = std::min(text.find_first_not_of(' ', word_end), text.size());
        if (begin > 0 && used + display_width(text.substr(begin, word_end - begin)) > width) {
            lines.push_back({start, begin});
            start = begin;
            used = 0;
        }
        used += display_width(text.substr(begin, end - begin));
        begin = end;
    }
    lines.push_back({start, text.size()});
    return lines;
}

inline std::string_view escape(ink colour) {
    constexpr std::array<std::string_view, 5> escapes{"", "\x1b[1m", "\x1b[38;5;33m", "\x1b[38;5;34m", "\x1b[38;5;45m"};
    return escapes[static_cast<std::size_t>(colour)];
}

STRATA_OUT_OF_LINE inline void paint(std::string& out, const inked_text& line, bool styled) {
    if (!styled) {
        append_text(out, line.text);
        return;
    }
    for (std::size_t begin = 0; begin < line.text.size();) {
        const auto end = std::min(line.inks.find_first_not_of(line.inks[begin], begin), line.text.size());
        const auto colour = static_cast<ink>(line.inks[begin]);
        append_text(out, escape(colour));
        append_text(out, std::string_view(line.text).substr(begin, end - begin));
        if (colour != ink::plain) append_text(out, "\x1b[0m");
        begin = end;
    }
}

/// 241.04 KB
inline std::string size_text(std::size_t bytes) {
    constexpr std::array<std::string_view, 6> units{"B", "KB", "MB", "GB", "TB", "PB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
    return concat({fixed_text(value, 2), " ", units[unit]});
}

/// The three columns' widths inside their padding. Keras asks for 45, 35 and 20 % of the line without counting the
/// borders (4 columns) and the padding (6), and the table then takes those 10 columns away: 3, 4 and 3.
inline std::array<std::size_t, 3> column_widths(std::size_t width) {
    const auto line = static_cast<double>(width);
    const auto first = static_cast<std::size_t>(0.45 * line);
    const auto second = static_cast<std::size_t>(0.80 * line);
    return {first - 3, second - first - 4, width - second - 3};
}

STRATA_OUT_OF_LINE inline void append_rule(std::string& out, const std::array<std::size_t, 3>& widths,
                                           std::string_view left, std::string_view line, std::string_view middle,
                                           std::string_view right) {
    for (std::size_t column = 0; column < 3; ++column) {
        append_text(out, column == 0 ? left : middle);
        for (std::size_t i = 0; i < widths[column] + 2; ++i) append_text(out, line);
    }
    append_text(out, right);
    append_text(out, "\n");
}

/// A row of the table: cells of fewer lines than the others have their text at the top, or at the bottom in a header.
inline void append_row(std::string& out, const std::array<std::size_t, 3>& widths,
                       const std::array<inked_text, 3>& cells, bool is_header, bool styled) {
    const std::string_view border = is_header ? "┃" : "│";
    std::array<std::vector<line_range>, 3> wrapped;
    std::size_t height = 0;
    for (std::size_t column = 0; column < 3; ++column) {
        wrapped[column] = wrap(cells[column].text, widths[column]);
        height = std::max(height, wrapped[column].size());
    }
    for (std::size_t line = 0; line < height; ++line) {
        for (std::size_t column = 0; column < 3; ++column) {
            const auto& lines = wrapped[column];
            const auto first = is_header ? height - lines.size() : 0;
            const auto range = line >= first && line - first < lines.size() ? lines[line - first] : line_range{};
            const inked_text text = line_of(cells[column], range, widths[column]);
            const auto space = widths[column] - display_width(text.text);
            const bool right_aligned = column == 2;
            append_text(out, border);
            append_text(out, right_aligned ? space + 1 : 1, ' ');
            paint(out, text, styled);
            append_text(out, right_aligned ? 1 : space + 1, ' ');
        }
        append_text(out, border);
        append_text(out, "\n");
    }
}

inline std::array<inked_text, 3> header() {
    std::array<inked_text, 3> cells;
    cells[0].append("Layer (type)", ink::bold);
    cells[1].append("Output Shape", ink::bold);
    cells[2].append("Param #", ink::bold);
    return cells;
}

inline std::array<inked_text, 3> cells_of(const summary_row& row) {
    std::array<inked_text, 3> cells;
    cells[0].append(row.name, ink::plain);
    cells[0].append(" (", ink::plain);
    cells[0].append(row.type, ink::type);
    cells[0].append(")", ink::plain);
    cells[1].append("(", ink::plain);
    cells[1].append("None", ink::batch);
    for (const auto size : row.output) {
        cells[1].append(", ", ink::plain);
        cells[1].append(concat({size}), ink::number);
    }
    cells[1].append(")", ink::plain);
    cells[2].append(thousands_text(row.parameters), ink::number);
    return cells;
}

inline void append_total(std::string& out, std::string_view what, std::size_t count, std::size_t bytes, bool styled) {
    inked_text line;
    line.append(what, ink::bold);
    line.append(thousands_text(count), ink::number);
    line.append(concat({" (", size_text(bytes), ")\n"}), ink::plain);
    paint(out, line, styled);
}

}  // namespace detail::summary

/// The width of a summary on a terminal of so many columns (0: no terminal): Keras' 88, less where that does not fit.
inline std::size_t summary_width(std::size_t terminal_columns) {
    return terminal_columns == 0 ? 88 : std::clamp<std::size_t>(terminal_columns, 44, 92) - 4;
}

/// A model's layers, output shapes and parameter counts, as `model.summary()` of Keras 3 prints them, character by
/// character. `width` is the table's width (below 40 it is taken as 40); `styled` adds the bold and the colours that
/// Keras shows on a terminal. "Total params" includes the optimizer's values, as it does in Keras.
inline std::string summary_table(std::string_view model_name, const std::vector<summary_row>& rows,
                                 const summary_totals& totals, std::size_t width = 88, bool styled = false) {
    using namespace detail::summary;
    const auto widths = column_widths(std::max<std::size_t>(width, 40));
    std::string out;
    inked_text title;
    title.append(concat({"Model: \"", model_name, "\""}), ink::bold);
    paint(out, title, styled);
    append_text(out, "\n");

    append_rule(out, widths, "┏", "━", "┳", "┓");
    for (std::size_t line = 0; line <= rows.size(); ++line) {
        const bool is_header = line == 0;
        if (line == 1) append_rule(out, widths, "┡", "━", "╇", "┩");
        if (line > 1) append_rule(out, widths, "├", "─", "┼", "┤");
        append_row(out, widths, is_header ? header() : cells_of(rows[line - 1]), is_header, styled);
    }
    append_rule(out, widths, "└", "─", "┴", "┘");

    const auto trainable_bytes = totals.trainable * totals.bytes_per_value;
    const auto non_trainable_bytes = totals.non_trainable * totals.bytes_per_value;
    const auto optimizer = totals.optimizer.value_or(0);
    // One of the optimizer's values is its step counter, a 64-bit integer; the others are as wide as a parameter.
    const auto optimizer_bytes = optimizer == 0 ? 0 : (optimizer - 1) * totals.bytes_per_value + 8;
    append_total(out, " Total params: ", totals.trainable + totals.non_trainable + optimizer,
                 trainable_bytes + non_trainable_bytes + optimizer_bytes, styled);
    append_total(out, " Trainable params: ", totals.trainable, trainable_bytes, styled);
    append_total(out, " Non-trainable params: ", totals.non_trainable, non_trainable_bytes, styled);
    if (totals.optimizer) append_total(out, " Optimizer params: ", optimizer, optimizer_bytes, styled);
    return out;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
