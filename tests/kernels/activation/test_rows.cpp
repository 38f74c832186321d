#include "strata/kernels/activation/rows.hpp"

#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using row = std::vector<double>;

/// A function of a row: what it is, and its derivative of result i by cell j, given the cells.
struct row_function {
    std::function<row(const row&)> value;
    std::function<double(const row&, std::size_t, std::size_t)> derivative;
};

row softmax(const row& x) {
    row y(x.size());
    double sum = 0;
    for (const double cell : x) sum += std::exp(cell);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = std::exp(x[i]) / sum;
    return y;
}

/// By sorting, as in the paper.
row sparsemax(const row& x) {
    row sorted = x;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    double sum = 0, t = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
        sum += sorted[k];
        if (1 + double(k + 1) * sorted[k] > sum) t = (sum - 1) / double(k + 1);
    }
    row y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = std::max(x[i] - t, 0.0);
    return y;
}

const row_function softmax_of_row{softmax, [](const row& x, std::size_t i, std::size_t j) {
                                      const row y = softmax(x);
                                      return y[i] * ((i == j) - y[j]);
                                  }};

const row_function log_softmax_of_row{
    [](const row& x) {
        row y = softmax(x);
        for (double& cell : y) cell = std::log(cell);
        return y;
    },
    [](const row& x, std::size_t i, std::size_t j) { return (i == j) - softmax(x)[j]; }};

const row_function sparsemax_of_row{sparsemax, [](const row& x, std::size_t i, std::size_t j) {
                                        const row y = sparsemax(x);
                                        const auto support =
                                            std::count_if(y.begin(), y.end(), [](double p) { return p > 0; });
                                        return y[i] > 0 && y[j] > 0 ? (i == j) - 1.0 / double(support) : 0.0;
                                    }};

double gate_of(double z) { return 1 / (1 + std::exp(-z)); }

const row_function glu_of_row{[](const row& x) {
                                  row y(x.size() / 2);
                                  for (std::size_t i = 0; i < y.size(); ++i) y[i] = x[i] * gate_of(x[y.size() + i]);
                                  return y;
                              },
                              [](const row& x, std::size_t i, std::size_t j) {
                                  const std::size_t columns = x.size() / 2;
                                  const double gate = gate_of(x[columns + i]);
                                  if (j == i) return gate;
                                  return j == columns + i ? x[i] * gate * (1 - gate) : 0.0;
                              }};

/// Runs `forward(x, y)` and `backward(x, y, dy, dx)` on cells within +-3 and compares each sample with a row function.
template <std::size_t Rows, std::size_t Inputs, std::size_t Outputs, class Forward, class Backward>
void check_rows(const row_function& function, Forward&& forward, Backward&& backward) {
    for_each_pack([&]<class V>(const V&, const char* name) {
        INFO(name << ", " << Rows << " rows of " << Inputs);
        auto x = random_lanes<V>(Rows * Inputs, 1);
        for (V& cell : x) cell = cell * V(scalar_t<V>(3));
        const auto dy = random_lanes<V>(Rows * Outputs, 2);
        auto y = unwritten_cells<V>(Rows * Outputs), dx = unwritten_cells<V>(Rows * Inputs);
        forward(x.data(), y.data());
        backward(x.data(), y.data(), dy.data(), dx.data());
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const auto cells = lane(x, n), upstream = lane(dy, n);
            row expected_y, expected_dx;
            for (std::size_t r = 0; r < Rows; ++r) {
                const row z(cells.begin() + std::ptrdiff_t(r * Inputs),
                            cells.begin() + std::ptrdiff_t((r + 1) * Inputs));
                const row result = function.value(z);
                expected_y.insert(expected_y.end(), result.begin(), result.end());
                for (std::size_t j = 0; j < Inputs; ++j) {
                    double sum = 0;
                    for (std::size_t i = 0; i < Outputs; ++i)
                        sum += upstream[r * Outputs + i] * function.derivative(z, i, j);
                    expected_dx.push_back(sum);
                }
            }
            CHECK(relative_error(lane(y, n), expected_y) < rounding<V>);
            const double scale = *std::max_element(expected_dx.begin(), expected_dx.end());
            CHECK((std::abs(scale) < 1e-10 || relative_error(lane(dx, n), expected_dx) < 2 * rounding<V>));
        }
    });
}

template <std::size_t Rows, std::size_t Columns> void check_softmax() {
    check_rows<Rows, Columns, Columns>(
        softmax_of_row, [](const auto* x, auto* y) { kernels::softmax_forward<Rows, Columns>(x, y); },
        [](const auto*, const auto* y, const auto* dy, auto* dx) {
            kernels::softmax_gradient<Rows, Columns>(y, dy, dx);
        });
}

template <std::size_t Rows, std::size_t Columns> void check_log_softmax() {
    check_rows<Rows, Columns, Columns>(
        log_softmax_of_row, [](const auto* x, auto* y) { kernels::log_softmax_forward<Rows, Columns>(x, y); },
        [](const auto*, const auto* y, const auto* dy, auto* dx) {
            kernels::log_softmax_gradient<Rows, Columns>(y, dy, dx);
        });
}

template <std::size_t Rows, std::size_t Columns> void check_sparsemax() {
    check_rows<Rows, Columns, Columns>(
        sparsemax_of_row, [](const auto* x, auto* y) { kernels::sparsemax_forward<Rows, Columns>(x, y); },
        [](const auto*, const auto* y, const auto* dy, auto* dx) {
            kernels::sparsemax_gradient<Rows, Columns>(y, dy, dx);
        });
}

template <std::size_t Rows, std::size_t Columns> void check_glu() {
    check_rows<Rows, 2 * Columns, Columns>(
        glu_of_row, [](const auto* x, auto* y) { kernels::glu_forward<Rows, Columns>(x, y); },
        [](const auto* x, const auto*, const auto* dy, auto* dx) { kernels::glu_gradient<Rows, Columns>(x, dy, dx); });
}

}  // namespace

TEST_CASE("softmax and its gradient, row by row") {
    check_softmax<1, 10>();
    check_softmax<3, 7>();
    check_softmax<2, 1>();
}

TEST_CASE("log_softmax and its gradient, row by row") {
    check_log_softmax<1, 10>();
    check_log_softmax<3, 7>();
}

TEST_CASE("sparsemax and its gradient, row by row") {
    check_sparsemax<1, 10>();
    check_sparsemax<3, 7>();
    check_sparsemax<2, 1>();
    check_sparsemax<1, 60>();
}

TEST_CASE("glu and its gradient, row by row") {
    check_glu<1, 9>();
    check_glu<3, 5>();
}

TEST_CASE("rows of huge cells") {
    const aligned_vector<double> x{1e4, 1e4, -1e4};
    aligned_vector<double> y(3);
    const auto is = [&](double a, double b, double c) { return y[0] == a && y[1] == b && y[2] == c; };
    kernels::softmax_forward<1, 3>(x.data(), y.data());
    CHECK(is(0.5, 0.5, 0));
    kernels::sparsemax_forward<1, 3>(x.data(), y.data());
    CHECK(is(0.5, 0.5, 0));
    kernels::log_softmax_forward<1, 3>(x.data(), y.data());
    CHECK(y[0] == Approx(-std::log(2)));
    CHECK(y[2] == Approx(-2e4 - std::log(2)));
    const aligned_vector<double> gated{1e30, -1e30, 1e30, -1e30};
    kernels::glu_forward<1, 2>(gated.data(), y.data());
    CHECK(y[0] == 1e30);
    CHECK(y[1] == 0);
}

TEST_CASE("rows with a cell that is not a number") {
    for_each_pack([]<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        INFO(name);
        for (const std::size_t at : {0, 1, 2}) {
            aligned_vector<V> x(3, V(T(1))), y(3, V(T(0)));
            x[at] = V(T(NAN));
            const auto all_are_nan = [&] {
                return std::all_of(y.begin(), y.end(), [](const V& cell) { return std::isnan(sum_lanes(cell)); });
            };
            kernels::softmax_forward<1, 3>(x.data(), y.data());
            CHECK(all_are_nan());
            kernels::log_softmax_forward<1, 3>(x.data(), y.data());
            CHECK(all_are_nan());
            kernels::sparsemax_forward<1, 3>(x.data(), y.data());
            CHECK(all_are_nan());
        }
    });
}
