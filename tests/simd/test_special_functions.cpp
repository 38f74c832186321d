#include "strata/simd/special_functions.hpp"

#include "simd/function_check.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <limits>

using namespace strata::authoring;
using namespace strata::authoring::test;

TEMPLATE_TEST_CASE("erfc is accurate in both tails and between", "", pack<float>, pack<double>, float, double) {
    using V = TestType;
    using T = scalar_t<V>;
    const auto erfc = STRATA_LIFTED(erfc);
    const auto exact = [](long double x) { return std::erfc(x); };
    const T largest = sizeof(T) == sizeof(float) ? T(9.1) : T(26);  // beyond it the result is no normal number
    CHECK(worst_ulp<V>(sweep<T>(T(1e-6), largest, T(1.002)), erfc, exact) <= 16);
    CHECK(std::abs(in_lanes<V>(erfc, T(0)) - 1) <= 8 * std::numeric_limits<T>::epsilon());
    for (const T far : {T(30), T(1e30), std::numeric_limits<T>::infinity()}) {
        CHECK(in_lanes<V>(erfc, far) == 0);
        CHECK(in_lanes<V>(erfc, -far) == 2);
    }
    CHECK(std::isnan(in_lanes<V>(erfc, std::numeric_limits<T>::quiet_NaN())));
}

TEMPLATE_TEST_CASE("z - tanh(z) is accurate near zero", "", pack<float>, pack<double>, float, double) {
    using V = TestType;
    using T = scalar_t<V>;
    const auto exact = [](long double z) {
        const long double q = z * z;  // beyond q^12 the series has nothing more for |z| < 0.05
        return std::abs(z) < 0.05L
                   ? z * q * (1 / 3.L - q * (2 / 15.L - q * (17 / 315.L - q * (62 / 2835.L - q * 1382 / 155925))))
                   : z - std::tanh(z);
    };
    CHECK(worst_ulp<V>(sweep<T>(T(1e-6), T(80), T(1.013)), STRATA_LIFTED(minus_tanh), exact) <= 20);
    CHECK(in_lanes<V>(STRATA_LIFTED(minus_tanh), T(0)) == 0);
    CHECK(in_lanes<V>(STRATA_LIFTED(minus_tanh), T(-1e30)) == T(-1e30));
    CHECK(std::isnan(in_lanes<V>(STRATA_LIFTED(minus_tanh), std::numeric_limits<T>::quiet_NaN())));
}
