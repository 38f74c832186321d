#include "strata/layers/recurrent/simple_rnn.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/dense.hpp"

#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<stage_on<Input<5, 3>, SimpleRNN<4>>::output, shape<4>>);
static_assert(std::is_same_v<stage_on<Input<5, 3>, SimpleRNN<4, ReturnSequences>>::output, shape<5, 4>>);
static_assert(total_size(stage_on<Input<5, 3>, SimpleRNN<4>>::parameters) == (3 + 4 + 1) * 4);
static_assert(total_size(stage_on<Input<5, 3>, SimpleRNN<4, NoBias>>::parameters) == (3 + 4) * 4);

const tested_cases simple_rnn_cases{"recurrent",
                                    {
                                        {"SimpleRNN_last", in_both<Input<5, 3>, SimpleRNN<4>>},
                                        {"SimpleRNN_seq", in_both<Input<5, 3>, SimpleRNN<4, ReturnSequences>>},
                                    }};

}  // namespace

TEST_CASE("SimpleRNN computes what Keras computes") { simple_rnn_cases.run(); }

TEST_CASE("SimpleRNN: the gradients are those of the result") {
    check_gradients<Input<4, 3>, SimpleRNN<5, ReturnSequences, GoBackwards>>();
    check_gradients<Input<4, 2>, SimpleRNN<3, ReturnSequences, GoBackwardsInOrder, NoBias, ELU>>();
}

TEST_CASE("SimpleRNN: backwards, the input is read from its end and results stand in the order of the steps") {
    const std::vector<double> x{1, 2, 3, 4, 5, 6, 7, 8}, reversed{7, 8, 5, 6, 3, 4, 1, 2};
    const std::vector<double> values{0.1, -0.2, 0.3, 0.05, 0.2, -0.1, 0.4, 0.15, -0.3, 0.25, 0.05, -0.15};
    using forwards = network<shape<4, 2>, SimpleRNN<2, ReturnSequences>>;
    using backwards = network<shape<4, 2>, SimpleRNN<2, ReturnSequences, GoBackwards>>;
    using in_order = network<shape<4, 2>, SimpleRNN<2, ReturnSequences, GoBackwardsInOrder>>;
    using last = network<shape<4, 2>, SimpleRNN<2, GoBackwards>>;
    const std::vector<double> expected = predict_packs<forwards, double>(reversed, values);
    CHECK(predict_packs<backwards, double>(x, values) == expected);
    CHECK(predict_packs<last, double>(x, values) == std::vector<double>{expected[6], expected[7]});
    const std::vector<double> turned{expected[6], expected[7], expected[4], expected[5],
                                     expected[2], expected[3], expected[0], expected[1]};
    CHECK(predict_packs<in_order, double>(x, values) == turned);
}

TEST_CASE("SimpleRNN: of a single step it computes what Dense does") {
    batch_input in{.x = {0.5, -1, 2, 0.25}, .dy = {1, -2, 3, -1, 0.5, 2}, .values = {0.1, -0.2, 0.3, 0.05, 0.2, -0.1}};
    const batch_output expected = run_batch<network<shape<2>, Dense<3, Tanh, NoBias>>, double>(in);
    in.values.resize(6 + 9, 1);
    const batch_output found = run_batch<network<shape<1, 2>, SimpleRNN<3, NoBias>>, double>(in);
    CHECK(relative_error(found.y, expected.y) < 1e-15);
    CHECK(relative_error(found.dx, expected.dx) < 1e-15);
    std::vector<double> gradients = expected.gradients;
    gradients.resize(6 + 9);
    CHECK(relative_error(found.gradients, gradients) < 1e-15);
}
