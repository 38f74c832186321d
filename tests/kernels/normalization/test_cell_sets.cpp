#include "strata/kernels/normalization/cell_sets.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::kernels;

namespace {

constexpr cell_sets rows = cell_sets::of_rows(4, 7), channels = cell_sets::of_channels(5, 6, 3);
static_assert(rows.cells() == 28 && rows.size() == 7 && rows.parameters() == 7);
static_assert(rows.set_of(2, 3) == 2 && channels.set_of(4, 3) == 1);
static_assert(channels.cells() == 30 && channels.size() == 10 && channels.parameters() == 6);

/// Each cell of a set has to be visited once, with its column, and nothing else.
template <cell_sets Sets> void check_visits() {
    std::vector<double> visits(Sets.cells()), expected(Sets.cells());
    for (std::size_t run = 0; run < Sets.runs; ++run) {
        for (std::size_t i = 0; i < Sets.width; ++i) expected[run * Sets.stride + i] = 1;
    }
    const auto sums = sums_over_set<Sets, 2, double>([&](std::size_t cell, std::size_t column, auto& sum) {
        visits.at(cell) += 1;
        CHECK(column == cell % Sets.stride);
        sum[0] += 1;
        sum[1] += double(cell * cell);
    });
    CHECK(visits == expected);
    CHECK(sums[0] == double(Sets.size()));
    double squares = 0;
    for (std::size_t i = 0; i < Sets.cells(); ++i) squares += expected[i] * double(i * i);
    CHECK(sums[1] == squares);
    std::fill(visits.begin(), visits.end(), 0);
    for_each_cell<Sets>([&](std::size_t cell, std::size_t column) {
        visits.at(cell) += 1;
        CHECK(column == cell % Sets.stride);
    });
    CHECK(visits == expected);
}

/// A sum over many cells of 0.7, each of whose additions is rounded in the same direction for long.
template <cell_sets Sets> double error_of_sum() {
    const auto sum = sums_over_set<Sets, 1, float>([](std::size_t, std::size_t, auto& sums) { sums[0] += 0.7f; });
    return std::abs(double(sum[0]) / (double(0.7f) * Sets.size()) - 1);
}

}  // namespace

TEST_CASE("sums over a set of cells count each cell once") {
    check_visits<cell_sets::of_rows(3, 1)>();
    check_visits<cell_sets::of_rows(3, 7)>();
    check_visits<cell_sets::of_rows(2, 200)>();
    check_visits<cell_sets::of_channels(1, 6, 2)>();
    check_visits<cell_sets::of_channels(11, 6, 6)>();
    check_visits<cell_sets::of_channels(7, 6, 2)>();
    check_visits<cell_sets::of_channels(150, 40, 2)>();
    check_visits<cell_sets::of_channels(5, 300, 2)>();
}

TEST_CASE("sums over many cells lose no digits") {
    CHECK(error_of_sum<cell_sets::of_rows(1, 200000)>() < 5e-5);
    CHECK(error_of_sum<cell_sets::of_channels(100000, 2, 1)>() < 5e-5);
}
