#include "strata/kernels/activation/smooth.hpp"

#include "kernels/activation/function_check.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

real logistic(real z) { return 1 / (1 + std::exp(-z)); }
real logistic_slope(real z) { return 1 / (2 + std::exp(z) + std::exp(-z)); }
real softplus(real z) { return std::max(z, real(0)) + std::log1p(std::exp(-std::abs(z))); }

constexpr real sqrt_half = 0.707106769084930419921875;  // as a float, see kernels::gelu
real probability(real z) { return std::erfc(-z * sqrt_half) / 2; }
real gelu_slope(real z) {
    const real u = std::min(std::abs(z), real(1e3)) * sqrt_half;
    return probability(z) + (z < 0 ? -1 : 1) * u * std::exp(-u * u) * std::numbers::inv_sqrtpi_v<real>;
}

constexpr real cubic = 0.044714998453855514526367;  // as a float, see kernels::gelu_tanh
const real twice_scale = 2 * std::sqrt(2 / std::numbers::pi_v<real>);
real twice_w(real z) { return twice_scale * (z + cubic * z * z * z); }
real gelu_tanh_slope(real z) {
    const real x = std::clamp(z, real(-100), real(100)), w = twice_w(x);
    return logistic(w) + x * logistic_slope(w) * twice_scale * (1 + 3 * cubic * x * x);
}

real silu_slope(real z) {
    const real x = std::clamp(z, real(-1e3), real(1e3));
    return logistic(x) + x * logistic_slope(x);
}

real mish(real z) { return z * std::tanh(softplus(z)); }
real mish_slope(real z) {
    const real x = std::clamp(z, real(-1e3), real(1e3)), t = std::tanh(softplus(x));
    return t + x * (1 - t) * (1 + t) * logistic(x);
}

real squareplus(real z) {
    const real root = std::hypot(z, real(2));
    return z < 0 ? 2 / (root - z) : (z + root) / 2;
}

real minus_tanh(real z) {
    const real q = z * z;
    return std::abs(z) < 0.01L ? z * q * (1 / 3.L - q * (2 / 15.L - q * (17 / 315.L))) : z - std::tanh(z);
}

}  // namespace

TEST_CASE("sigmoid, tanh and what is made of them") {
    check_everywhere<kernels::sigmoid>(logistic, logistic_slope);
    check_everywhere<kernels::tanh>([](real z) { return std::tanh(z); },
                                    [](real z) { return 1 / (std::cosh(z) * std::cosh(z)); });
    check_everywhere<kernels::scaled_tanh<1.7159, 0.5>>([](real z) { return 1.7159L * std::tanh(z / 2); },
                                                        [](real z) {
                                                            const real c = std::cosh(z / 2);
                                                            return 1.7159L / 2 / (c * c);
                                                        });
    check_everywhere<kernels::tanh_shrink>(minus_tanh, [](real z) { return std::tanh(z) * std::tanh(z); });
    check_everywhere<kernels::silu>([](real z) { return z * logistic(z); }, silu_slope);
    check_everywhere<kernels::mish>(mish, mish_slope);
    check_everywhere<kernels::softplus>(softplus, logistic);
    check_everywhere<kernels::log_sigmoid>([](real z) { return -softplus(-z); }, [](real z) { return logistic(-z); });
}

TEST_CASE("exponential, elu, selu and celu") {
    check_everywhere<kernels::exponential>([](real z) { return std::exp(z); }, [](real z) { return std::exp(z); });
    check_everywhere<kernels::elu>([](real z) { return z > 0 ? z : std::expm1(z); },
                                   [](real z) { return z > 0 ? 1 : std::exp(z); });
    check_everywhere<kernels::scaled_elu<0.5>>([](real z) { return z > 0 ? z : std::expm1(z) / 2; },
                                               [](real z) { return z > 0 ? 1 : std::exp(z) / 2; });
    constexpr real scale = 1.0507009873554805, alpha = 1.6732632423543772;
    check_function<kernels::selu>([](real z) { return scale * (z > 0 ? z : alpha * std::expm1(z)); },
                                  [](real z) { return z >= 0 ? scale : scale * alpha * std::exp(z); });
    check_everywhere<kernels::celu<2>>([](real z) { return z > 0 ? z : 2 * std::expm1(z / 2); },
                                       [](real z) { return z > 0    ? 1
                                                           : z == 0 ? 2
                                                                    : std::exp(z / 2); });
}

TEST_CASE("gelu, by erfc and by tanh") {
    check_everywhere<kernels::gelu>([](real z) { return z * probability(z); }, gelu_slope);
    check_everywhere<kernels::gelu_tanh>([](real z) { return z * logistic(twice_w(z)); }, gelu_tanh_slope);
    // Where 1 + erf would cancel.
    CHECK(double(kernels::gelu::apply(-5.f)) == Approx(-1.43326e-06).epsilon(1e-5));
    CHECK(only_value(kernels::gelu::apply(pack<float>(-6.f))) == Approx(-5.9195e-09).epsilon(1e-5));
}

TEST_CASE("softsign and squareplus") {
    check_everywhere<kernels::softsign>([](real z) { return z / (1 + std::abs(z)); },
                                        [](real z) { return 1 / ((1 + std::abs(z)) * (1 + std::abs(z))); });
    check_everywhere<kernels::squareplus<4>>(squareplus, [](real z) {
        const real root = std::hypot(z, real(2));
        return squareplus(z) / root;
    });
    check_function<kernels::squareplus<1>>([](real z) { return (z + std::hypot(z, real(1))) / 2; },
                                           [](real z) { return (1 + z / std::hypot(z, real(1))) / 2; });
}

TEST_CASE("activations that approach zero keep their digits") {
    check_tail<kernels::sigmoid>(-1, -700, logistic);
    check_tail<kernels::exponential>(-1, -700, [](real z) { return std::exp(z); });
    check_tail<kernels::silu>(-1, -700, [](real z) { return z * logistic(z); });
    check_tail<kernels::mish>(-1, -700, mish);
    check_tail<kernels::softplus>(-1, -700, softplus);
    check_tail<kernels::log_sigmoid>(1, 700, [](real z) { return -softplus(-z); });
    check_tail<kernels::gelu>(-1, -37, [](real z) { return z * probability(z); });
    check_tail<kernels::gelu_tanh>(-1, -20, [](real z) { return z * logistic(twice_w(z)); });
    check_tail<kernels::squareplus<4>>(-1, -1e9, squareplus);
    check_tail<kernels::tanh_shrink>(1e-3, 30, minus_tanh);
    check_tail<kernels::elu>(-1e-6, -1, [](real z) { return std::expm1(z); });
    check_tail<kernels::softsign>(1e-6, 1e6, [](real z) { return z / (1 + z); });
}
