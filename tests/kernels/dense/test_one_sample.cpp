#include "strata/kernels/dense/one_sample.hpp"

#include "kernels/one_sample/one_sample_check.hpp"
#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/dense/products.hpp"

#include <cstddef>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class Activation, bool Bias> struct dense_forms {
    template <class V> using form = kernels::one_sample::dense<Rows, Inputs, Units, Activation, Bias, V>;
};

template <std::size_t Inputs, std::size_t Units, class Activation = kernels::linear, bool Bias = true,
          std::size_t Rows = 1>
void check_one_sample_dense() {
    INFO(Rows << " rows of " << Inputs << " inputs, " << Units << " units");
    const auto x = random_values(Rows * Inputs, 1);
    const auto parameters = random_values(Inputs * Units + (Bias ? Units : 0), 2);
    aligned_vector<double> expected(Rows * Units);
    for (std::size_t row = 0; row < Rows; ++row) {
        kernels::dense_forward<1, Inputs, Units, Activation, Bias>(
            x.data() + row * Inputs, parameters.data(), parameters.data() + Inputs * Units, &expected[row * Units]);
    }
    check_form<dense_forms<Rows, Inputs, Units, Activation, Bias>::template form, shape<Rows * Inputs>,
               shape<Rows * Units>>(x, parameters, expected);
}

}  // namespace

TEST_CASE("one_sample dense: inputs and units that are multiples of nothing") {
    check_one_sample_dense<13, 7>();
    check_one_sample_dense<17, 37, kernels::tanh>();
    check_one_sample_dense<37, 17, kernels::relu, false>();
}

TEST_CASE("one_sample dense: one input, one unit") {
    check_one_sample_dense<1, 1>();
    check_one_sample_dense<1, 19>();
    check_one_sample_dense<19, 1, kernels::linear, false>();
}

TEST_CASE("one_sample dense: units that fill the lanes, and one more or less") {
    check_one_sample_dense<3, 15>();
    check_one_sample_dense<3, 16, kernels::sigmoid>();
    check_one_sample_dense<5, 33>();
    check_one_sample_dense<2, 65>();
}

TEST_CASE("one_sample dense: more units than registers have lanes") { check_one_sample_dense<7, 601>(); }

TEST_CASE("one_sample dense: rows, the results of which overlap nowhere") {
    check_one_sample_dense<5, 3, kernels::tanh, true, 4>();
    check_one_sample_dense<3, 18, kernels::linear, false, 3>();
}
