#include "strata/model/summary.hpp"

#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

namespace {

using strata::authoring::summary_row;
using strata::authoring::summary_table;
using strata::authoring::summary_totals;

const std::vector<summary_row> lenet5{
    {"conv2d", "Conv2D", {28, 28, 6}, 156},     {"average_pooling2d", "AveragePooling2D", {14, 14, 6}, 0},
    {"conv2d_1", "Conv2D", {10, 10, 16}, 2416}, {"average_pooling2d_1", "AveragePooling2D", {5, 5, 16}, 0},
    {"flatten", "Flatten", {400}, 0},           {"dense", "Dense", {120}, 48120},
    {"dense_1", "Dense", {84}, 10164},          {"dense_2", "Dense", {10}, 850}};

/// What real Keras printed below the line `### heading`.
std::string printed_by_keras(const std::string& heading) {
    std::ifstream file(STRATA_TEST_DATA_DIR "/keras/printed.txt", std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    const auto start = all.find("### " + heading + "\n");
    REQUIRE(start != std::string::npos);
    const auto begin = all.find('\n', start) + 1;
    return all.substr(begin, all.find("### ", begin) - begin);
}

/// `text` without its colours.
std::string without_escapes(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\x1b') {
            plain += text[i];
        } else {
            i = text.find('m', i);
        }
    }
    return plain;
}

}  // namespace

TEST_CASE("summary: LeNet-5 before an optimizer is what Keras prints") {
    CHECK(summary_table("sequential", lenet5, {.trainable = 61706}) == printed_by_keras("model.summary() before fit"));
}

TEST_CASE("summary: LeNet-5 with Adam is what Keras prints, its counter of 8 bytes included") {
    CHECK(summary_table("sequential", lenet5, {.trainable = 61706, .optimizer = 2 * 61706 + 2}) ==
          printed_by_keras("model.summary() after fit"));
}

// The two tables below were printed by Keras 3.15.1 for the same rows and these widths.

TEST_CASE("summary: a narrow table wraps names and shapes where Keras does") {
    const std::string expected = R"(Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓
┃ Layer (type)             ┃ Output Shape      ┃   Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩
│ conv2d (Conv2D)          │ (None, 28, 28, 6) │       156 │
├──────────────────────────┼───────────────────┼───────────┤
│ average_pooling2d        │ (None, 14, 14, 6) │         0 │
│ (AveragePooling2D)       │                   │           │
├──────────────────────────┼───────────────────┼───────────┤
│ conv2d_1 (Conv2D)        │ (None, 10, 10,    │     2,416 │
│                          │ 16)               │           │
├──────────────────────────┼───────────────────┼───────────┤
│ average_pooling2d_1      │ (None, 5, 5, 16)  │         0 │
│ (AveragePooling2D)       │                   │           │
├──────────────────────────┼───────────────────┼───────────┤
│ flatten (Flatten)        │ (None, 400)       │         0 │
├──────────────────────────┼───────────────────┼───────────┤
│ dense (Dense)            │ (None, 120)       │    48,120 │
├──────────────────────────┼───────────────────┼───────────┤
│ dense_1 (Dense)          │ (None, 84)        │    10,164 │
├──────────────────────────┼───────────────────┼───────────┤
│ dense_2 (Dense)          │ (None, 10)        │       850 │
└──────────────────────────┴───────────────────┴───────────┘
 Total params: 185,120 (723.13 KB)
 Trainable params: 61,706 (241.04 KB)
 Non-trainable params: 0 (0.00 B)
 Optimizer params: 123,414 (482.09 KB)
)";
    CHECK(summary_table("sequential", lenet5, {.trainable = 61706, .optimizer = 2 * 61706 + 2}, 60) == expected);
}

TEST_CASE("summary: a very narrow table cuts words that no line holds, and wraps its header upwards") {
    const std::vector<summary_row> rows{{"conv2d_transpose_12", "Conv2DTranspose", {1024, 1024, 256}, 1234567},
                                        {"a_very_long_layer_name_that_no_column_holds", "Dense", {}, 7},
                                        {"flatten", "Flatten", {268435456}, 0}};
    const std::string expected = R"(Model: "sequential"
┏━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━┓
┃                  ┃              ┃  Param ┃
┃ Layer (type)     ┃ Output Shape ┃      # ┃
┡━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━┩
│ conv2d_transpos… │ (None, 1024, │ 1,234… │
│ (Conv2DTranspos… │ 1024, 256)   │        │
├──────────────────┼──────────────┼────────┤
│ a_very_long_lay… │ (None)       │      7 │
│ (Dense)          │              │        │
├──────────────────┼──────────────┼────────┤
│ flatten          │ (None,       │      0 │
│ (Flatten)        │ 268435456)   │        │
└──────────────────┴──────────────┴────────┘
 Total params: 10,000,000,512 (37.25 GB)
 Trainable params: 10,000,000,000 (37.25 GB)
 Non-trainable params: 512 (2.00 KB)
)";
    CHECK(summary_table("sequential", rows, {.trainable = 10'000'000'000, .non_trainable = 512}, 44) == expected);
    CHECK(summary_table("sequential", rows, {}, 3) == summary_table("sequential", rows, {}, 40));
}

TEST_CASE("summary: sizes count in powers of 1024, values in their own width") {
    const auto total = [](const summary_totals& totals) {
        const auto text = summary_table("m", {}, totals);
        const auto begin = text.find(" Total params: ") + 15;
        return text.substr(begin, text.find('\n', begin) - begin);
    };
    CHECK(total({}) == "0 (0.00 B)");
    CHECK(total({.trainable = 255}) == "255 (1020.00 B)");
    CHECK(total({.trainable = 256}) == "256 (1.00 KB)");
    CHECK(total({.trainable = 61706, .bytes_per_value = 8}) == "61,706 (482.08 KB)");
    CHECK(total({.trainable = 1000, .non_trainable = 24}) == "1,024 (4.00 KB)");
    CHECK(total({.trainable = 0, .optimizer = 2}) == "2 (12.00 B)");  // SGD: the counter and the learning rate
    CHECK(total({.trainable = std::size_t{1} << 38}) == "274,877,906,944 (1.00 TB)");
}

TEST_CASE("summary: a terminal sees the same characters in Keras' colours") {
    const summary_totals totals{.trainable = 61706, .optimizer = 2 * 61706 + 2};
    for (const std::size_t width : {44u, 60u, 88u}) {
        const auto styled = summary_table("sequential", lenet5, totals, width, true);
        CHECK(without_escapes(styled) == summary_table("sequential", lenet5, totals, width));
    }
    using strata::authoring::test::contains;
    const auto styled = summary_table("sequential", lenet5, totals, 88, true);
    CHECK_THAT(styled, contains("\x1b[1mModel: \"sequential\"\x1b[0m\n"));
    CHECK_THAT(styled, contains("dense (\x1b[38;5;33mDense\x1b[0m)"));
    CHECK_THAT(styled, contains("(\x1b[38;5;45mNone\x1b[0m, \x1b[38;5;34m400\x1b[0m)"));
    CHECK_THAT(styled, contains("\x1b[1m Total params: \x1b[0m\x1b[38;5;34m185,120\x1b[0m (723.13 KB)\n"));
    const std::vector<summary_row> cut{{"m", "M", {}, 1234567}};
    CHECK_THAT(summary_table("m", cut, {}, 44, true), contains("\x1b[38;5;34m1,234…\x1b[0m"));
}

TEST_CASE("summary: a name of several bytes a letter keeps the borders straight") {
    const std::vector<summary_row> rows{{"größe", "Dense", {10}, 1}};
    CHECK_THAT(summary_table("m", rows, {}, 88),
               strata::authoring::test::contains("│ größe (Dense)                        │ (None, 10)  "));
}

TEST_CASE("summary: the width follows the terminal") {
    CHECK(strata::authoring::summary_width(0) == 88);
    CHECK(strata::authoring::summary_width(200) == 88);
    CHECK(strata::authoring::summary_width(80) == 76);
    CHECK(strata::authoring::summary_width(10) == 40);
}
