#include "strata/kernels/activation/piecewise.hpp"

#include "kernels/activation/function_check.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

real relu6(real z) { return std::clamp(z, real(0), real(6)); }
real within(real z, real limit) { return std::abs(z) < limit; }

/// The derivative at one point.
template <class Function> double slope_at(double z) { return derivative<Function>(z); }

}  // namespace

TEST_CASE("linear, relu and its variants") {
    check_everywhere<kernels::linear>([](real z) { return z; }, [](real) { return 1; });
    check_everywhere<kernels::relu>([](real z) { return z > 0 ? z : 0; }, [](real z) { return z > 0; });
    check_everywhere<kernels::relu6>(relu6, [](real z) { return z > 0 && z < 6; });
    constexpr real leak = 0.300000011920928955078125;  // as a float, see kernels::leaky_relu
    check_everywhere<kernels::leaky_relu<0.3>>([](real z) { return z > 0 ? z : leak * z; },
                                               [](real z) { return z > 0 ? 1 : leak; });
}

TEST_CASE("relu with a largest value, a slope and a threshold") {
    check_everywhere<kernels::bounded_relu<unbounded, 0, 0>>([](real z) { return z > 0 ? z : 0; },
                                                             [](real z) { return z > 0; });
    check_everywhere<kernels::bounded_relu<4, 0, 0>>([](real z) { return std::clamp(z, real(0), real(4)); },
                                                     [](real z) { return z > 0 && z <= 4; });
    check_everywhere<kernels::bounded_relu<unbounded, 0, 2>>([](real z) { return z > 2 ? z : 0; },
                                                             [](real z) { return z > 2; });
    check_everywhere<kernels::bounded_relu<6, 0.125, 1>>(
        [](real z) { return z > 1 ? std::min(z, real(6)) : (z - 1) / 8; },
        [](real z) { return z > 1   ? z <= 6
                            : z < 1 ? 0.125L
                                    : 0; });
    check_everywhere<kernels::bounded_relu<6, 0.125, 0>>([](real z) { return z > 0 ? std::min(z, real(6)) : z / 8; },
                                                         [](real z) { return z > 0   ? z < 6
                                                                             : z < 0 ? 0.125L
                                                                                     : 0; });
}

TEST_CASE("functions of three pieces") {
    check_everywhere<kernels::hard_sigmoid>([](real z) { return relu6(z + 3) / 6; },
                                            [](real z) { return within(z, 3) / 6; });
    check_everywhere<kernels::hard_silu>([](real z) { return z * (relu6(z + 3) / 6); },
                                         [](real z) { return relu6(z + 3) / 6 + (std::abs(z) < 3 ? z / 6 : 0); });
    check_everywhere<kernels::hard_tanh>([](real z) { return std::clamp(z, real(-1), real(1)); },
                                         [](real z) { return std::abs(z) <= 1; });
    check_everywhere<kernels::hard_shrink<0.5>>([](real z) { return std::abs(z) > 0.5 ? z : 0; },
                                                [](real z) { return std::abs(z) > 0.5; });
    check_everywhere<kernels::soft_shrink<0.5>>([](real z) { return z - std::clamp(z, real(-0.5), real(0.5)); },
                                                [](real z) { return std::abs(z) > 0.5; });
    check_everywhere<kernels::threshold<1.5, -3>>([](real z) { return z > 1.5 ? z : -3; },
                                                  [](real z) { return z > 1.5; });
    check_everywhere<kernels::sparse_sigmoid>([](real z) { return std::clamp((z + 1) / 2, real(0), real(1)); },
                                              [](real z) { return within(z, 1) / 2; });
    check_everywhere<kernels::sparse_plus>([](real z) { return z <= -1 ? 0
                                                               : z < 1 ? (z + 1) * (z + 1) / 4
                                                                       : z; },
                                           [](real z) { return std::clamp((z + 1) / 2, real(0), real(1)); });
}

TEST_CASE("at the end of a piece the derivative is Keras'") {
    CHECK(slope_at<kernels::relu>(0) == 0);
    CHECK(slope_at<kernels::leaky_relu<0.25>>(0) == 0.25);
    CHECK(slope_at<kernels::relu6>(0) == 0);
    CHECK(slope_at<kernels::relu6>(6) == 0);
    CHECK(slope_at<kernels::bounded_relu<4, 0, 0>>(4) == 1);
    CHECK(slope_at<kernels::bounded_relu<6, 0.5, 1>>(6) == 1);
    CHECK(slope_at<kernels::bounded_relu<6, 0.5, 1>>(1) == 0);
    CHECK(slope_at<kernels::hard_sigmoid>(-3) == 0);
    CHECK(slope_at<kernels::hard_sigmoid>(3) == 0);
    CHECK(slope_at<kernels::hard_silu>(-3) == 0);
    CHECK(slope_at<kernels::hard_silu>(3) == 1);
    CHECK(slope_at<kernels::hard_tanh>(-1) == 1);
    CHECK(slope_at<kernels::hard_tanh>(1) == 1);
    CHECK(slope_at<kernels::hard_shrink<0.5>>(0.5) == 0);
    CHECK(slope_at<kernels::soft_shrink<0.5>>(-0.5) == 0);
    CHECK(slope_at<kernels::threshold<1, 0>>(1) == 0);
}
