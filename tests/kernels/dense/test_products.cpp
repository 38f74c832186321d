#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/dense/products.hpp"
#include "support/catch.hpp"
#include "support/lanes.hpp"

#include <cmath>
#include <cstddef>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

/// Both kernels, run on cells of type V. Results lie where the kernels had to overwrite.
template <std::size_t Inputs, std::size_t Units, class Activation, bool Bias, class V> struct dense_run {
    using T = scalar_t<V>;

    aligned_vector<V> y = unwritten_cells<V>(Units), dx = unwritten_cells<V>(Inputs);

    dense_run(const aligned_vector<V>& x, const aligned_vector<V>& dz) {
        const auto w = random_values<T>(Inputs * Units, 7), bias = random_values<T>(Units, 8);
        kernels::dense_forward<1, Inputs, Units, Activation, Bias>(x.data(), w.data(), Bias ? bias.data() : nullptr,
                                                                   y.data());
        kernels::dense_input_gradient<Inputs, Units>(dz.data(), w.data(), dx.data());
    }
};

template <std::size_t Inputs, std::size_t Units, class Activation = kernels::linear, bool Bias = true>
void check_dense() {
    INFO(Inputs << " inputs, " << Units << " units");
    // A textbook's loops for one sample.
    const auto textbook = [](const auto& x, const auto& dz, auto& y, auto& dx) {
        const auto w = random_values(Inputs * Units, 7), bias = random_values(Units, 8);
        for (std::size_t u = 0; u < Units; ++u) y[u] = Bias ? bias[u] : 0;
        for (std::size_t i = 0; i < Inputs; ++i) {
            for (std::size_t u = 0; u < Units; ++u) {
                y[u] += x[i] * w[i * Units + u];
                dx[i] += dz[u] * w[i * Units + u];
            }
        }
        for (double& value : y) value = Activation::apply(value);
    };
    const auto check = [&]<class V>(const V&, const char* name) {
        INFO(name);
        const auto x = random_lanes<V>(Inputs, 1), dz = random_lanes<V>(Units, 2);
        const dense_run<Inputs, Units, Activation, Bias, V> run(x, dz);
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            aligned_vector<double> y(Units), dx(Inputs);
            textbook(lane(x, n), lane(dz, n), y, dx);
            CHECK(relative_error(lane(run.y, n), y) < rounding<V>);
            CHECK(relative_error(lane(run.dx, n), dx) < rounding<V>);
        }
    };
    check(0.0, "double");
    for_each_pack(check);
}

}  // namespace

TEST_CASE("dense: inputs and units that are multiples of nothing") {
    check_dense<13, 7>();
    check_dense<17, 37, kernels::tanh>();
    check_dense<37, 17, kernels::relu, false>();
}

TEST_CASE("dense: one input, one unit") {
    check_dense<1, 1>();
    check_dense<1, 19>();
    check_dense<19, 1, kernels::linear, false>();
}

TEST_CASE("dense: units that fill the lanes, and one more or less") {
    check_dense<3, 15>();
    check_dense<3, 16, kernels::sigmoid>();
    check_dense<5, 33>();
    check_dense<2, 65>();
}

TEST_CASE("dense: several tiles in a row, the last of them not full") {
    check_dense<9, 137>();
    check_dense<61, 10>();
}

TEST_CASE("dense: weights that no L2 holds") {
    static_assert(kernels::streams_weights<512, 512, float> && !kernels::streams_weights<512, 511, float>);
    static_assert(kernels::streams_weights<521, 509, float>);
    check_dense<521, 509>();
    check_dense<521, 509, kernels::relu, false>();
}
