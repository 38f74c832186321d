#include "strata/layers/recurrent/lstm.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/model/sequential.hpp"

#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<stage_on<Input<5, 3>, LSTM<4>>::output, shape<4>>);
static_assert(std::is_same_v<stage_on<Input<5, 3>, LSTM<4, ReturnSequences>>::output, shape<5, 4>>);

using small_lstm = stage_on<Input<5, 3>, LSTM<4>>;
static_assert(small_lstm::parameters.size() == 3 && total_size(small_lstm::parameters) == 4 * ((3 + 4 + 1) * 4));
static_assert(small_lstm::parameters[1].name == "recurrent_kernel" && small_lstm::parameters[1].fan.in == 4);
static_assert(total_size(stage_on<Input<5, 3>, LSTM<4, NoBias>>::parameters) == 4 * ((3 + 4) * 4));

const tested_cases lstm_cases{"recurrent",
                              {
                                  {"LSTM_last", in_both<Input<5, 3>, LSTM<4>>},
                                  {"LSTM_seq", in_both<Input<5, 3>, LSTM<4, ReturnSequences>>},
                              }};

}  // namespace

TEST_CASE("LSTM computes what Keras computes") { lstm_cases.run(); }

TEST_CASE("LSTM: the gradients are those of the result") {
    check_gradients<Input<4, 3>, LSTM<5, ReturnSequences, GoBackwards>>();
    check_gradients<Input<3, 2>, LSTM<3, NoBias, ELU, RecurrentActivation<HardSigmoid>>>();
}

TEST_CASE("LSTM: the bias of the forget gate starts as one") {
    Sequential<Input<2, 1>, LSTM<2>> model;
    const auto values = model.parameters();
    CHECK(std::vector<float>(values.end() - 8, values.end()) == std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0});
    Sequential<Input<2, 1>, LSTM<2, NoForgetBias, BiasInitializer<Ones>>> other;
    const auto all = other.parameters();
    CHECK(std::vector<float>(all.end() - 8, all.end()) == std::vector<float>(8, 1));
}
