#include "strata/layers/conv_transpose.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/conv2d.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

// Shapes, by Keras' rules.
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, Conv2DTranspose<3, Same, Strides<2, 3>>>, shape<8, 15, 3>>);
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, Conv2DTranspose<3, Strides<2, 4>>>, shape<9, 20, 3>>);
static_assert(
    std::is_same_v<output_of<Input<4, 5, 2>, Conv2DTranspose<3, Kernel<2, 3>, Dilation<1, 2>>>, shape<5, 9, 3>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, Conv1DTranspose<3, Strides<2>, Kernel<5>>>, shape<11, 3>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, Conv1DTranspose<3, Strides<3>, Same>>, shape<12, 3>>);

using image = stage_on<Input<8, 8, 4>, Conv2DTranspose<6, Kernel<3, 2>>>;
static_assert(image::parameters.size() == 2 && total_size(image::parameters) == 3 * 2 * 6 * 4 + 6);
static_assert(image::parameters[0].extents == std::array<std::size_t, parameter::max_rank>{3, 2, 6, 4});
static_assert(image::parameters[0].fan.in == 36 && image::parameters[0].fan.out == 24);
using steps = stage_on<Input<8, 4>, Conv1DTranspose<6, NoBias>>;
static_assert(steps::parameters.size() == 1 && steps::parameters[0].rank == 3);
static_assert(steps::parameters[0].extents == std::array<std::size_t, parameter::max_rank>{3, 6, 4});

const tested_cases conv_transpose_cases{
    "convolution_family",
    {
        {"05_Conv2DTranspose", in_both<Input<4, 5, 2>, Conv2DTranspose<3, Strides<2>, Same>>},
        {"06_Conv2DTranspose", in_double<Input<4, 5, 2>, Conv2DTranspose<4, Strides<2>>>},
        {"07_Conv2DTranspose", in_both<Input<5, 5, 3>, Conv2DTranspose<2, Kernel<2, 4>, Same, Tanh>>},
    }};

const tested_cases padded_cases{
    "convolution_transpose",
    {
        {"2d_same", in_both<Input<4, 5, 2>, Conv2DTranspose<3, Strides<2, 3>, Same, OutputPadding<0, 1>>>},
        {"2d_valid", in_double<Input<4, 5, 2>, Conv2DTranspose<3, Kernel<2, 3>, Strides<3, 2>, OutputPadding<1, 0>>>},
        {"1d_same", in_double<Input<6, 2>, Conv1DTranspose<3, Kernel<5>, Strides<2>, Same>>},
        {"1d_same_even", in_double<Input<5, 3>, Conv1DTranspose<2, Kernel<4>, Strides<2>, Same, OutputPadding<0>>>},
        {"1d_valid", in_double<Input<5, 2>, Conv1DTranspose<4, Kernel<2>, Strides<3>, OutputPadding<0>>>},
        {"1d_same_padded", in_both<Input<5, 2>, Conv1DTranspose<3, Strides<4>, Same, OutputPadding<2>, NoBias>>},
        {"1d_dilated", in_double<Input<5, 2>, Conv1DTranspose<3, Kernel<4>, Dilation<2>, Same, OutputPadding<0>>>},
    }};

}  // namespace

TEST_CASE("Conv2DTranspose computes what Keras computes") { conv_transpose_cases.run(); }

TEST_CASE("Conv1DTranspose, and OutputPadding, compute what Keras computes") { padded_cases.run(); }

TEST_CASE("Conv2DTranspose: the gradients are those of the result") {
    check_gradients<Input<3, 4, 2>, Conv2DTranspose<3, Strides<1, 4>, Sigmoid>>();
}

TEST_CASE("Conv1DTranspose: the gradients are those of the result") {
    check_gradients<Input<5, 2>, Conv1DTranspose<3, Strides<2>, Same, NoBias>>();
}

// Keras' cases have no padding above.
TEST_CASE("Conv2DTranspose is the backward pass through a Conv2D") {
    using back = network<shape<4, 5, 2>, Conv2DTranspose<3, Kernel<5, 4>, Strides<2, 1>, Same, NoBias>>;
    using there = network<shape<8, 5, 3>, Conv2D<2, Kernel<5, 4>, Strides<2, 1>, Same, NoBias>>;
    static_assert(back::value_count == there::value_count && std::is_same_v<back::output, there::input>);
    std::vector<double> x(back::input::size), values(back::value_count);
    random_stream random(1, 1);
    for (double& value : x) value = random.symmetric(1);
    for (double& value : values) value = random.symmetric(1);
    const batch_input in{.x = std::vector<double>(there::input::size), .dy = x, .values = values};
    CHECK(relative_error(predict_packs<back, double>(x, values), run_batch<there, double>(in).dx) < 1e-14);
}
