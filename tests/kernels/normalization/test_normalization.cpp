#include "strata/kernels/normalization/normalization.hpp"

#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::kernels;
using namespace strata::authoring::test;

TEST_CASE("normalization: a mean far from zero costs the variance no digits") {
    constexpr std::size_t columns = 3000;
    using V = pack<float>;
    using rows = normalization<cell_sets::of_rows(2, columns), by_mean_square<1e-3, true>, false, false, V>;
    auto x = random_lanes<V>(2 * columns, 1), y = unwritten_cells<V>(2 * columns), kept = unwritten_cells<V>(2);
    for (V& cell : x) cell = cell + V(1000.f);
    rows::forward(x.data(), nullptr, nullptr, y.data(), kept.data());
    const auto sample = lane(x, lanes<V> - 1), found = lane(y, lanes<V> - 1);
    std::vector<double> expected;
    for (std::size_t row = 0; row < 2; ++row) {
        double mean = 0, variance = 0;
        for (std::size_t i = 0; i < columns; ++i) mean += sample[row * columns + i] / columns;
        for (std::size_t i = 0; i < columns; ++i) variance += std::pow(sample[row * columns + i] - mean, 2) / columns;
        for (std::size_t i = 0; i < columns; ++i)
            expected.push_back((sample[row * columns + i] - mean) / std::sqrt(variance + 1e-3));
    }
    CHECK(relative_error(found, expected) < 5e-5);  // the mean is a float near 1000 itself
}
