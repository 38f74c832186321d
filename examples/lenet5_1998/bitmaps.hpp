#pragma once

#include <array>
#include <cstddef>
#include <strata/core/parameter.hpp>
#include <string_view>

/// The centers of LeNet-5's output units: stylized pictures of the digits of 7 x 12 pixels, drawn by hand in the manner
/// of figure 3 of the paper. A pixel that is set is +1, any other one -1.
namespace lenet5_1998 {

inline constexpr std::size_t bitmap_rows = 12, bitmap_columns = 7;

/// The digits 0 to 9 side by side.
inline constexpr std::array<std::string_view, bitmap_rows> bitmaps{
    "....... ....... ....... ....... ....... ....... ....... ....... ....... .......",
    "..###.. ...##.. .#####. ####### ....##. ####### ..####. ####### .#####. .#####.",
    ".##.##. ..###.. ##...## ....##. ...###. ##..... .##.... .....## ##...## ##...##",
    "##...## .####.. .....## ...##.. ..####. ##..... ##..... ....##. ##...## ##...##",
    "##...## ...##.. ....##. ..####. .##.##. ######. ######. ....##. ##...## ##...##",
    "##...## ...##.. ...##.. .....## ##..##. .....## ##...## ...##.. .#####. ##...##",
    "##...## ...##.. ..##... .....## ####### .....## ##...## ...##.. ##...## .######",
    "##...## ...##.. .##.... .....## ....##. .....## ##...## ..##... ##...## .....##",
    ".##.##. ...##.. ##..... ##...## ....##. ##...## ##...## ..##... ##...## ....##.",
    "..###.. .###### ####### .#####. ....##. .#####. .#####. ..##... .#####. .####..",
    "....... ....... ....... ....... ....... ....... ....... ....... ....... .......",
    "....... ....... ....... ....... ....... ....... ....... ....... ....... .......",
};

/// The pixel of a digit's picture.
constexpr double pixel(std::size_t digit, std::size_t row, std::size_t column) {
    return bitmaps[row][digit * (bitmap_columns + 1) + column] == '#' ? 1 : -1;
}

/// The pictures as the centers of `RBF<10>` behind 84 inputs.
struct DigitBitmaps {
    static void fill(const strata::authoring::initial_values& centers) {
        constexpr std::size_t pixels = bitmap_rows * bitmap_columns;
        for (std::size_t i = 0; i < centers.values.size(); ++i)
            centers.values[i] = pixel(i / pixels, i % pixels / bitmap_columns, i % bitmap_columns);
    }
};

}  // namespace lenet5_1998
