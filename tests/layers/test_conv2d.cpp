#include "strata/layers/conv2d.hpp"

#include "layers/layer_check.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using test::check_gradients;
using test::output_of;
using test::stage_on;

namespace {

// Shapes, by Keras' rules.
static_assert(std::is_same_v<output_of<Input<28, 28, 1>, Conv2D<6, Kernel<5>, Same>>, shape<28, 28, 6>>);
static_assert(std::is_same_v<output_of<Input<28, 28, 1>, Conv2D<6>>, shape<26, 26, 6>>);
static_assert(std::is_same_v<output_of<Input<28, 27, 2>, Conv2D<3, Strides<2>, Same>>, shape<14, 14, 3>>);
static_assert(std::is_same_v<output_of<Input<11, 12, 2>, Conv2D<3, Kernel<2, 5>, Strides<3, 2>>>, shape<4, 4, 3>>);
static_assert(std::is_same_v<output_of<Input<9, 9, 2>, Conv2D<3, Dilation<4>>>, shape<1, 1, 3>>);
static_assert(std::is_same_v<output_of<Input<1, 1, 2>, Conv2D<3, Kernel<7>, Same>>, shape<1, 1, 3>>);

// Parameters: names, shapes and Keras' fans.
using grouped = stage_on<Input<8, 8, 4>, Conv2D<6, Kernel<3, 2>, Groups<2>>>;
static_assert(grouped::parameters.size() == 2 && total_size(grouped::parameters) == 3 * 2 * 2 * 6 + 6);
static_assert(grouped::parameters[0].name == "kernel" && grouped::parameters[0].rank == 4);
static_assert(grouped::parameters[0].extents == std::array<std::size_t, parameter::max_rank>{3, 2, 2, 6});
static_assert(grouped::parameters[0].fan.in == 12 && grouped::parameters[0].fan.out == 36);
static_assert(grouped::parameters[1].name == "bias" && grouped::parameters[1].extents[0] == 6);
static_assert(stage_on<Input<8, 8, 4>, Conv2D<6, NoBias>>::parameters.size() == 1);
static_assert(total_size(stage_on<Input<28, 28, 1>, Conv2D<6, Kernel<5>>>::parameters) == 156);
static_assert(total_size(stage_on<Input<14, 14, 6>, Conv2D<16, Kernel<5>>>::parameters) == 2416);

// Options stand in any order.
static_assert(std::is_same_v<output_of<Input<9, 9, 1>, Conv2D<2, Same, Tanh, Strides<2>, Kernel<4>, NoBias>>,
                             output_of<Input<9, 9, 1>, Conv2D<2, NoBias, Kernel<4>, Strides<2>, Tanh, Same>>>);

static_assert(stage<grouped> && layer<Conv2D<6>> && !moves_nothing<grouped>);
static_assert(has_hidden_stage<Conv2D<6, Softmax>> && !has_hidden_stage<Conv2D<6, Tanh>>);

}  // namespace

TEST_CASE("Conv2D: the gradients are those of the result") {
    check_gradients<Input<5, 7, 3>, Conv2D<4, Same, Tanh>>();
    check_gradients<Input<7, 6, 2>, Conv2D<3, Kernel<2, 3>, Strides<3, 2>, Same, Sigmoid>>();
    check_gradients<Input<6, 7, 4>, Conv2D<6, Groups<2>, Kernel<3, 2>, Dilation<2, 3>, NoBias>>();
    check_gradients<Input<3, 2, 1>, Conv2D<2, Kernel<6, 5>, Same, ELU>>();
}

TEST_CASE("Conv2D: an activation that needs its input, or the whole row, follows as a hidden stage") {
    check_gradients<Input<4, 5, 2>, Conv2D<3, GELU>>();
    check_gradients<Input<4, 5, 2>, Conv2D<3, Softmax, Kernel<2>>>();
}
