#include "strata/layers/composites.hpp"
#include "strata/layers/merging.hpp"

#include "layers/layer_check.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/batch_run.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

using namespace strata::authoring;
using test::check_gradients;

namespace {

/// y = 0, whatever x is.
struct Forgetful {
    static constexpr std::string_view class_name = "Forgetful";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        template <class V> static void forward(forward_context<V> c) { std::fill_n(c.y, In::size, V(0)); }
        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            std::fill_n(c.dx, In::size, V(0));
        }
    };
};

/// The result of branches of x.
template <class Merge> batch_output merged(std::vector<double> x) {
    const std::vector<double> ones(x.size(), 1);
    return run_batch<network<shape<3>, Merge>, double>({.x = std::move(x), .dy = ones, .values = {}});
}

}  // namespace

TEST_CASE("Minimum takes the smallest value of branches, and equal ones leave the gradient to the first") {
    CHECK(merged<Minimum<Branch<>, Branch<ReLU>>>({-1, 0, 2}).y == std::vector<double>{-1, 0, 2});
    CHECK(merged<Minimum<Branch<ReLU>, Branch<>>>({-1, 0, 2}).dx == std::vector<double>{1, 0, 1});
    CHECK(merged<Minimum<Branch<>, Branch<ReLU>>>({-1, 0, 2}).dx == std::vector<double>{1, 1, 1});
    CHECK(std::isnan(merged<Minimum<Branch<>, Branch<Forgetful>>>({NAN, 0, 2}).y[0]));
    CHECK(std::isnan(merged<Minimum<Branch<Forgetful>, Branch<>>>({NAN, 0, 2}).y[0]));
    check_gradients<Input<5>, Minimum<Branch<Dense<9>>, Branch<Dense<9, Tanh>>, Branch<Dense<9>>>>();
}

TEST_CASE("Maximum takes the largest value of branches, and equal ones leave the gradient to the first") {
    CHECK(merged<Maximum<Branch<Linear>, Branch<Tanh>>>({-1, 0, 2}).y == std::vector<double>{std::tanh(-1.0), 0, 2});
    CHECK(merged<Maximum<Branch<>, Branch<ReLU>>>({-1, 0, 2}).dx == std::vector<double>{0, 1, 1});
    CHECK(merged<Maximum<Branch<ReLU>, Branch<>>>({-1, 0, 2}).dx == std::vector<double>{0, 0, 1});
    CHECK(std::isnan(merged<Maximum<Branch<>, Branch<Forgetful>>>({NAN, 0, 2}).y[0]));
    CHECK(std::isnan(merged<Maximum<Branch<Forgetful>, Branch<>>>({NAN, 0, 2}).y[0]));
    check_gradients<Input<5>, Maximum<Branch<Dense<9>>, Branch<Dense<9, Tanh>>>>();
}

TEST_CASE("Subtract takes the second branch from the first") {
    CHECK(merged<Subtract<Branch<>, Branch<ReLU>>>({-1, 0, 2}).y == std::vector<double>{-1, 0, 0});
    check_gradients<Input<5>, Subtract<Branch<Dense<4>>, Branch<Dense<4, Tanh>>>>();
    check_gradients<Input<5>, Subtract<Branch<>, Branch<Tanh>>>();
}
