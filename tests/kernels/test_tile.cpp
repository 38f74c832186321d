#include "strata/kernels/tile.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

using namespace strata::authoring::kernels;

namespace {

/// What all tiles of a product cost by the rule of choose_tile, counted tile by tile.
std::size_t cost(std::size_t rows, std::size_t columns, tile t) {
    std::size_t sum = 0;
    for (std::size_t row = 0; row < rows; row += t.rows) {
        for (std::size_t column = 0; column < columns; column += t.columns) {
            const std::size_t a = std::min(t.rows, rows - row), b = std::min(t.columns, columns - column);
            sum += 16 * std::max({a * b, a + b, std::size_t{10}}) + a + b;
        }
    }
    return sum;
}

bool fits(tile t, std::size_t registers) { return t.rows * t.columns + t.columns + 1 <= registers; }

}  // namespace

TEST_CASE("choose_tile takes the quickest tile that fits the registers") {
    for (const std::size_t registers : {16, 32}) {
        for (std::size_t rows = 1; rows <= 40; ++rows) {
            for (std::size_t columns = 1; columns <= 40; ++columns) {
                const tile chosen = choose_tile({.rows = rows, .columns = columns}, registers);
                REQUIRE(fits(chosen, registers));
                REQUIRE(chosen.rows <= rows);
                REQUIRE(chosen.columns <= columns);
                std::size_t best = ~std::size_t{0};
                for (std::size_t r = 1; r <= rows; ++r) {
                    for (std::size_t c = 1; c <= columns && fits({r, c}, registers); ++c) {
                        best = std::min(best, cost(rows, columns, {r, c}));
                    }
                }
                REQUIRE(cost(rows, columns, chosen) == best);
            }
        }
    }
}

TEST_CASE("choose_tile keeps the columns a multiple of the step, or takes all of them") {
    for (const std::size_t registers : {16, 32}) {
        for (std::size_t step = 1; step <= 6; ++step) {
            for (std::size_t rows = 1; rows <= 33; ++rows) {
                for (std::size_t columns = 1; columns <= 29; ++columns) {
                    const tile chosen = choose_tile({.rows = rows, .columns = columns, .column_step = step}, registers);
                    REQUIRE((chosen.columns % step == 0 || chosen.columns == columns));
                    REQUIRE(chosen.rows >= 1);
                    REQUIRE(chosen.rows <= rows);
                    REQUIRE(chosen.columns <= columns);
                    REQUIRE(fits(chosen, registers));
                }
            }
        }
    }
}

TEST_CASE("a product counts each fetch from further away, of columns one for each step") {
    const product near{.rows = 7, .columns = 21, .column_step = 3};
    product far = near;
    far.fetch = 4;
    CHECK(near.half_cycles({4, 6}) == 3 * 24 + 12 + 3 * 18 + 10);
    CHECK(far.half_cycles({4, 6}) == 3 * (4 * (4 + 2)) + 4 * (4 + 1) + 3 * (4 * (3 + 2)) + 4 * (3 + 1));
}

TEST_CASE("choose_tile takes more rows and columns where a fetch is expensive") {
    const product near{.rows = 7, .columns = 21, .column_step = 3};
    product far = near;
    far.fetch = 100;
    const tile chosen = choose_tile(far, 32);
    CHECK(far.half_cycles(chosen) <= far.half_cycles(choose_tile(near, 32)));
    CHECK(chosen.rows + chosen.columns / 3 > 5);
}

TEST_CASE("choose_tile is a constant, and uses the registers of LeNet-5's convolutions well") {
    constexpr tile second = choose_tile({.rows = 16, .columns = 10}, 32);
    CHECK(second.rows * second.columns >= 20);
}

namespace {

template <std::size_t Count, std::size_t Block> bool blocks_cover() {
    std::vector<int> visits(Count);
    bool right = true;
    for_each_block<Count, Block>([&](auto size, std::size_t first) {
        right = right && first % Block == 0 && (size == Block || first + size == Count);
        for (std::size_t i = 0; i < size; ++i) ++visits.at(first + i);
    });
    return right && visits == std::vector<int>(Count, 1);
}

}  // namespace

TEST_CASE("for_each_block visits each index once, in blocks and a shorter last one") {
    CHECK(blocks_cover<1, 1>());
    CHECK(blocks_cover<7, 7>());
    CHECK(blocks_cover<7, 3>());
    CHECK(blocks_cover<5, 8>());
    CHECK(blocks_cover<24, 8>());
    CHECK(blocks_cover<31, 5>());
}

TEST_CASE("unroll calls with each constant in order") {
    std::vector<std::size_t> seen;
    unroll<4>([&](auto i) {
        constexpr std::size_t constant = i;
        seen.push_back(constant);
    });
    unroll<0>([&](auto) { seen.push_back(99); });
    CHECK(seen == std::vector<std::size_t>{0, 1, 2, 3});
}
