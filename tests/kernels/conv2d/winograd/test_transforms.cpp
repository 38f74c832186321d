#include "strata/kernels/conv2d/winograd/transforms.hpp"

#include "support/catch.hpp"
#include "support/lanes.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;
namespace winograd = strata::authoring::kernels::winograd;

namespace {

template <std::size_t Rows> using square = std::array<std::array<double, Rows>, Rows>;

template <std::size_t Rows> square<Rows> random_square(std::uint64_t seed) {
    const auto values = random_values(Rows * Rows, seed);
    square<Rows> x;
    for (std::size_t i = 0; i < Rows * Rows; ++i) x[i / Rows][i % Rows] = values[i];
    return x;
}

template <class Row, std::size_t To, std::size_t From> square<To> transformed(const square<From>& x) {
    square<To> y;
    winograd::transform<Row, From, To>([&](std::size_t i, std::size_t j) { return x[i][j]; },
                                       [&](std::size_t i, std::size_t j, double value) { y[i][j] = value; });
    return y;
}

template <std::size_t Rows> square<Rows> products(square<Rows> x, const square<Rows>& y) {
    for (std::size_t i = 0; i < Rows; ++i)
        for (std::size_t j = 0; j < Rows; ++j) x[i][j] *= y[i][j];
    return x;
}

template <std::size_t Rows> void check_equal(const square<Rows>& x, const square<Rows>& expected) {
    for (std::size_t i = 0; i < Rows; ++i)
        for (std::size_t j = 0; j < Rows; ++j) CHECK(x[i][j] == Approx(expected[i][j]).margin(1e-14));
}

/// The convolution of a window, and its gradients, by the definition and by the matrices.
template <std::size_t Kernel> void check_window() {
    INFO("kernel of " << Kernel << " taps");
    using matrices = winograd::matrices<Kernel>;
    constexpr std::size_t window = matrices::window;
    const auto x = random_square<window>(1);
    const auto w = random_square<Kernel>(2);
    const auto dy = random_square<winograd::outputs>(3);

    square<winograd::outputs> y{};
    square<window> dx{};
    square<Kernel> dw{};
    for (std::size_t row = 0; row < winograd::outputs; ++row) {
        for (std::size_t column = 0; column < winograd::outputs; ++column) {
            for (std::size_t i = 0; i < Kernel; ++i) {
                for (std::size_t j = 0; j < Kernel; ++j) {
                    y[row][column] += x[row + i][column + j] * w[i][j];
                    dx[row + i][column + j] += dy[row][column] * w[i][j];
                    dw[i][j] += dy[row][column] * x[row + i][column + j];
                }
            }
        }
    }

    const auto of_x = transformed<typename matrices::of_window, window>(x);
    const auto of_w = transformed<typename matrices::of_kernel, window>(w);
    const auto of_dy = transformed<typename matrices::of_outputs, window>(dy);
    check_equal(transformed<typename matrices::to_outputs, winograd::outputs>(products(of_x, of_w)), y);
    check_equal(transformed<typename matrices::to_window, window>(products(of_w, of_dy)), dx);
    check_equal(transformed<typename matrices::to_kernel, Kernel>(products(of_x, of_dy)), dw);
}

}  // namespace

TEST_CASE("winograd: outputs of a window and their gradients are those of the definition") {
    check_window<3>();
    check_window<5>();
}
