#include "strata/layers/recurrent/lstm.hpp"

#include "layers/layer_case.hpp"
#include "strata/model/gradient_check.hpp"
#include "strata/model/sequential.hpp"

#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <class In, class Layer> using stage_on = typename Layer::template on<typename In::output>;

static_assert(std::is_same_v<stage_on<Input<5, 3>, LSTM<4>>::output, shape<4>>);
static_assert(std::is_same_v<stage_on<Input<5, 3>, LSTM<4, ReturnSequences>>::output, shape<5, 4>>);

using small = stage_on<Input<5, 3>, LSTM<4>>;
static_assert(small::parameters.size() == 3 && total_size(small::parameters) == 4 * ((3 + 4 + 1) * 4));
static_assert(small::parameters[1].name == "recurrent_kernel" && small::parameters[1].fan.in == 4);
static_assert(total_size(stage_on<Input<5, 3>, LSTM<4, NoBias>>::parameters) == 4 * ((3 + 4) * 4));

const tested_cases cases{"recurrent",
                         {
                             {"LSTM_last", in_both<Input<5, 3>, LSTM<4>>},
                             {"LSTM_seq", in_both<Input<5, 3>, LSTM<4, ReturnSequences>>},
                         }};

template <class In, class... Layers> void check() {
    const gradient_report report = gradient_check<In, Layers...>();
    INFO(report.problem);
    CHECK(report.passed());
}

}  // namespace

TEST_CASE("LSTM computes what Keras computes") { cases.run(); }

TEST_CASE("LSTM: the gradients are those of the result") {
    check<Input<4, 3>, LSTM<5, ReturnSequences, GoBackwards>>();
    check<Input<3, 2>, LSTM<3, NoBias, ELU, RecurrentActivation<HardSigmoid>>>();
}

TEST_CASE("LSTM: the bias of the forget gate starts as one") {
    Sequential<Input<2, 1>, LSTM<2>> model;
    const auto values = model.parameters();
    CHECK(std::vector<float>(values.end() - 8, values.end()) == std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0});
    Sequential<Input<2, 1>, LSTM<2, NoForgetBias, BiasInitializer<Ones>>> other;
    const auto all = other.parameters();
    CHECK(std::vector<float>(all.end() - 8, all.end()) == std::vector<float>(8, 1));
}
