#include "strata/kernels/activation.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

using namespace strata;
using namespace strata::test;

namespace {

/// The derivative as a layer computes it, from the result or from the input.
template <class Function, class V> V derivative(const V& z) {
    if constexpr (requires { Function::slope(z); })
        return Function::slope(Function::apply(z));
    else
        return Function::slope_of_input(z);
}

/// Checks a function and its derivative at points from -30 to 30 against formulas in long double.
template <class Function, class Value, class Slope> void check_function(Value&& value, Slope&& slope) {
    const auto check = [&]<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        // xsimd's erf of a double is good to 7e-15 only.
        constexpr double tolerance = sizeof(T) == sizeof(float) ? 1e-6 : lanes<V> > 1 ? 2e-14 : 4e-15;
        INFO(name);
        aligned_vector<V> z(1);
        for (int step = -4096; step <= 4096; step += int(lanes<V>)) {
            for (std::size_t n = 0; n < lanes<V>; ++n) {
                const int i = step + int(n);
                as_lanes(z.data())[n] = T(i) * T(30.0 / 4096) * (i % 2 == 0 ? T(1) : T(1.0 / 64));  // also near zero
            }
            const aligned_vector<V> y(1, Function::apply(z[0])), dy(1, derivative<Function>(z[0]));
            for (std::size_t n = 0; n < lanes<V>; ++n) {
                const long double exact = as_lanes(z.data())[n], f = value(exact), d = slope(exact);
                INFO("z = " << double(exact));
                REQUIRE(std::abs(double(as_lanes(y.data())[n] - f)) <= tolerance * std::max(1.0, std::abs(double(f))));
                REQUIRE(std::abs(double(as_lanes(dy.data())[n] - d)) <= tolerance * std::max(1.0, std::abs(double(d))));
            }
        }
    };
    check(0.0, "double");
    for_each_pack(check);
}

using real = long double;

}  // namespace

TEST_CASE("activation functions and their derivatives") {
    check_function<kernels::linear>([](real z) { return z; }, [](real) { return 1; });
    check_function<kernels::relu>([](real z) { return z > 0 ? z : 0; }, [](real z) { return z > 0 ? 1 : 0; });
    check_function<kernels::sigmoid>([](real z) { return 1 / (1 + std::exp(-z)); },
                                     [](real z) { return 1 / (2 + std::exp(z) + std::exp(-z)); });
    check_function<kernels::tanh>([](real z) { return std::tanh(z); },
                                  [](real z) { return 1 / (std::cosh(z) * std::cosh(z)); });
    check_function<kernels::elu>([](real z) { return z > 0 ? z : std::expm1(z); },
                                 [](real z) { return z > 0 ? 1 : std::exp(z); });
    constexpr real sqrt_half = 0.707106769084930419921875;  // as a float, see kernels::gelu
    const auto probability = [](real z) { return std::erfc(-z * sqrt_half) / 2; };
    check_function<kernels::gelu>([&](real z) { return z * probability(z); },
                                  [&](real z) {
                                      const real density = std::exp(-z * z * sqrt_half * sqrt_half) * sqrt_half *
                                                           std::numbers::inv_sqrtpi_v<real>;
                                      return probability(z) + z * density;
                                  });
}

TEST_CASE("activations of huge values stay finite, and those of NaN are NaN") {
    const auto check = []<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        INFO(name);
        const auto first = [](const V& v) { return double(sum_lanes(v)) / double(lanes<V>); };
        const T huge = T(1e30);
        const T nan = std::numeric_limits<T>::quiet_NaN();
        CHECK(first(kernels::sigmoid::apply(V(huge))) == 1);
        CHECK(first(kernels::sigmoid::apply(V(-huge))) == 0);
        const double below_one = lanes<V> == 1 ? 1 : 1 - std::numeric_limits<T>::epsilon() / 2;  // see math::tanh
        CHECK(first(kernels::tanh::apply(V(huge))) >= below_one);
        CHECK(first(kernels::tanh::apply(V(huge))) <= 1);
        CHECK(first(kernels::tanh::apply(V(-huge))) <= -below_one);
        CHECK(first(kernels::tanh::apply(V(-huge))) >= -1);
        CHECK(first(kernels::elu::apply(V(-huge))) == -1);
        CHECK(first(kernels::elu::slope(V(T(-1)))) == 0);
        CHECK(first(kernels::relu::apply(V(-huge))) == 0);
        CHECK(first(kernels::gelu::apply(V(-huge))) == 0);
        CHECK(first(kernels::gelu::slope_of_input(V(-huge))) == 0);
        CHECK(first(kernels::gelu::slope_of_input(V(huge))) == 1);
        CHECK(std::isnan(first(kernels::relu::apply(V(nan)))));
        CHECK(std::isnan(first(kernels::elu::apply(V(nan)))));
        CHECK(std::isnan(first(kernels::sigmoid::apply(V(nan)))));
        CHECK(std::isnan(first(kernels::tanh::apply(V(nan)))));
        CHECK(std::isnan(first(kernels::gelu::apply(V(nan)))));
    };
    check(0.0, "double");
    for_each_pack(check);
}

namespace {

template <std::size_t Rows, std::size_t Columns, class Activation, bool Bias> void check_gradient() {
    for_each_pack([]<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        INFO(name << ", " << Rows << "x" << Columns);
        const auto y = random_cells<V>(Rows * Columns, 1), upstream = random_cells<V>(Rows * Columns, 2);
        auto dy = upstream;
        auto db = random_values<T>(Columns, 3);
        kernels::activation_gradient<Rows, Columns, Activation, Bias>(y.data(), dy.data(), Bias ? db.data() : nullptr);

        aligned_vector<double> expected_db = random_values(Columns, 3);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const auto result = lane(y, n);
            auto expected = lane(upstream, n);
            for (std::size_t i = 0; i < Rows * Columns; ++i) {
                expected[i] *= Activation::slope(result[i]);
                if (Bias) expected_db[i % Columns] += expected[i];
            }
            CHECK(relative_error(lane(dy, n), expected) < rounding<V>);
        }
        CHECK(relative_error(db, expected_db) < rounding<V>);
    });
}

template <std::size_t Rows, std::size_t Columns> void check_softmax() {
    for_each_pack([]<class V>(const V&, const char* name) {
        INFO(name << ", " << Rows << "x" << Columns);
        const auto x = random_cells<V>(Rows * Columns, 1), dy = random_cells<V>(Rows * Columns, 2);
        auto y = unwritten_cells<V>(Rows * Columns), dx = unwritten_cells<V>(Rows * Columns);
        kernels::softmax_forward<Rows, Columns>(x.data(), y.data());
        kernels::softmax_gradient<Rows, Columns>(y.data(), dy.data(), dx.data());
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const auto z = lane(x, n), upstream = lane(dy, n);
            aligned_vector<double> p(Rows * Columns), dz(Rows * Columns);
            for (std::size_t row = 0; row < Rows * Columns; row += Columns) {
                double sum = 0;
                for (std::size_t i = 0; i < Columns; ++i) sum += std::exp(z[row + i]);
                for (std::size_t i = 0; i < Columns; ++i) p[row + i] = std::exp(z[row + i]) / sum;
                for (std::size_t i = 0; i < Columns; ++i) {
                    for (std::size_t j = 0; j < Columns; ++j) {
                        dz[row + i] += upstream[row + j] * p[row + j] * ((i == j) - p[row + i]);
                    }
                }
            }
            CHECK(relative_error(lane(y, n), p) < rounding<V>);
            CHECK((Columns == 1 || relative_error(lane(dx, n), dz) < rounding<V>));  // of one class it is zero
        }
    });
}

}  // namespace

TEST_CASE("activation_gradient scales dy and adds its sums to the bias' gradient") {
    check_gradient<5, 7, kernels::tanh, true>();
    check_gradient<3, 13, kernels::sigmoid, true>();
    check_gradient<1, 8, kernels::linear, true>();
    check_gradient<2, 17, kernels::relu, false>();
    check_gradient<2, 3, kernels::linear, false>();
}

TEST_CASE("softmax and its gradient, row by row") {
    check_softmax<1, 10>();
    check_softmax<3, 7>();
    check_softmax<2, 1>();
}

TEST_CASE("softmax of huge logits") {
    aligned_vector<double> x{1e4, 1e4, -1e4}, y(3);
    kernels::softmax_forward<1, 3>(x.data(), y.data());
    CHECK(y[0] == 0.5);
    CHECK(y[1] == 0.5);
    CHECK(y[2] == 0);
}
