#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/core/text.hpp"

namespace strata::inline STRATA_ISA {

/// One layer in a model's summary.
struct summary_row {
    std::string name;                 ///< conv2d_1
    std::string type;                 ///< Conv2D
    std::vector<std::size_t> output;  ///< 10, 10, 16: without the batch
    std::size_t parameters = 0;
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

/// What a character is painted with on a terminal: Keras' colours of the 256-colour palette.
enum class ink { plain, bold, type, number, batch };

/// One character (UTF-8) and its ink; cells are wrapped by characters, so they are kept one by one.
struct glyph {
    std::array<char, 4> bytes{};
    std::size_t size = 0;  // of bytes
    ink colour = ink::plain;

    std::string_view text() const { return {bytes.data(), size}; }
};
using glyphs = std::vector<glyph>;

inline void append(glyphs& line, std::string_view text, ink colour) {
    for (const char byte : text) {
        const bool continues = (static_cast<unsigned char>(byte) & 0xC0u) == 0x80u;
        if (!continues || line.empty() || line.back().size == line.back().bytes.size())
            line.push_back({.colour = colour});
        line.back().bytes[line.back().size++] = byte;
    }
}

inline bool is_space(const glyph& character) { return character.text() == " "; }

/// Breaks a cell between words. A word that is longer than the column gets a line of its own and is cut there, with an
/// ellipsis for the rest, as Keras' tables do.
inline std::vector<glyphs> wrap(const glyphs& text, std::size_t width) {
    std::vector<std::size_t> starts{0};
    std::size_t used = 0;  // columns of the line so far, with the spaces behind its last word
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t word_end = begin;
        while (word_end < text.size() && !is_space(text[word_end])) ++word_end;
        std::size_t end = word_end;
        while (end < text.size() && is_space(text[end])) ++end;
        if (used + (word_end - begin) <= width) {
            used += end - begin;
        } else {
            if (begin > 0) starts.push_back(begin);
            used = end - begin;
        }
        begin = end;
    }
    starts.push_back(text.size());

    std::vector<glyphs> lines;
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
        const auto from = text.begin() + static_cast<std::ptrdiff_t>(starts[i]);
        const auto to = text.begin() + static_cast<std::ptrdiff_t>(starts[i + 1]);
        glyphs line(from, to);
        while (!line.empty() && is_space(line.back())) line.pop_back();
        if (line.size() > width) {
            const ink colour = line[width - 1].colour;
            line.resize(width - 1);
            append(line, "…", colour);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

inline std::string_view escape(ink colour) {
    constexpr std::array<std::string_view, 5> escapes{"", "\x1b[1m", "\x1b[38;5;33m", "\x1b[38;5;34m", "\x1b[38;5;45m"};
    return escapes[static_cast<std::size_t>(colour)];
}

inline void paint(std::string& out, const glyphs& line, bool styled) {
    ink current = ink::plain;
    const auto change = [&](ink next) {
        if (!styled || next == current) return;
        if (current != ink::plain) out += "\x1b[0m";
        out += escape(next);
        current = next;
    };
    for (const auto& character : line) {
        change(character.colour);
        out += character.text();
    }
    change(ink::plain);
}

/// 241.04 KB
inline std::string size_text(std::size_t bytes) {
    constexpr std::array<std::string_view, 6> units{"B", "KB", "MB", "GB", "TB", "PB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
    return fixed_text(value, 2) + ' ' + std::string{units[unit]};
}

/// The three columns' widths inside their padding. Keras asks for 45, 35 and 20 % of the line without counting the
/// borders (4 columns) and the padding (6), and the table then takes those 10 columns away: 3, 4 and 3.
inline std::array<std::size_t, 3> column_widths(std::size_t width) {
    const auto line = static_cast<double>(width);
    const auto first = static_cast<std::size_t>(0.45 * line);
    const auto second = static_cast<std::size_t>(0.80 * line);
    return {first - 3, second - first - 4, width - second - 3};
}

inline void append_rule(std::string& out, const std::array<std::size_t, 3>& widths, std::string_view left,
                        std::string_view line, std::string_view middle, std::string_view right) {
    for (std::size_t column = 0; column < 3; ++column) {
        out += column == 0 ? left : middle;
        for (std::size_t i = 0; i < widths[column] + 2; ++i) out += line;
    }
    out += right;
    out += '\n';
}

/// A row of the table: cells of fewer lines than the others have their text at the top, or at the bottom in a header.
inline void append_row(std::string& out, const std::array<std::size_t, 3>& widths, const std::array<glyphs, 3>& cells,
                       std::string_view border, bool at_bottom, bool styled) {
    std::array<std::vector<glyphs>, 3> wrapped;
    std::size_t height = 0;
    for (std::size_t column = 0; column < 3; ++column) {
        wrapped[column] = wrap(cells[column], widths[column]);
        height = std::max(height, wrapped[column].size());
    }
    for (std::size_t line = 0; line < height; ++line) {
        for (std::size_t column = 0; column < 3; ++column) {
            const auto& lines = wrapped[column];
            const auto first = at_bottom ? height - lines.size() : 0;
            const glyphs text = line >= first && line - first < lines.size() ? lines[line - first] : glyphs{};
            const std::string space(widths[column] - text.size(), ' ');
            const bool right_aligned = column == 2;
            out += border;
            out += right_aligned ? ' ' + space : " ";
            paint(out, text, styled);
            out += right_aligned ? " " : space + ' ';
        }
        out += border;
        out += '\n';
    }
}

inline std::array<glyphs, 3> cells_of(const summary_row& row) {
    std::array<glyphs, 3> cells;
    append(cells[0], row.name + " (", ink::plain);
    append(cells[0], row.type, ink::type);
    append(cells[0], ")", ink::plain);
    append(cells[1], "(", ink::plain);
    append(cells[1], "None", ink::batch);
    for (const auto size : row.output) {
        append(cells[1], ", ", ink::plain);
        append(cells[1], std::to_string(size), ink::number);
    }
    append(cells[1], ")", ink::plain);
    append(cells[2], thousands_text(row.parameters), ink::number);
    return cells;
}

inline void append_total(std::string& out, std::string_view what, std::size_t count, std::size_t bytes, bool styled) {
    glyphs line;
    append(line, what, ink::bold);
    append(line, thousands_text(count), ink::number);
    append(line, " (" + size_text(bytes) + ")\n", ink::plain);
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
inline std::string summary_table(std::string_view model_name, std::span<const summary_row> rows,
                                 const summary_totals& totals, std::size_t width = 88, bool styled = false) {
    using namespace detail::summary;
    const auto widths = column_widths(std::max<std::size_t>(width, 40));
    std::string out;
    glyphs title;
    append(title, "Model: \"" + std::string{model_name} + "\"", ink::bold);
    paint(out, title, styled);
    out += '\n';

    std::array<glyphs, 3> header;
    append(header[0], "Layer (type)", ink::bold);
    append(header[1], "Output Shape", ink::bold);
    append(header[2], "Param #", ink::bold);
    append_rule(out, widths, "┏", "━", "┳", "┓");
    append_row(out, widths, header, "┃", true, styled);
    append_rule(out, widths, "┡", "━", "╇", "┩");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i > 0) append_rule(out, widths, "├", "─", "┼", "┤");
        append_row(out, widths, cells_of(rows[i]), "│", false, styled);
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

}  // namespace strata::inline STRATA_ISA
