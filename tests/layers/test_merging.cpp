#include "strata/layers/composites.hpp"
#include "strata/layers/merging.hpp"

#include "layers/layer_check.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/sequential.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using test::check_gradients;

namespace {

template <class In, class... Layers> using merged_output = typename network<typename In::output, Layers...>::output;
static_assert(std::is_same_v<merged_output<Input<4, 3>, Concatenate<Branch<>, Branch<Dense<5>>>>, shape<4, 8>>);
static_assert(std::is_same_v<merged_output<Input<4, 3>, Residual<Dense<5>, Shortcut<Dense<5>>>>, shape<4, 5>>);
static_assert(std::is_same_v<merged_output<Input<4, 3>, Chain<>, Add<Branch<>, Chain<Tanh, Tanh>>>, shape<4, 3>>);

/// What a network without parameters makes of -1, 0.5 and 2.
template <class... Layers> std::vector<double> result() {
    const typename Sequential<Input<3>, Layers...>::template with<double> model;
    tensor<double, 2> x(std::array<std::size_t, 2>{1, 3});
    const std::array<double, 3> values{-1, 0.5, 2};
    std::copy(values.begin(), values.end(), x.begin());
    const auto y = model.predict(x);
    return {y.begin(), y.end()};
}

}  // namespace

TEST_CASE("merges compute what their names say") {
    CHECK(result<Add<Branch<>, Branch<ReLU>, Branch<>>>() == std::vector<double>{-2, 1.5, 6});
    CHECK(result<Average<Branch<>, Branch<ReLU>>>() == std::vector<double>{-0.5, 0.5, 2});
    CHECK(result<Maximum<Branch<>, Branch<ReLU>, Branch<>>>() == std::vector<double>{0, 0.5, 2});
    CHECK(result<Multiply<Branch<>, Branch<ReLU>, Branch<>>>() == std::vector<double>{0, 0.125, 8});
    CHECK(result<Concatenate<Branch<ReLU>, Branch<>>>() == std::vector<double>{0, 0.5, 2, -1, 0.5, 2});
    CHECK(result<Residual<ReLU>>() == std::vector<double>{-1, 1, 4});
    CHECK(result<Residual<ReLU, Shortcut<ReLU>>>() == std::vector<double>{0, 1, 4});
    CHECK(result<Residual<Residual<Linear>>, Chain<>>() == std::vector<double>{-3, 1.5, 6});
    CHECK(result<Reshape<3, 1>, Concatenate<Branch<ReLU>, Branch<>>, Flatten>() ==
          std::vector<double>{0, -1, 0.5, 0.5, 2, 2});
}

TEST_CASE("Add and Average: the gradients are those of the result") {
    check_gradients<Input<2, 3>, Add<Branch<Dense<4, Tanh>>, Branch<Dense<4>>, Branch<Dense<4, Sigmoid>>>,
                    Average<Branch<>, Branch<Dense<4>>>>();
    check_gradients<Input<3>, Add<Branch<>, Branch<>>, Average<Branch<>, Branch<Tanh>, Branch<>>>();
}

TEST_CASE("Maximum and Multiply: the gradients are those of the result") {
    check_gradients<Input<5>, Maximum<Branch<Dense<4>>, Branch<Dense<4, Tanh>>>,
                    Multiply<Branch<Dense<4>>, Branch<>, Branch<Tanh>>>();
    check_gradients<Input<3>, Maximum<Branch<>, Branch<>>, Multiply<Branch<>, Branch<>>>();
}

TEST_CASE("Concatenate: the gradients are those of the result") {
    check_gradients<Input<2, 3>, Concatenate<Branch<Dense<2>>, Branch<>, Branch<Tanh>>, Dense<2>>();
    check_gradients<Input<3>, Concatenate<Branch<>, Branch<>>>();
}

TEST_CASE("Residual: the gradients are those of the result, also nested") {
    check_gradients<Input<4, 4, 2>, Residual<Conv2D<2, Same, Tanh>, Conv2D<2, Same, NoBias>>, Tanh,
                    Residual<Conv2D<3, Strides<2>, Same>, Shortcut<Conv2D<3, Kernel<1>, Strides<2>, NoBias>>>>();
    check_gradients<Input<4>, Residual<Dense<4, Tanh>, Residual<Dense<4>, Add<Branch<>, Branch<Dense<4, Tanh>>>>>>();
}

TEST_CASE("Frozen passes a gradient on to what comes before, and has none") {
    check_gradients<Input<4>, Dense<4, Tanh>, Residual<Frozen<Dense<4, Tanh>>>, Dense<2>>();
    check_gradients<Input<4, 5, 2>, Frozen<Conv2D<2, Same, Sigmoid>>,
                    Multiply<Branch<Frozen<Tanh>, Conv2D<2, Same>>, Branch<Frozen<Conv2D<2, Same>>>>>();
}
