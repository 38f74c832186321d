#pragma once

#include "strata/core/random.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Cells for kernels, and their samples one by one.
namespace strata::authoring::test {

/// Values in [-1, 1), each of them a float, so that every value type starts from the same numbers.
template <class T = double> aligned_vector<T> random_values(std::size_t size, std::uint64_t seed) {
    random_stream random(seed, 0);
    aligned_vector<T> values(size);
    for (T& value : values) value = static_cast<T>(static_cast<float>(random.symmetric(1)));
    return values;
}

/// Cells with another random sample in each lane.
template <class V> aligned_vector<V> random_lanes(std::size_t size, std::uint64_t seed) {
    aligned_vector<V> cells(size);
    const auto values = random_values<scalar_t<V>>(size * lanes<V>, seed);
    std::copy(values.begin(), values.end(), as_lanes(cells.data()));
    return cells;
}

/// What unwritten_cells hold. Tests with float_traps put a number here: what is left in a workspace is one.
inline double unwritten = NAN;

/// Cells that a kernel has to overwrite: what it leaves out stays NaN and equals nothing.
template <class V> aligned_vector<V> unwritten_cells(std::size_t size) {
    return aligned_vector<V>(size, V(static_cast<scalar_t<V>>(unwritten)));
}

/// One sample.
template <class V> aligned_vector<double> lane(const aligned_vector<V>& cells, std::size_t n) {
    aligned_vector<double> sample(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) sample[i] = as_lanes(cells.data())[i * lanes<V> + n];
    return sample;
}

/// All samples.
template <class V> std::vector<aligned_vector<double>> all_lanes(const aligned_vector<V>& cells) {
    std::vector<aligned_vector<double>> samples;
    for (std::size_t n = 0; n < lanes<V>; ++n) samples.push_back(lane(cells, n));
    return samples;
}

/// The largest difference, relative to the largest value that is expected; infinite where a value is not a number.
template <class Values, class Expected> double relative_error(const Values& values, const Expected& expected) {
    if (std::size(values) != std::size(expected)) return INFINITY;
    double scale = 0, error = 0;
    for (const auto& value : expected) scale = std::max(scale, std::abs(double(value)));
    for (std::size_t i = 0; i < std::size(values); ++i) {
        const double difference = std::abs(double(values[i]) - double(expected[i]));
        if (!(difference <= error)) error = std::isnan(difference) ? INFINITY : difference;
    }
    return error == 0 ? 0 : error / scale;
}

/// What rounding may cost a sum of a few hundred products.
template <class V> inline constexpr double rounding = sizeof(scalar_t<V>) == sizeof(float) ? 4e-6 : 1e-14;

/// Calls f(V{}, "name of V") for the packs that the library uses: a test that takes V as a parameter.
template <class F> void for_each_pack(F&& f) {
    f(pack<float>(0.0f), "pack<float>");
    f(pack<double>(0.0), "pack<double>");
}

}  // namespace strata::authoring::test
