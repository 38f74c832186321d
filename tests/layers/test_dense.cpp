#include "strata/layers/dense.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<stage_on<Input<400>, Dense<120, Tanh>>::output, shape<120>>);
static_assert(std::is_same_v<stage_on<Input<3, 5>, Dense<4>>::output, shape<3, 4>>);

using small_dense = stage_on<Input<3, 5>, Dense<4>>;
static_assert(small_dense::parameters.size() == 2 && total_size(small_dense::parameters) == 24);
static_assert(small_dense::parameters[0].name == "kernel" && small_dense::parameters[0].rank == 2);
static_assert(small_dense::parameters[0].extents == std::array<std::size_t, parameter::max_rank>{5, 4});
static_assert(small_dense::parameters[0].fan.in == 5 && small_dense::parameters[0].fan.out == 4);
static_assert(small_dense::parameters[1].name == "bias" && small_dense::parameters[1].extents[0] == 4);
static_assert(stage_on<Input<5>, Dense<4, NoBias>>::parameters.size() == 1);

// Of `Dense<..., Softmax>` the Softmax is a stage of its own, which a cross-entropy can replace.
using classifier = network<shape<5>, Dense<4, Softmax>>;
static_assert(classifier::depth == 2 && classifier::ends_with == last_activation::softmax);
static_assert(classifier::layer_of<0> == 0 && classifier::layer_of<1> == 0);
static_assert(!network<shape<5>, Dense<4, Tanh>>::ends_with_activation);

const tested_cases dense_cases{"dense",
                               {
                                   {"00_400_u120_tanh", in_both<Input<400>, Dense<120, Tanh>>},
                                   {"01_84_u10_softmax", in_double<Input<84>, Dense<10, Softmax>>},
                                   {"02_1_u1_None", in_double<Input<1>, Dense<1>>},
                                   {"03_17_u33_relu_nobias", in_double<Input<17>, Dense<33, NoBias, ReLU>>},
                                   {"04_3x5_u4_sigmoid", in_both<Input<3, 5>, Dense<4, Sigmoid>>},
                               }};

}  // namespace

TEST_CASE("Dense computes what Keras computes") { dense_cases.run(); }

TEST_CASE("Dense: the gradients are those of the result") {
    check_gradients<Input<7>, Dense<13, Tanh>>();
    check_gradients<Input<3, 5>, Dense<7, NoBias, Sigmoid>>();
    check_gradients<Input<1>, Dense<1>>();
}

TEST_CASE("Dense: an activation that needs its input, or the whole row, follows as a hidden stage") {
    check_gradients<Input<5>, Dense<7, GELU>>();
    check_gradients<Input<2, 5>, Dense<3, Softmax>>();
}

TEST_CASE("a chain of layers passes its gradients on") {
    check_gradients<Input<2, 3>, Dense<4, Tanh>, Dense<5, Softmax>, Dense<3, ELU>>();
}
