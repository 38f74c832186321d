#include "layers/layer_case.hpp"
#include "strata/layers/recurrent/gru.hpp"
#include "strata/layers/recurrent/lstm.hpp"
#include "strata/layers/recurrent/simple_rnn.hpp"

#include <cstddef>
#include <string>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

/// Whether samples one by one, with the lanes over units, have the results of plain numbers.
template <class Layer> void check(const std::string& name) {
    INFO(name);
    using network = strata::authoring::network<shape<4, 3>, Layer>;
    const auto x = random_values(2 * network::input::size, 1), values = random_values(network::value_count, 2);
    const std::vector<double> in(x.begin(), x.end()), arena(values.begin(), values.end());
    const auto expected = predict_packs<network, double>(in, arena);
    CHECK(relative_error(predict_one_by_one<network, pack<float>>(in, arena), expected) < 1e-5);
}

}  // namespace

TEST_CASE("recurrent layers: a sample alone has the same result, whether units fill their last vector or not") {
    check<SimpleRNN<21, ReturnSequences, GoBackwards>>("SimpleRNN");
    check<LSTM<16>>("LSTM of whole vectors");
    check<LSTM<21, ReturnSequences, GoBackwardsInOrder>>("LSTM");
    check<GRU<21, ReturnSequences>>("GRU");
    check<GRU<19, ResetBefore, GoBackwards, ReLU>>("GRU with the reset before");
}
