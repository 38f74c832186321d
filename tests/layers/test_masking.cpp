#include "strata/layers/masking.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/conv1d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/embedding.hpp"
#include "strata/layers/merging.hpp"
#include "strata/layers/pooling1d.hpp"
#include "strata/layers/recurrent/bidirectional.hpp"
#include "strata/layers/recurrent/gru.hpp"
#include "strata/layers/recurrent/lstm.hpp"
#include "strata/layers/recurrent/simple_rnn.hpp"
#include "strata/layers/recurrent/time_distributed.hpp"

#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

// The samples of a case have masks that differ.
using sequence = Input<6, 3>;
const tested_cases masking_cases{
    "masks",
    {
        {"lstm_last", in_double<sequence, Masking<>, LSTM<4>>},
        {"lstm_seq", in_both<sequence, Masking<>, LSTM<4, ReturnSequences>>},
        {"gru_backwards", in_double<sequence, Masking<>, GRU<4, ReturnSequences, GoBackwards>>},
        {"gru_reset_before", in_double<sequence, Masking<>, GRU<4, ResetBefore>>},
        {"simple_rnn_value", in_double<sequence, Masking<MaskValue<-1.0>>, SimpleRNN<4, ReturnSequences>>},
        {"bidirectional_lstm", in_double<sequence, Masking<>, Bidirectional<LSTM<3, ReturnSequences>>>},
        {"embedding_gru", in_both<Input<6>, Embedding<7, 3, MaskZero>, GRU<4>>},
        {"dense_mean", in_double<sequence, Masking<>, TimeDistributed<Dense<4, Tanh>>, GlobalAveragePooling1D<>>},
        {"residual_mean", in_both<sequence, Masking<>, Residual<LSTM<3, ReturnSequences>>, GlobalAveragePooling1D<>>},
        {"two_masks",
         in_double<sequence, Concatenate<Branch<Masking<>>, Branch<Masking<MaskValue<0.5>>>>, SimpleRNN<3>>},
        {"conv_ends_mask", in_double<sequence, Masking<>, Conv1D<3, Kernel<2>>, GlobalAveragePooling1D<>>},
    }};

}  // namespace

TEST_CASE("masks: networks with them compute what Keras computes") { masking_cases.run(); }

// ReLU makes zeros, so that about a quarter of the steps is left out; of an Embedding's three rows, one is. Dense reads
// what Masking has cleared, and a Residual's sum is not computed by a backward pass.
TEST_CASE("masks: the gradients are those of the result") {
    check_gradients<Input<6, 2>, Dense<2, ReLU>, Masking<>, Residual<LSTM<2, ReturnSequences>>,
                    GRU<3, ReturnSequences, GoBackwards>, GlobalAveragePooling1D<>>();
    check_gradients<Input<7>, Embedding<3, 2, MaskZero>, Bidirectional<GRU<2, ReturnSequences, ResetBefore>>,
                    SimpleRNN<3, ReturnSequences, ZeroOutputForMask>>();
}

TEST_CASE("masks: where all steps are left out, the mean over them is zero") {
    using mean = network<shape<3, 2>, Masking<>, GlobalAveragePooling1D<>>;
    const batch_input in{.x = {0, 0, 0, 0, 0, 0}, .dy = {1, 1}, .values = {}};
    const batch_output out = run_batch<mean, double>(in);
    CHECK(out.y == std::vector<double>{0, 0});
    CHECK(out.dx == std::vector<double>{0, 0, 0, 0, 0, 0});
}
