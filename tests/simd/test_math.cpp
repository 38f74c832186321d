#include "strata/simd/math.hpp"

#include "simd/function_check.hpp"
#include "support/catch.hpp"
#include "support/ulp.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> constexpr T no_number = std::numeric_limits<T>::quiet_NaN();

}  // namespace

TEMPLATE_TEST_CASE("elementary functions agree with std", "", pack<float>, pack<double>, float, double) {
    using V = TestType;
    using T = scalar_t<V>;
    const auto around_zero = sweep<T>(T(1e-6), T(80), T(1.013));
    const auto positive = [&] {
        auto values = sweep<T>(T(1e-30), T(1e30), T(1.17));
        values.erase(std::remove_if(values.begin(), values.end(), [](T x) { return x <= 0; }), values.end());
        return values;
    }();
    CHECK(worst_ulp<V>(around_zero, STRATA_LIFTED(exp), [](long double x) { return std::exp(x); }) <= 2);
    CHECK(worst_ulp<V>(around_zero, STRATA_LIFTED(expm1), [](long double x) { return std::expm1(x); }) <= 3);
    CHECK(worst_ulp<V>(positive, STRATA_LIFTED(log1p), [](long double x) { return std::log1p(x); }) <= 2);
    CHECK(worst_ulp<V>(around_zero, STRATA_LIFTED(abs), [](long double x) { return std::abs(x); }) == 0);
    CHECK(worst_ulp<V>(around_zero, STRATA_LIFTED(tanh), [](long double x) { return std::tanh(x); }) <= 2);
    CHECK(worst_ulp<V>(positive, STRATA_LIFTED(log), [](long double x) { return std::log(x); }) <= 2);
    CHECK(worst_ulp<V>(positive, STRATA_LIFTED(sqrt), [](long double x) { return std::sqrt(x); }) <= 0.5);
}

TEMPLATE_TEST_CASE("elementary functions know the ends of their range", "", pack<float>, pack<double>, float, double) {
    using V = TestType;
    using T = scalar_t<V>;
    const T inf = infinity<T>, none = no_number<T>;
    CHECK(in_lanes<V>(STRATA_LIFTED(exp), T(0)) == 1);
    CHECK(in_lanes<V>(STRATA_LIFTED(exp), inf) == inf);
    CHECK(in_lanes<V>(STRATA_LIFTED(exp), T(1000)) == inf);
    CHECK(in_lanes<V>(STRATA_LIFTED(exp), -inf) == 0);
    CHECK(in_lanes<V>(STRATA_LIFTED(exp), T(-1000)) == 0);
    CHECK(in_lanes<V>(STRATA_LIFTED(expm1), T(0)) == 0);
    CHECK(in_lanes<V>(STRATA_LIFTED(expm1), T(-1000)) == -1);
    CHECK(in_lanes<V>(STRATA_LIFTED(log), T(1)) == 0);
    CHECK(in_lanes<V>(STRATA_LIFTED(log), T(0)) == -inf);
    CHECK(in_lanes<V>(STRATA_LIFTED(log), inf) == inf);
    CHECK(std::isnan(in_lanes<V>(STRATA_LIFTED(log), T(-1))));
    CHECK(in_lanes<V>(STRATA_LIFTED(sqrt), T(0)) == 0);
    CHECK(in_lanes<V>(STRATA_LIFTED(sqrt), inf) == inf);
    CHECK(std::isnan(in_lanes<V>(STRATA_LIFTED(sqrt), T(-1))));
    CHECK(in_lanes<V>(STRATA_LIFTED(abs), -inf) == inf);
    CHECK(in_lanes<V>(STRATA_LIFTED(tanh), T(0)) == 0);
    CHECK(in_lanes<V>(STRATA_LIFTED(tanh), T(1e-10)) == T(1e-10));  // the slope at zero is exactly one
    const T below_one = 1 - std::numeric_limits<T>::epsilon() / 2;  // what other roundings than x86's may give
    for (const T large : {T(50), inf}) {
        CHECK(in_lanes<V>(STRATA_LIFTED(tanh), large) >= below_one);
        CHECK(in_lanes<V>(STRATA_LIFTED(tanh), large) <= 1);
        CHECK(in_lanes<V>(STRATA_LIFTED(tanh), -large) <= -below_one);
        CHECK(in_lanes<V>(STRATA_LIFTED(tanh), -large) >= -1);
    }
    CHECK(std::isnan(in_lanes<V>(STRATA_LIFTED(exp), none)));
    CHECK(std::isnan(in_lanes<V>(STRATA_LIFTED(expm1), none)));
    CHECK(std::isnan(in_lanes<V>(STRATA_LIFTED(log), none)));
    CHECK(std::isnan(in_lanes<V>(STRATA_LIFTED(log1p), none)));
    CHECK(std::isnan(in_lanes<V>(STRATA_LIFTED(tanh), none)));
}

// A program that traps invalid operations must not stop where a sum is large or a masked lane is minus infinity.
TEMPLATE_TEST_CASE("exp, and expm1 of what is not positive, do nothing invalid", "", pack<float>, pack<double>, float,
                   double) {
    using V = TestType;
    using T = scalar_t<V>;
    for (const T x : {T(1e30), T(-1e30), std::numeric_limits<T>::max(), std::numeric_limits<T>::lowest(), infinity<T>,
                      -infinity<T>}) {
        std::feclearexcept(FE_ALL_EXCEPT);
        const T power = in_lanes<V>(STRATA_LIFTED(exp), x);
        const T less_one = in_lanes<V>(STRATA_LIFTED(expm1), std::min(x, T(0)));
        CHECK(std::fetestexcept(FE_INVALID) == 0);
        CHECK(power == (x > 0 ? infinity<T> : 0));
        CHECK(less_one == (x > 0 ? 0 : -1));
    }
}

// Were it otherwise, a NaN in the data would pass a ReLU or a Tanh as an ordinary number, and training would go on.
TEMPLATE_TEST_CASE("min and max keep a value that is no number", "", pack<float>, pack<double>, float, double) {
    using V = TestType;
    using T = scalar_t<V>;
    const auto clipped = [](const V& x) { return math::max(V(T(-2)), math::min(V(T(3)), x)); };
    CHECK(in_lanes<V>(clipped, T(1.5)) == T(1.5));
    CHECK(in_lanes<V>(clipped, T(7)) == T(3));
    CHECK(in_lanes<V>(clipped, T(-7)) == T(-2));
    CHECK(in_lanes<V>(clipped, infinity<T>) == T(3));
    CHECK(in_lanes<V>(clipped, -infinity<T>) == T(-2));
    CHECK(std::isnan(in_lanes<V>(clipped, no_number<T>)));
}

TEMPLATE_TEST_CASE("select chooses lane by lane", "", pack<float>, pack<double>) {
    using V = TestType;
    using T = scalar_t<V>;
    std::array<T, lanes<V>> values, chosen;
    for (std::size_t n = 0; n < lanes<V>; ++n) values[n] = static_cast<T>(n) - T(1);
    const V x = load<V>(values.data());
    store<V>(math::select(x > V(T(0)), x, V(T(-9))), chosen.data());
    for (std::size_t n = 0; n < lanes<V>; ++n) CHECK(chosen[n] == (values[n] > 0 ? values[n] : T(-9)));
}

TEST_CASE("tanh in float is within 2 ulp everywhere") {
    using V = pack<float>;
    constexpr std::uint32_t stride = 1499;  // prime, so that no pattern of the mantissa is left out
    double worst = 0;
    float worst_at = 0;
    std::array<float, lanes<V>> x, y;
    const auto up_to = std::bit_cast<std::uint32_t>(infinity<float>);
    for (std::uint32_t bits = 0; bits < up_to; bits += stride * static_cast<std::uint32_t>(lanes<V>)) {
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            x[n] = std::bit_cast<float>(std::min(bits + stride * static_cast<std::uint32_t>(n), up_to)) *
                   (n % 2 ? -1.f : 1.f);
        }
        store<V>(math::tanh(load<V>(x.data())), y.data());
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            const double exact = std::tanh(static_cast<double>(x[n]));
            const double distance = ulp_distance(y[n], exact);
            if (!(distance <= worst)) {
                worst = distance;
                worst_at = x[n];
            }
            if (std::abs(y[n]) > 1) worst = infinity<double>;
        }
    }
    store<V>(math::tanh(V(9.02f)), y.data());
    CHECK(y[0] == 1);
    INFO("worst: " << worst << " ulp at " << worst_at);
    CHECK(worst <= (lanes<V> == 1 ? 2.1 : 2));  // a single float is the standard library's
}

TEMPLATE_TEST_CASE("tanh of many packs is that of each", "", float, double, pack<float>, pack<double>) {
    using V = TestType;
    using T = scalar_t<V>;
    for (const std::size_t packs : {0, 1, 23, 24, 25, 49}) {
        const std::size_t count = packs * lanes<V>;
        std::vector<T> z(count + 1, T(7));
        for (std::size_t i = 0; i < count; ++i) z[i] = T(i % 101) / T(10) - T(5);
        std::vector<T> each = z, all(count + 1, T(7));
        for (std::size_t i = 0; i < count; i += lanes<V>) store<V>(math::tanh(load<V>(&z[i])), &each[i]);
        math::tanh<V>(z.data(), packs, all.data());
        CHECK(all == each);
        math::tanh<V>(z.data(), packs, z.data());
        CHECK(z == each);
    }
}
