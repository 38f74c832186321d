#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "strata/core/text.hpp"
#include "strata/system/terminal.hpp"

/// Pictures for people who would rather look than read: grey images and a confusion matrix as text.
namespace terminal_pictures {

/// What a terminal can show: plain characters, 256 colours, or 24 bits a pixel.
enum class colours { none, palette, full };

/// What the terminal behind `file` can show; none when it is not a terminal, or where the user has set NO_COLOR.
inline colours colours_of(std::FILE* file) {
    const auto setting = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string_view{value == nullptr ? "" : value};
    };
    if (!strata::authoring::is_terminal(file) || !setting("NO_COLOR").empty()) return colours::none;
    const auto depth = setting("COLORTERM");
    return depth == "truecolor" || depth == "24bit" ? colours::full : colours::palette;
}

/// One grey image, row by row from the top, 0 black to 255 white, and a line below it such as `7 ✓ 99.8%`.
struct picture {
    std::span<const std::uint8_t> pixels;
    std::string caption;
    bool right = true;  ///< the caption is green, or red when the prediction was wrong
    std::size_t rows = 28;
    std::size_t columns = 28;

    std::uint8_t at(std::size_t row, std::size_t column) const {
        return row < rows && column < columns ? pixels[row * columns + column] : std::uint8_t{0};
    }
};

namespace detail {

/// The part of the pictures that is drawn: rows and columns from the first up to, not including, the last.
struct frame {
    std::size_t first_row = 0, last_row = 0, first_column = 0, last_column = 0;
};

/// The smallest frame around all lit pixels of all pictures, one pixel wider where there is room: MNIST's digits leave
/// an empty border, and without it three of them fit side by side.
inline frame common_frame(std::span<const picture> pictures) {
    std::size_t rows = 0, columns = 0;
    frame lit{~std::size_t{0}, 0, ~std::size_t{0}, 0};
    for (const auto& image : pictures) {
        rows = std::max(rows, image.rows);
        columns = std::max(columns, image.columns);
        for (std::size_t row = 0; row < image.rows; ++row) {
            for (std::size_t column = 0; column < image.columns; ++column) {
                if (image.at(row, column) == 0) continue;
                lit = {std::min(lit.first_row, row), std::max(lit.last_row, row + 1),
                       std::min(lit.first_column, column), std::max(lit.last_column, column + 1)};
            }
        }
    }
    if (lit.last_row == 0) return {0, rows, 0, columns};
    const auto lower = [](std::size_t edge) { return edge > 0 ? edge - 1 : 0; };
    return {lower(lit.first_row), std::min(lit.last_row + 1, rows), lower(lit.first_column),
            std::min(lit.last_column + 1, columns)};
}

/// The two pixels of one character, upper and lower, as a pair of colours; emits only what changes.
class half_block_painter {
public:
    half_block_painter(std::string& out, colours depth) : out_(out), depth_(depth) {}

    void put(std::uint8_t upper, std::uint8_t lower) {
        const int top = shade(upper), bottom = shade(lower);
        if (top != top_) set("\x1b[38;", top);
        if (bottom != bottom_) set("\x1b[48;", bottom);
        top_ = top;
        bottom_ = bottom;
        out_ += "▀";
    }

    /// Back to the terminal's own colours: without it the rest of the line would be painted too.
    void end() {
        out_ += "\x1b[0m";
        top_ = bottom_ = -1;
    }

private:
    /// The palette has black (16), 24 greys (232 to 255) and white (231).
    int shade(std::uint8_t grey) const {
        if (depth_ == colours::full) return grey;
        if (grey < 4) return 16;
        if (grey > 246) return 231;
        return 232 + std::min(23, (grey - 3) / 10);
    }

    void set(std::string_view target, int shade) {
        const auto number = std::to_string(shade);
        out_ += target;
        out_ += depth_ == colours::full ? "2;" + number + ';' + number + ';' + number : "5;" + number;
        out_ += 'm';
    }

    std::string& out_;
    colours depth_;
    int top_ = -1;
    int bottom_ = -1;
};

/// The character for the mean of two pixels, from empty to full.
inline char shade_character(std::uint8_t upper, std::uint8_t lower) {
    constexpr std::string_view shades = " .:-=+*#%@";
    const std::size_t sum = std::size_t{upper} + lower;
    return shades[(sum * (shades.size() - 1) + 255) / 510];
}

inline std::string centred(std::string_view text, std::size_t width) {
    const auto length = strata::authoring::display_width(text);
    if (length >= width) return std::string{text};
    const auto left = (width - length) / 2;
    return std::string(left, ' ') + std::string{text} + std::string(width - length - left, ' ');
}

inline std::string painted(const std::string& text, std::string_view escape, bool styled) {
    return styled ? std::string{escape} + text + "\x1b[0m" : text;
}

inline void strip_trailing_spaces(std::string& text) {
    while (!text.empty() && text.back() == ' ') text.pop_back();
}

inline std::string right_aligned(const std::string& text, std::size_t width) {
    const auto length = strata::authoring::display_width(text);
    return std::string(length < width ? width - length : 0, ' ') + text;
}

}  // namespace detail

/// Draws images side by side, as many as fit into `terminal_columns` and then the next row of them, each with its
/// caption below. With colours a character shows two pixels, one above the other, in their greys; without, a character
/// as dark or light as the two, and no escape code.
inline std::string draw_images(std::span<const picture> pictures, colours depth, std::size_t terminal_columns = 80) {
    constexpr std::size_t gap = 2;
    const auto shown = detail::common_frame(pictures);
    std::size_t width = shown.last_column - shown.first_column;
    for (const auto& image : pictures) width = std::max(width, strata::authoring::display_width(image.caption));
    const auto side_by_side = std::max<std::size_t>(1, (terminal_columns + gap) / (width + gap));

    std::string out;
    for (std::size_t first = 0; first < pictures.size(); first += side_by_side) {
        const auto group = pictures.subspan(first, std::min(side_by_side, pictures.size() - first));
        if (first > 0) out += '\n';
        for (std::size_t row = shown.first_row; row < shown.last_row; row += 2) {
            std::string line;
            for (std::size_t i = 0; i < group.size(); ++i) {
                if (i > 0) line.append(gap, ' ');
                detail::half_block_painter blocks{line, depth};
                for (std::size_t column = shown.first_column; column < shown.first_column + width; ++column) {
                    const auto upper = group[i].at(row, column), lower = group[i].at(row + 1, column);
                    if (depth == colours::none) {
                        line += detail::shade_character(upper, lower);
                    } else {
                        blocks.put(upper, lower);
                    }
                }
                if (depth != colours::none) blocks.end();
            }
            if (depth == colours::none) detail::strip_trailing_spaces(line);
            out += line + '\n';
        }
        std::string captions;
        for (std::size_t i = 0; i < group.size(); ++i) {
            const auto text = detail::centred(group[i].caption, width) + (i + 1 < group.size() ? "  " : "");
            captions += detail::painted(text, group[i].right ? "\x1b[32m" : "\x1b[1;31m", depth != colours::none);
        }
        if (depth == colours::none) detail::strip_trailing_spaces(captions);
        out += captions + '\n';
    }
    return out;
}

/// A table of how often which class (row) was taken for which (column), with the share that was recognised at the end
/// of each row. `matrix[true][predicted]` is a square of counts. Styled for a terminal, the diagonal is bold and green
/// and an error the redder the more often it was made.
template <class Matrix> std::string confusion_matrix_text(const Matrix& matrix, bool styled = false) {
    const std::size_t classes = matrix.size();
    std::size_t largest = classes, worst = 1;
    for (std::size_t row = 0; row < classes; ++row) {
        for (std::size_t column = 0; column < classes; ++column) {
            const std::size_t count = matrix[row][column];
            largest = std::max(largest, count);
            if (row != column) worst = std::max(worst, count);
        }
    }
    const auto cell = std::to_string(largest).size() + 2;
    const auto rule = [&](std::string_view crossing) {
        std::string line = " ───────";
        line += crossing;
        for (std::size_t i = 0; i < classes * cell + 2; ++i) line += "─";
        line += crossing;
        for (std::size_t i = 0; i < 9; ++i) line += "─";
        return line + '\n';
    };

    std::string heading = "        │", out;
    for (std::size_t column = 0; column < classes; ++column) {
        heading += detail::right_aligned(std::to_string(column), cell);
    }
    out += "        │" + detail::centred("predicted", classes * cell + 2) + "│\n" +
           detail::painted(heading, "\x1b[1m", styled) + "  │  recall\n" + rule("┼");
    for (std::size_t row = 0; row < classes; ++row) {
        const auto label =
            (row == (classes - 1) / 2 ? " true" : "     ") + detail::right_aligned(std::to_string(row), 2);
        out += detail::painted(label, "\x1b[1m", styled) + " │";
        std::size_t total = 0;
        for (std::size_t column = 0; column < classes; ++column) {
            const std::size_t count = matrix[row][column];
            total += count;
            const auto text = detail::right_aligned(count == 0 ? "·" : std::to_string(count), cell);
            constexpr std::array<std::string_view, 4> heat{"\x1b[33m", "\x1b[38;5;214m", "\x1b[38;5;208m",
                                                           "\x1b[1;31m"};
            const auto level = std::min<std::size_t>(3, count * 4 / (worst + 1));
            out += detail::painted(text, row == column ? "\x1b[1;32m" : count == 0 ? "\x1b[2m" : heat[level], styled);
        }
        const std::size_t hits = matrix[row][row];
        const auto recall = total == 0 ? std::string{"–"}
                                       : strata::authoring::fixed_text(
                                             100.0 * static_cast<double>(hits) / static_cast<double>(total), 1) +
                                             '%';
        out += "  │" + detail::right_aligned(recall, 8) + '\n';
    }
    return out;
}

}  // namespace terminal_pictures
