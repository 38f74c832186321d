#pragma once

#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cfenv>
#include <cmath>
#include <cstddef>
#include <limits>

/// Activation functions of one cell against formulas in long double.
namespace strata::test {

using real = long double;

/// The derivative as a layer computes it, from the result or from the input.
template <class Function, class V> V derivative(const V& z) {
    if constexpr (requires { Function::slope(z); })
        return Function::slope(Function::apply(z));
    else
        return Function::slope_of_input(z);
}

/// Calls f(V{}, "name of V") for the packs and for single numbers.
template <class F> void for_each_value_type(F&& f) {
    f(0.0f, "float");
    f(0.0, "double");
    for_each_pack(f);
}

/// One of the lanes, which all have to agree.
template <class V> double only_value(const V& v) {
    const auto* values = as_lanes(&v);
    for (std::size_t n = 1; n < lanes<V>; ++n) {
        if (!std::isnan(values[0]) || !std::isnan(values[n])) REQUIRE(values[n] == values[0]);
    }
    return double(values[0]);
}

/// Checks a function and its derivative at points from -30 to 30.
template <class Function, class Value, class Slope> void check_function(Value&& value, Slope&& slope) {
    for_each_value_type([&]<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        constexpr double tolerance = sizeof(T) == sizeof(float) ? 1.5e-6 : 5e-15;
        INFO(name);
        aligned_vector<V> z(1);
        for (int step = -4096; step <= 4096; step += int(lanes<V>)) {
            for (std::size_t n = 0; n < lanes<V>; ++n) {
                const int i = step + int(n);
                as_lanes(z.data())[n] = T(i) * T(30.0 / 4096) * (i % 2 == 0 ? T(1) : T(1.0 / 64));  // also near zero
            }
            const aligned_vector<V> y(1, Function::apply(z[0])), dy(1, derivative<Function>(z[0]));
            for (std::size_t n = 0; n < lanes<V>; ++n) {
                const real exact = as_lanes(z.data())[n], f = value(exact), d = slope(exact);
                INFO("z = " << double(exact));
                REQUIRE(std::abs(double(as_lanes(y.data())[n] - f)) <= tolerance * std::max(1.0, std::abs(double(f))));
                REQUIRE(std::abs(double(as_lanes(dy.data())[n] - d)) <= tolerance * std::max(1.0, std::abs(double(d))));
            }
        }
    });
}

/// Checks that a result has all its digits however small it is, from z = `from` to `to`, a number on the same side.
template <class Function, class Value> void check_tail(double from, double to, Value&& value) {
    for_each_value_type([&]<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        // An exponent of 87, or 700 in double, makes so much of its own rounding.
        const real tolerance = sizeof(T) == sizeof(float) ? 1.2e-5L : 2e-13L;
        INFO(name);
        for (int step = 0; step <= 3000; ++step) {
            const T z = T(from * std::pow(to / from, step / 3000.0));
            const real f = value(real(z));
            if (std::abs(f) < real(std::numeric_limits<T>::min())) continue;
            INFO("z = " << double(z) << ", expected " << double(f));
            REQUIRE(std::abs(only_value(Function::apply(V(z))) - f) <= tolerance * std::abs(f));
        }
    });
}

/// Checks a function where |z| is huge: the result, and that no operation is invalid; and that NaN stays NaN.
template <class Function, class Value, class Slope> void check_extremes(Value&& value, Slope&& slope) {
    for_each_value_type([&]<class V>(const V&, const char* name) {
        using T = scalar_t<V>;
        for (const T magnitude : {T(300), T(3e4), T(1e19), T(1e30), std::numeric_limits<T>::max()}) {
            for (const T z : {-magnitude, magnitude}) {
                INFO(name << ", z = " << double(z));
                std::feclearexcept(FE_ALL_EXCEPT);
                const volatile double y = only_value(Function::apply(V(z)));
                const volatile double d = only_value(derivative<Function>(V(z)));
                CHECK(std::fetestexcept(FE_INVALID) == 0);
                const double tolerance = sizeof(T) == sizeof(float) ? 1e-6 : 1e-14;
                const double expected = double(T(value(real(z)))), expected_slope = double(T(slope(real(z))));
                CHECK((y == expected || std::abs(y - expected) <= tolerance * std::max(1.0, std::abs(expected))));
                CHECK((d == expected_slope ||
                       std::abs(d - expected_slope) <= tolerance * std::max(1.0, std::abs(expected_slope))));
            }
        }
        INFO(name);
        CHECK(std::isnan(only_value(Function::apply(V(std::numeric_limits<T>::quiet_NaN())))));
    });
}

/// All of the above but the tails.
template <class Function, class Value, class Slope> void check_everywhere(Value&& value, Slope&& slope) {
    check_function<Function>(value, slope);
    check_extremes<Function>(value, slope);
}

}  // namespace strata::test
