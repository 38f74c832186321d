#include "../../examples/terminal_pictures.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace {

using terminal_pictures::colours;
using terminal_pictures::draw_images;
using terminal_pictures::picture;

/// 4 x 4 pixels with a frame of black: a white square on top, grey below it on the left, black on the right.
const std::vector<std::uint8_t> square{0, 0, 0, 0, 0, 255, 255, 0, 0, 128, 0, 0, 0, 0, 0, 0};

picture small(const std::string& caption, bool right = true) { return {square, caption, right, 4, 4}; }

const std::string full_block_row = "\x1b[38;2;0;0;0m\x1b[48;2;0;0;0m▀\x1b[48;2;255;255;255m▀▀\x1b[48;2;0;0;0m▀\x1b[0m";

}  // namespace

TEST_CASE("pictures: without colours, characters as light as the two pixels that they stand for") {
    const std::vector<picture> one{small("1 ✓")};
    CHECK(draw_images(one, colours::none) == " ++\n :\n1 ✓\n");
}

TEST_CASE("pictures: with colours, two pixels a character in their own greys") {
    const std::vector<picture> one{small("1 ✓")};
    CHECK(draw_images(one, colours::full) ==
          full_block_row + "\n\x1b[38;2;0;0;0m\x1b[48;2;0;0;0m▀\x1b[38;2;128;128;128m▀\x1b[38;2;0;0;0m▀▀\x1b[0m\n" +
              "\x1b[32m1 ✓ \x1b[0m\n");
    CHECK(draw_images(one, colours::palette) ==
          "\x1b[38;5;16m\x1b[48;5;16m▀\x1b[48;5;231m▀▀\x1b[48;5;16m▀\x1b[0m\n"
          "\x1b[38;5;16m\x1b[48;5;16m▀\x1b[38;5;244m▀\x1b[38;5;16m▀▀\x1b[0m\n\x1b[32m1 ✓ \x1b[0m\n");
}

TEST_CASE("pictures: as many side by side as fit, with their captions below") {
    const std::vector<picture> three{small("a"), small("b", false), small("c")};
    CHECK(draw_images(three, colours::none, 16) == " ++    ++    ++\n :     :     :\n a     b     c\n");
    CHECK(draw_images(three, colours::none, 15) == " ++    ++\n :     :\n a     b\n\n ++\n :\n c\n");
    CHECK(draw_images(three, colours::none, 1) == " ++\n :\n a\n\n ++\n :\n b\n\n ++\n :\n c\n");
    CHECK_THAT(draw_images(three, colours::full), strata::authoring::test::contains("\x1b[1;31m b  "));
}

TEST_CASE("pictures: what is dark in all of them is cut off, and no pixel is lost") {
    std::vector<std::uint8_t> left(28 * 28, 0), right(28 * 28, 0);
    left[10 * 28 + 8] = 255;
    right[13 * 28 + 11] = 255;
    const std::vector<picture> two{{left, ""}, {right, ""}};
    // Rows 9 to 14 and columns 7 to 12 are left, one more than is lit on every side.
    CHECK(draw_images(two, colours::none) == " +\n\n            +\n\n");

    std::vector<std::uint8_t> corners(28 * 28, 0);
    corners.front() = corners.back() = 255;
    const auto text = draw_images(std::vector<picture>{{corners, "x"}}, colours::none);
    CHECK(text == "+\n" + std::string(12, '\n') + std::string(27, ' ') + "+\n" + std::string(13, ' ') + "x\n");
}

TEST_CASE("pictures: nothing, nothing lit, and an odd number of rows") {
    CHECK(draw_images({}, colours::full).empty());
    const std::vector<std::uint8_t> black(6, 0), white(6, 255);
    CHECK(draw_images(std::vector<picture>{{black, "", true, 3, 2}}, colours::none) == "\n\n\n");
    CHECK(draw_images(std::vector<picture>{{white, "", true, 3, 2}}, colours::none) == "@@\n++\n\n");
}

TEST_CASE("pictures: a file is no terminal") {
    std::FILE* file = std::tmpfile();
    REQUIRE(file != nullptr);
    CHECK(terminal_pictures::colours_of(file) == colours::none);
    std::fclose(file);
}

TEST_CASE("confusion matrix: counts, a dot for none, and the share that was recognised") {
    const std::array<std::array<std::size_t, 3>, 3> matrix{{{980, 0, 20}, {1, 1135, 0}, {0, 0, 0}}};
    CHECK(terminal_pictures::confusion_matrix_text(matrix) ==
          "        │     predicted      │\n"
          "        │     0     1     2  │  recall\n"
          " ───────┼────────────────────┼─────────\n"
          "      0 │   980     ·    20  │   98.0%\n"
          " true 1 │     1  1135     ·  │   99.9%\n"
          "      2 │     ·     ·     ·  │       –\n");
}

TEST_CASE("confusion matrix: on a terminal the diagonal and the common errors stand out") {
    const std::vector<std::vector<std::size_t>> matrix{{9, 4}, {1, 8}};
    const auto text = terminal_pictures::confusion_matrix_text(matrix, true);
    using strata::authoring::test::contains;
    CHECK_THAT(text, contains("\x1b[1;32m  9\x1b[0m\x1b[1;31m  4\x1b[0m"));
    CHECK_THAT(text, contains("\x1b[33m  1\x1b[0m\x1b[1;32m  8\x1b[0m"));
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\x1b') {
            plain += text[i];
        } else {
            i = text.find('m', i);
        }
    }
    CHECK(plain == terminal_pictures::confusion_matrix_text(matrix));
}
