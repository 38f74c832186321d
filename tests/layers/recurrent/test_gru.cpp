#include "strata/layers/recurrent/gru.hpp"

#include "layers/layer_case.hpp"
#include "strata/model/gradient_check.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <class In, class Layer> using stage_on = typename Layer::template on<typename In::output>;

static_assert(std::is_same_v<stage_on<Input<5, 3>, GRU<4>>::output, shape<4>>);
static_assert(std::is_same_v<stage_on<Input<5, 3>, GRU<4, ReturnSequences>>::output, shape<5, 4>>);
static_assert(total_size(stage_on<Input<5, 3>, GRU<4>>::parameters) == 3 * ((3 + 4 + 2) * 4));
static_assert(total_size(stage_on<Input<5, 3>, GRU<4, ResetBefore>>::parameters) == 3 * ((3 + 4 + 1) * 4));
static_assert(total_size(stage_on<Input<5, 3>, GRU<4, NoBias>>::parameters) == 3 * ((3 + 4) * 4));

const tested_cases cases{"recurrent",
                         {
                             {"GRU_last", in_double<Input<5, 3>, GRU<4>>},
                             {"GRU_seq", in_both<Input<5, 3>, GRU<4, ReturnSequences>>},
                             {"GRU_reset_before", in_both<Input<5, 3>, GRU<4, ResetBefore>>},
                         }};

template <class In, class... Layers> void check() {
    const gradient_report report = gradient_check<In, Layers...>();
    INFO(report.problem);
    CHECK(report.passed());
}

}  // namespace

TEST_CASE("GRU computes what Keras computes") { cases.run(); }

TEST_CASE("GRU: the gradients are those of the result") {
    check<Input<4, 3>, GRU<5, ReturnSequences, GoBackwards>>();
    check<Input<3, 2>, GRU<3, NoBias, ELU, RecurrentActivation<HardSigmoid>>>();
    check<Input<4, 3>, GRU<5, ResetBefore, ReturnSequences, GoBackwardsInOrder>>();
}
