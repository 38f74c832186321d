#include "strata/initializers/orthogonal.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace strata::authoring;

namespace {

template <std::size_t Rank> std::vector<double> draw(const std::array<std::size_t, Rank>& extents, std::uint64_t seed) {
    std::size_t size = 1;
    for (const std::size_t extent : extents) size *= extent;
    std::vector<double> values(size);
    random_stream random(seed, 0);
    Orthogonal::fill({values, extents, {}, random});
    return values;
}

/// The largest difference of the vectors' products from those of orthonormal ones; the values of vector k start at
/// k * first and are `step` apart.
double distance_from_orthonormal(const std::vector<double>& values, std::size_t count, std::size_t first,
                                 std::size_t step) {
    double worst = 0;
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = 0; b < count; ++b) {
            double product = 0;
            for (std::size_t i = 0; i < values.size() / count; ++i)
                product += values[a * first + i * step] * values[b * first + i * step];
            worst = std::max(worst, std::abs(product - (a == b ? 1 : 0)));
        }
    }
    return worst;
}

}  // namespace

TEST_CASE("Orthogonal: the columns are orthonormal, or where they are more than the rows, the rows") {
    CHECK(distance_from_orthonormal(draw<2>({7, 7}, 1), 7, 1, 7) < 1e-14);
    CHECK(distance_from_orthonormal(draw<2>({40, 6}, 2), 6, 1, 6) < 1e-14);
    CHECK(distance_from_orthonormal(draw<2>({6, 24}, 3), 6, 24, 1) < 1e-14);
    CHECK(distance_from_orthonormal(draw<3>({2, 5, 3}, 4), 3, 1, 3) < 1e-14);
    CHECK(distance_from_orthonormal(draw<2>({64, 64}, 5), 64, 1, 64) < 1e-13);
}

TEST_CASE("Orthogonal: vectors that nearly lie in one direction become orthonormal, too") {
    std::vector<double> values{1, 1e-7, 0, 0, 1, 0, 1e-7, 0, 1, 0, 0, 1e-7};
    detail::orthonormalize(values, 4);
    CHECK(distance_from_orthonormal(values, 3, 4, 1) < 1e-14);
}

TEST_CASE("Orthogonal: Gain multiplies the values") {
    const std::vector<double> q = draw<2>({3, 4}, 1);
    std::vector<double> values(12);
    const std::array<std::size_t, 2> extents{3, 4};
    random_stream random(1, 0);
    Orthogonal::With<Gain<2>>::fill({values, extents, {}, random});
    for (std::size_t i = 0; i < 12; ++i) CHECK(values[i] == 2 * q[i]);
}

TEST_CASE("Orthogonal: no direction is preferred") {
    // In two dimensions, each entry is a cosine of a uniform angle: its mean is 0 and its square's mean 1 / 2. Without
    // the signs of R's diagonal, a decomposition may always give the first entry the same sign.
    double sum = 0, squares = 0, turns = 0;
    constexpr int matrices = 4000;
    for (int seed = 0; seed < matrices; ++seed) {
        const std::vector<double> q = draw<2>({2, 2}, static_cast<std::uint64_t>(seed));
        sum += q[0];
        squares += q[0] * q[0];
        turns += q[0] * q[3] - q[1] * q[2];  // the determinant: 1 or -1
    }
    CHECK(std::abs(sum / matrices) < 0.05);
    CHECK(squares / matrices == Approx(0.5).epsilon(0.05));
    CHECK(std::abs(turns / matrices) < 0.08);
}

TEST_CASE("Orthogonal: each vector points to where the normal values that it was made of point to") {
    random_stream random(9, 0);
    std::vector<double> drawn(12);
    for (double& value : drawn) value = random.normal();
    const std::vector<double> q = draw<2>({3, 4}, 9);
    for (std::size_t k = 0; k < 3; ++k) {
        const double on_diagonal =
            std::inner_product(q.begin() + std::ptrdiff_t(4 * k), q.begin() + std::ptrdiff_t(4 * k + 4),
                               drawn.begin() + std::ptrdiff_t(4 * k), 0.0);
        CHECK(on_diagonal > 0);
    }
}
