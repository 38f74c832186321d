#include "strata/layers/conv1d.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/pooling2d.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<9, 2>, Conv1D<4>>, shape<7, 4>>);
static_assert(std::is_same_v<output_of<Input<9, 2>, Conv1D<4, Same, Strides<2>, Kernel<4>>>, shape<5, 4>>);
static_assert(std::is_same_v<output_of<Input<11, 2>, Conv1D<4, Dilation<2>>>, shape<7, 4>>);
static_assert(std::is_same_v<output_of<Input<9, 2>, Conv1D<4, Causal, Dilation<3>>>, shape<9, 4>>);
static_assert(std::is_same_v<output_of<Input<9, 2>, Conv1D<4, Causal, Strides<2>>>, shape<5, 4>>);

using grouped_steps = stage_on<Input<8, 4>, Conv1D<6, Kernel<3>, Groups<2>>>;
static_assert(grouped_steps::parameters.size() == 2 && total_size(grouped_steps::parameters) == 3 * 2 * 6 + 6);
static_assert(grouped_steps::parameters[0].name == "kernel" && grouped_steps::parameters[0].rank == 3);
static_assert(grouped_steps::parameters[0].extents == std::array<std::size_t, parameter::max_rank>{3, 2, 6});
static_assert(grouped_steps::parameters[0].fan.in == 6 && grouped_steps::parameters[0].fan.out == 18);
static_assert(stage_on<Input<8, 4>, Conv1D<6, NoBias>>::parameters.size() == 1);
static_assert(has_hidden_stage<Conv1D<6, Softmax>> && !has_hidden_stage<Conv1D<6, Tanh>>);

const tested_cases conv1d_cases{"convolution_family",
                                {
                                    {"08_Conv1D", in_both<Input<9, 2>, Conv1D<4, Causal>>},
                                    {"09_Conv1D", in_both<Input<9, 2>, Conv1D<4, Kernel<4>, Strides<2>, Same>>},
                                    {"10_Conv1D", in_double<Input<11, 2>, Conv1D<4, Dilation<2>>>},
                                }};

}  // namespace

TEST_CASE("Conv1D computes what Keras computes") { conv1d_cases.run(); }

TEST_CASE("Conv1D: the gradients are those of the result") {
    check_gradients<Input<7, 4>, Conv1D<6, Groups<2>, Causal, Dilation<2>, Tanh>>();
    check_gradients<Input<8, 2>, Conv1D<3, Kernel<2>, Strides<3>, NoBias>>();
}

// Between layers of a single sample the steps may come after the channels.
TEST_CASE("Conv1D: a single sample has the result that it has in a pack") {
    const case_network network = in_both<Input<40, 3>, Conv1D<2, Tanh>, Conv1D<17, Same>, Conv1D<4, Causal, ReLU>>();
    std::vector<double> x(40 * 3), values(network.value_count);
    random_stream random(1, 1);
    for (double& value : x) value = random.symmetric(1);
    for (double& value : values) value = random.symmetric(1);
    const auto expected = network.predict(x, values);
    CHECK(relative_error(network.predict_float(x, values), expected) < 1e-5);
    CHECK(relative_error(network.predict_one_by_one(x, values), expected) < 1e-5);
}
