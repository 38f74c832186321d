#include "strata/kernels/winograd.hpp"

#include "support/catch.hpp"
#include "support/lanes.hpp"

using namespace strata;
using namespace strata::test;
namespace winograd = strata::kernels::winograd;

TEST_CASE("winograd: the four outputs of a window are those of the definition") {
    const auto values = random_values(16 + 9, 1);
    double x[4][4], w[3][3], transformed_x[4][4], transformed_w[4][4], y[2][2];
    for (std::size_t i = 0; i < 16; ++i) x[i / 4][i % 4] = values[i];
    for (std::size_t i = 0; i < 9; ++i) w[i / 3][i % 3] = values[16 + i];
    winograd::transform<winograd::of_window>(x, transformed_x);
    winograd::transform<winograd::of_kernel>(w, transformed_w);
    for (std::size_t i = 0; i < 16; ++i) transformed_x[i / 4][i % 4] *= transformed_w[i / 4][i % 4];
    winograd::transform<winograd::to_outputs>(transformed_x, y);
    for (std::size_t row = 0; row < 2; ++row) {
        for (std::size_t column = 0; column < 2; ++column) {
            double expected = 0;
            for (std::size_t i = 0; i < 9; ++i) expected += x[row + i / 3][column + i % 3] * w[i / 3][i % 3];
            CHECK(y[row][column] == Approx(expected).margin(1e-14));
        }
    }
}

TEST_CASE("winograd: the gradient of a kernel is that of the definition") {
    const auto values = random_values(16 + 4, 2);
    double x[4][4], dy[2][2], transformed_x[4][4], transformed_dy[4][4], dw[3][3];
    for (std::size_t i = 0; i < 16; ++i) x[i / 4][i % 4] = values[i];
    for (std::size_t i = 0; i < 4; ++i) dy[i / 2][i % 2] = values[16 + i];
    winograd::transform<winograd::of_window>(x, transformed_x);
    winograd::transform<winograd::of_outputs>(dy, transformed_dy);
    for (std::size_t i = 0; i < 16; ++i) transformed_x[i / 4][i % 4] *= transformed_dy[i / 4][i % 4];
    winograd::transform<winograd::to_kernel>(transformed_x, dw);
    for (std::size_t i = 0; i < 9; ++i) {
        double expected = 0;
        for (std::size_t o = 0; o < 4; ++o) expected += x[o / 2 + i / 3][o % 2 + i % 3] * dy[o / 2][o % 2];
        CHECK(dw[i / 3][i % 3] == Approx(expected).margin(1e-14));
    }
}
