#include "strata/layers/recurrent/gru.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<stage_on<Input<5, 3>, GRU<4>>::output, shape<4>>);
static_assert(std::is_same_v<stage_on<Input<5, 3>, GRU<4, ReturnSequences>>::output, shape<5, 4>>);
static_assert(total_size(stage_on<Input<5, 3>, GRU<4>>::parameters) == 3 * ((3 + 4 + 2) * 4));
static_assert(total_size(stage_on<Input<5, 3>, GRU<4, ResetBefore>>::parameters) == 3 * ((3 + 4 + 1) * 4));
static_assert(total_size(stage_on<Input<5, 3>, GRU<4, NoBias>>::parameters) == 3 * ((3 + 4) * 4));
// The inputs of a unit of the bias are those of the kernel.
static_assert(stage_on<Input<5, 3>, GRU<4>>::parameters[2].fan.unit == 3 &&
              stage_on<Input<5, 3>, GRU<4, ResetBefore>>::parameters[2].fan.unit == 3);

const tested_cases gru_cases{"recurrent",
                             {
                                 {"GRU_last", in_double<Input<5, 3>, GRU<4>>},
                                 {"GRU_seq", in_both<Input<5, 3>, GRU<4, ReturnSequences>>},
                                 {"GRU_reset_before", in_both<Input<5, 3>, GRU<4, ResetBefore>>},
                             }};

}  // namespace

TEST_CASE("GRU computes what Keras computes") { gru_cases.run(); }

TEST_CASE("GRU: the gradients are those of the result") {
    check_gradients<Input<4, 3>, GRU<5, ReturnSequences, GoBackwards>>();
    check_gradients<Input<3, 2>, GRU<3, NoBias, ELU, RecurrentActivation<HardSigmoid>>>();
    check_gradients<Input<4, 3>, GRU<5, ResetBefore, ReturnSequences, GoBackwardsInOrder>>();
}
