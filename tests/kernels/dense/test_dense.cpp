#include "strata/kernels/dense/dense.hpp"

#include "support/bfloat16.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using mixed = pack<mixed_bfloat16>;

template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class V, class Values>
void check_passes(const Values& values, double limit) {
    using passes = kernels::dense_rows<Rows, Inputs, Units, V>;
    const auto cells = [&](std::size_t size, std::uint64_t seed) {
        const aligned_vector<float> all = values(size * lanes<V>, seed);
        aligned_vector<V> to(size);
        std::copy(all.begin(), all.end(), as_lanes(to.data()));
        return to;
    };
    const auto doubles = [](const auto& from) { return aligned_vector<double>(from.begin(), from.end()); };
    const aligned_vector<V> x = cells(Rows * Inputs, 1), dz = cells(Rows * Units, 2);
    const aligned_vector<float> bias = values(Units, 4), before = values(Inputs * Units, 5);
    aligned_vector<float> w = values(Inputs * Units, 3);
    w.resize(w.size() + Units, NAN);  // behind the weights, which nothing may take for a partner
    aligned_vector<V> y = unwritten_cells<V>(Rows * Units), dx = unwritten_cells<V>(Rows * Inputs);
    auto scratch = unwritten_cells<V>(passes::scratch);
    aligned_vector<float> dw = before;
    passes::template forward<kernels::linear, true>(x.data(), w.data(), bias.data(), y.data(), scratch.data());
    passes::input_gradient(dz.data(), w.data(), dx.data(), scratch.data());
    passes::weight_gradient(x.data(), dz.data(), dw.data(), scratch.data());

    aligned_vector<double> expected_dw = doubles(before);
    for (std::size_t n = 0; n < lanes<V>; ++n) {
        const auto x_y = operands(lane(x, n), passes::rounds_forward);
        const auto w_y = operands(doubles(w), passes::rounds_forward);
        const auto dz_x = operands(lane(dz, n), passes::rounds_input_gradient);
        const auto w_x = operands(doubles(w), passes::rounds_input_gradient);
        const auto x_w = operands(lane(x, n), passes::rounds_weight_gradient);
        const auto dz_w = operands(lane(dz, n), passes::rounds_weight_gradient);
        aligned_vector<double> expected_y(y.size()), expected_dx(dx.size());
        for (std::size_t row = 0; row < Rows; ++row) {
            for (std::size_t u = 0; u < Units; ++u) expected_y[row * Units + u] = bias[u];
            for (std::size_t i = 0; i < Inputs; ++i) {
                for (std::size_t u = 0; u < Units; ++u) {
                    expected_y[row * Units + u] += x_y[row * Inputs + i] * w_y[i * Units + u];
                    expected_dx[row * Inputs + i] += dz_x[row * Units + u] * w_x[i * Units + u];
                    expected_dw[i * Units + u] += x_w[row * Inputs + i] * dz_w[row * Units + u];
                }
            }
        }
        CHECK(relative_error(lane(y, n), expected_y) <= limit);
        CHECK(relative_error(lane(dx, n), expected_dx) <= limit);
    }
    CHECK(relative_error(dw, expected_dw) <= limit);
}

/// Floats, and, if they are rounded to bfloat16, numbers that it holds, where nothing may be lost, and others.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units> void check_dense_rows() {
    INFO(Rows << " rows of " << Inputs << " inputs, " << Units << " units");
    check_passes<Rows, Inputs, Units, pack<float>>(random_values<float>, rounding<pack<float>>);
    if constexpr (rounds_products<mixed>) {
        check_passes<Rows, Inputs, Units, mixed>(eighths<float>, 0);
        check_passes<Rows, Inputs, Units, mixed>(random_values<float>, rounding<mixed>);
    }
}

// Which layers round their operands: those with some units, whose weights stay in the L2.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class V>
constexpr bool rounds_all = [] {
    using passes = kernels::dense_rows<Rows, Inputs, Units, V>;
    return passes::rounds_forward && passes::rounds_input_gradient && passes::rounds_weight_gradient;
}();
static_assert(rounds_all<1, 400, 120, mixed> == rounds_products<mixed>);
static_assert(rounds_all<1, 120, 84, mixed> == rounds_products<mixed>);
static_assert(!kernels::dense_rows<1, 84, 10, mixed>::rounds_weight_gradient);
static_assert(!kernels::dense_rows<1, 84, 10, mixed>::rounds_forward);
static_assert(!kernels::dense_rows<1, 4096, 1000, mixed>::rounds_forward);
static_assert(!kernels::dense_rows<1, 400, 120, pack<float>>::rounds_forward);

}  // namespace

TEST_CASE("dense rows: even numbers") {
    check_passes<1, 40, 64, mixed>(random_values<float>, rounding<mixed>);
    check_dense_rows<1, 40, 64>();
    check_dense_rows<3, 16, 32>();
}

TEST_CASE("dense rows: odd numbers of inputs and units, registers that are not full") {
    check_dense_rows<1, 37, 53>();
    check_dense_rows<2, 33, 17>();
    check_dense_rows<1, 21, 84>();
}

TEST_CASE("dense rows: few units, few inputs") {
    check_dense_rows<1, 84, 10>();
    check_dense_rows<1, 1, 40>();
    check_dense_rows<4, 19, 1>();
}

TEST_CASE("dense rows: more rows than a tile has") {
    check_dense_rows<7, 9, 13>();
    check_dense_rows<13, 5, 3>();
    check_dense_rows<2, 521, 509>();
    check_dense_rows<4, 521, 509>();
}
