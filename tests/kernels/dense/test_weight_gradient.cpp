#include "strata/kernels/dense/weight_gradient.hpp"

#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

/// A textbook's loops over all packs, rows and lanes, and blocks of weights in two parts, as two threads take them.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class V> void check_packs(std::size_t packs) {
    using gradient = kernels::dense_weight_gradient<Rows, Inputs, Units, V>;
    constexpr std::size_t distance = gradient::cells + 3;  // another layer's cells lie between
    aligned_vector<V> kept = unwritten_cells<V>(packs * distance);
    aligned_vector<double> expected(gradient::count);
    for (std::size_t p = 0; p < packs; ++p) {
        const auto x = random_lanes<V>(Rows * Inputs, 10 + p), dz = random_lanes<V>(Rows * Units, 1000 + p);
        gradient::keep(x.data(), dz.data(), kept.data() + p * distance);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const auto x_of_sample = lane(x, n), dz_of_sample = lane(dz, n);
            for (std::size_t row = 0; row < Rows; ++row) {
                for (std::size_t i = 0; i < Inputs; ++i) {
                    for (std::size_t u = 0; u < Units; ++u)
                        expected[i * Units + u] += x_of_sample[row * Inputs + i] * dz_of_sample[row * Units + u];
                }
            }
        }
    }
    const auto before = random_values<scalar_t<V>>(gradient::count, 9);
    auto dw = before;
    const std::size_t middle = gradient::blocks / 2, weights_before = middle * gradient::weights_of_block;
    gradient::compute(kept.data(), distance, packs, middle, gradient::blocks, dw.data() + weights_before);
    CHECK(std::equal(dw.begin(), dw.begin() + static_cast<std::ptrdiff_t>(weights_before), before.begin()));
    gradient::compute(kept.data(), distance, packs, 0, middle, dw.data());
    CHECK(relative_error(dw, expected) < 2 * rounding<V>);

    // One pack at once is the same, bit by bit, and is added.
    if (packs == 1 && Rows == 1) {
        const auto x = random_lanes<V>(Inputs, 10), dz = random_lanes<V>(Units, 1000);
        auto at_once = before;
        gradient::run(x.data(), dz.data(), at_once.data(), kept.data());
        for (std::size_t i = 0; i < dw.size(); ++i) dw[i] = before[i] + dw[i];
        CHECK((at_once == dw));
    }
}

template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class V = pack<float>>
void check_weight_gradient(std::size_t packs) {
    INFO(packs << " packs, " << Rows << " rows of " << Inputs << " inputs, " << Units << " units");
    check_packs<Rows, Inputs, Units, double>(packs);
    check_packs<Rows, Inputs, Units, V>(packs);
}

/// What lies before and behind the gradient stays as it is, bit by bit, and what is not finite stays in its row.
template <std::size_t Inputs, std::size_t Units> void check_neighbours() {
    INFO(Inputs << " inputs, " << Units << " units");
    using T = float;
    using V = pack<T>;
    using gradient = kernels::dense_weight_gradient<1, Inputs, Units, V>;
    constexpr std::size_t count = Inputs * Units, guard = lanes<V>, bad_row = Inputs / 2;
    auto x = random_lanes<V>(Inputs, 1), dz = random_lanes<V>(Units, 2);
    x[bad_row] = V(std::numeric_limits<T>::infinity());
    const T untouched = T(1) / 3;
    for (const bool adds : {false, true}) {
        aligned_vector<T> memory(guard + count + guard, untouched);
        aligned_vector<V> kept = unwritten_cells<V>(gradient::cells);
        if (adds) {
            gradient::run(x.data(), dz.data(), memory.data() + guard, kept.data());
        } else {
            gradient::keep(x.data(), dz.data(), kept.data());
            gradient::compute(kept.data(), 0, 1, 0, gradient::blocks, memory.data() + guard);
        }
        for (std::size_t i = 0; i < guard; ++i) {
            CHECK(memory[i] == untouched);
            CHECK(memory[guard + count + i] == untouched);
        }
        std::size_t misplaced = 0;
        for (std::size_t i = 0; i < count; ++i) misplaced += std::isfinite(memory[guard + i]) == (i / Units == bad_row);
        CHECK(misplaced == 0);
    }
}

template <std::size_t Inputs, std::size_t Units, class V = pack<float>>
constexpr bool is_faster = kernels::dense_weight_gradient<1, Inputs, Units, V>::is_faster;
static_assert(is_faster<400, 120> && is_faster<784, 512>);
static_assert(!is_faster<20, 10>, "few weights: what is kept is more than the gradient");
static_assert(!is_faster<400, 120, double>, "plain numbers are the reference");

}  // namespace

TEST_CASE("dense weight gradient: inputs and units that are multiples of nothing") {
    check_weight_gradient<1, 13, 7>(1);
    check_weight_gradient<1, 17, 37>(2);
    check_weight_gradient<1, 37, 17>(5);
    check_weight_gradient<1, 37, 17, pack<double>>(5);
}

TEST_CASE("dense weight gradient: one input, one unit") {
    check_weight_gradient<1, 1, 1>(2);
    check_weight_gradient<1, 1, 19>(1);
    check_weight_gradient<1, 19, 1>(3);
}

TEST_CASE("dense weight gradient: units that fill the lanes, and one more or less") {
    check_weight_gradient<1, 3, 15>(1);
    check_weight_gradient<1, 3, 16>(2);
    check_weight_gradient<1, 5, 33>(1);
    check_weight_gradient<1, 2, 65>(2);
}

TEST_CASE("dense weight gradient: several tiles in a row, the last of them not full") {
    check_weight_gradient<1, 9, 137>(2);
    check_weight_gradient<1, 61, 10>(1);
}

TEST_CASE("dense weight gradient: more weights than are computed together") {
    static_assert(301 * 137 > 2 * 16384);
    check_weight_gradient<1, 301, 137>(2);
}

TEST_CASE("dense weight gradient: more rows than are taken at a time") {
    check_weight_gradient<30, 7, 9>(3);
    check_weight_gradient<1, 11, 5>(130);
}

TEST_CASE("dense weight gradient: its neighbours are not touched") {
    check_neighbours<13, 7>();
    check_neighbours<61, 10>();
    check_neighbours<9, 137>();
    check_neighbours<33, 1>();
    check_neighbours<1, 5>();
}
