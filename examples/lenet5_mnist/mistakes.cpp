#include "mistakes.hpp"

#include <algorithm>
#include <cstddef>
#include <strata/io/png.hpp>
#include <string>
#include <string_view>

namespace lenet5 {

namespace {

constexpr std::size_t side = 28;    // pixels of a digit
constexpr std::size_t zoom = 2;     // pixels of the sheet for each of them, along each axis
constexpr std::size_t across = 16;  // digits in a row

constexpr std::size_t gap = 4, glyph_rows = 7, glyph_columns = 5;
constexpr std::size_t cell_width = side + gap, cell_height = side + 2 + glyph_rows + gap;

/// The digits and an arrow, row by row.
constexpr std::string_view glyphs[] = {
    ".###.#...##...##...##...##...#.###.",  // 0
    "..#...##....#....#....#....#...###.",  // 1
    ".###.#...#....#...#...#...#...#####",  // 2
    "#####...#...#.....#.....##...#.###.",  // 3
    "...#...##..#.#.#..#.#####...#....#.",  // 4
    "######....####.....#....##...#.###.",  // 5
    "..##..#...#....####.#...##...#.###.",  // 6
    "#####....#...#...#...#....#....#...",  // 7
    ".###.#...##...#.###.#...##...#.###.",  // 8
    ".###.#...##...#.####....#...#..##..",  // 9
    ".......#.....#.#####...#...#.......",  // →
};
constexpr std::size_t arrow = 10;

/// A white sheet that is drawn on in pixels of digits.
class sheet {
public:
    sheet(std::size_t width, std::size_t height)
        : width_(zoom * width), height_(zoom * height), pixels_(width_ * height_, '\xff') {}

    void put(std::size_t row, std::size_t column, unsigned char grey) {
        for (std::size_t i = 0; i < zoom; ++i) {
            pixels_.replace((zoom * row + i) * width_ + zoom * column, zoom, zoom, static_cast<char>(grey));
        }
    }

    void put_glyph(std::size_t row, std::size_t column, std::size_t glyph) {
        for (std::size_t i = 0; i < glyphs[glyph].size(); ++i) {
            if (glyphs[glyph][i] == '#') put(row + i / glyph_columns, column + i % glyph_columns, 0);
        }
    }

    std::string png() const { return strata::authoring::png_file(width_, height_, 1, pixels_); }

private:
    std::size_t width_, height_;
    std::string pixels_;
};

}  // namespace

std::string sheet_of_mistakes(const strata::mnist::split& images, std::span<const prediction> mistakes) {
    const std::size_t lines = (std::max<std::size_t>(mistakes.size(), 1) + across - 1) / across;
    sheet drawn(across * cell_width + gap, lines * cell_height + gap);
    for (std::size_t n = 0; n < mistakes.size(); ++n) {
        const prediction& made = mistakes[n];
        const std::size_t top = gap + n / across * cell_height, left = gap + n % across * cell_width;
        const auto* const pixels = images.images.data() + made.image * side * side;
        for (std::size_t i = 0; i < side * side; ++i) {
            drawn.put(top + i / side, left + i % side, static_cast<unsigned char>(255 - pixels[i]));  // dark on white
        }
        const std::size_t caption = top + side + 2, middle = left + side / 2;
        drawn.put_glyph(caption, middle - 9, made.truth);
        drawn.put_glyph(caption, middle - 2, arrow);
        drawn.put_glyph(caption, middle + 5, made.digit);
    }
    return drawn.png();
}

}  // namespace lenet5
