#pragma once

#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <vector>

/// Activation functions of one cell against formulas in long double. A function is compiled for each value type; what
/// checks it, once.
namespace strata::authoring::test {

using real = long double;
using formula = std::function<real(real)>;

/// The derivative as a layer computes it, from the result or from the input.
template <class Function, class V> V derivative(const V& z) {
    if constexpr (requires { Function::slope(z); })
        return Function::slope(Function::apply(z));
    else
        return Function::slope_of_input(z);
}

/// One of the lanes, which all have to agree.
template <class V> double only_value(const V& v) {
    const auto* values = as_lanes(&v);
    for (std::size_t n = 1; n < lanes<V>; ++n) {
        if (!std::isnan(values[0]) || !std::isnan(values[n])) REQUIRE(values[n] == values[0]);
    }
    return double(values[0]);
}

/// What a function comes to at points: there is one for each lane, and the lanes behind the last one repeat it.
struct function_values {
    std::vector<double> z, y, slope;  ///< the points as the value type holds them
};

template <class Function, class V> function_values values_at(const std::vector<double>& points) {
    function_values values;
    aligned_vector<V> z(1), y(1), slope(1);
    for (std::size_t first = 0; first < points.size(); first += lanes<V>) {
        for (std::size_t n = 0; n < lanes<V>; ++n)
            as_lanes(z.data())[n] = scalar_t<V>(points[std::min(first + n, points.size() - 1)]);
        y[0] = Function::apply(z[0]);
        slope[0] = derivative<Function>(z[0]);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            values.z.push_back(as_lanes(z.data())[n]);
            values.y.push_back(as_lanes(y.data())[n]);
            values.slope.push_back(as_lanes(slope.data())[n]);
        }
    }
    return values;
}

/// A function for one value type.
struct function_of_cell {
    const char* type;
    double largest, smallest;  ///< numbers of the type
    function_values (*at)(const std::vector<double>& points);

    bool in_float() const { return largest < std::numeric_limits<double>::max(); }
};

template <class Function, class V> function_of_cell function_in(const char* type) {
    using limits = std::numeric_limits<scalar_t<V>>;
    return {type, limits::max(), limits::min(), values_at<Function, V>};
}

/// For packs and for single numbers.
template <class Function> std::vector<function_of_cell> in_all_types() {
    return {function_in<Function, float>("float"), function_in<Function, double>("double"),
            function_in<Function, pack<float>>("pack<float>"), function_in<Function, pack<double>>("pack<double>")};
}

/// Checks a function and its derivative at points from -30 to 30.
inline void check_function(const std::vector<function_of_cell>& functions, const formula& value, const formula& slope) {
    std::vector<double> points;
    for (int i = -4096; i <= 4096; ++i) points.push_back(i * (30.0 / 4096) * (i % 2 == 0 ? 1 : 1.0 / 64));  // near zero
    for (const function_of_cell& function : functions) {
        INFO(function.type);
        const double tolerance = function.in_float() ? 1.5e-6 : 5e-15;
        const function_values found = function.at(points);
        for (std::size_t i = 0; i < found.z.size(); ++i) {
            const real f = value(found.z[i]), d = slope(found.z[i]);
            INFO("z = " << found.z[i]);
            REQUIRE(std::abs(double(found.y[i] - f)) <= tolerance * std::max(1.0, std::abs(double(f))));
            REQUIRE(std::abs(double(found.slope[i] - d)) <= tolerance * std::max(1.0, std::abs(double(d))));
        }
    }
}

template <class Function> void check_function(const formula& value, const formula& slope) {
    check_function(in_all_types<Function>(), value, slope);
}

/// Checks that a result has all its digits however small it is, from z = `from` to `to`, a number on the same side.
inline void check_tail(const std::vector<function_of_cell>& functions, double from, double to, const formula& value) {
    std::vector<double> points;
    for (int step = 0; step <= 3000; ++step) points.push_back(from * std::pow(to / from, step / 3000.0));
    for (const function_of_cell& function : functions) {
        // An exponent of 87, or 700 in double, makes so much of its own rounding.
        const real tolerance = function.in_float() ? 1.2e-5L : 2e-13L;
        INFO(function.type);
        const function_values found = function.at(points);
        for (std::size_t i = 0; i < found.z.size(); ++i) {
            const real f = value(found.z[i]);
            if (std::abs(f) < real(function.smallest)) continue;
            INFO("z = " << found.z[i] << ", expected " << double(f));
            REQUIRE(std::abs(found.y[i] - f) <= tolerance * std::abs(f));
        }
    }
}

template <class Function> void check_tail(double from, double to, const formula& value) {
    check_tail(in_all_types<Function>(), from, to, value);
}

/// Whether a result is the number of its type that is expected, or near it.
inline bool is_near(double found, real expected, const function_of_cell& function) {
    const double number = function.in_float() ? double(float(expected)) : double(expected);
    return found == number ||
           std::abs(found - number) <= (function.in_float() ? 1e-6 : 1e-14) * std::max(1.0, std::abs(number));
}

/// Checks a function where |z| is huge: the result, that no operation is invalid or divides by zero, and that none
/// overflows on the way to finite results; and that NaN stays NaN.
inline void check_extremes(const std::vector<function_of_cell>& functions, const formula& value, const formula& slope) {
    for (const function_of_cell& function : functions) {
        INFO(function.type);
        for (const double magnitude : {300.0, 3e4, 1e19, 1e30, function.largest}) {
            for (const double z : {-magnitude, magnitude}) {
                INFO("z = " << z);
                std::feclearexcept(FE_ALL_EXCEPT);
                const function_values found = function.at({z});
                CHECK(std::fetestexcept(FE_INVALID | FE_DIVBYZERO) == 0);
                const bool overflowed = std::fetestexcept(FE_OVERFLOW) != 0;
                for (std::size_t n = 0; n < found.z.size(); ++n) {
                    CHECK(is_near(found.y[n], value(found.z[n]), function));
                    CHECK(is_near(found.slope[n], slope(found.z[n]), function));
                    const auto fits = [&](real expected) { return std::abs(expected) <= real(function.largest); };
                    if (magnitude <= 3e4 && fits(value(found.z[n])) && fits(slope(found.z[n]))) CHECK_FALSE(overflowed);
                }
            }
        }
        for (const double y : function.at({std::numeric_limits<double>::quiet_NaN()}).y) CHECK(std::isnan(y));
    }
}

/// All of the above but the tails.
template <class Function> void check_everywhere(const formula& value, const formula& slope) {
    const auto functions = in_all_types<Function>();
    check_function(functions, value, slope);
    check_extremes(functions, value, slope);
}

}  // namespace strata::authoring::test
