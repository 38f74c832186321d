#include "strata/layers/recurrent/time_distributed.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/normalization/normalization.hpp"
#include "strata/layers/recurrent/simple_rnn.hpp"
#include "strata/layers/regularization/dropout.hpp"
#include "strata/layers/reshape.hpp"

#include <cstddef>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using of_images = stage_on<Input<3, 6, 5, 2>, TimeDistributed<Conv2D<4>>>;
static_assert(std::is_same_v<of_images::output, shape<3, 4, 3, 4>>);
static_assert(total_size(of_images::parameters) == 4 * (3 * 3 * 2 + 1));
static_assert(std::is_same_v<stage_on<Input<3, 5>, TimeDistributed<Dense<4>>>::output, shape<3, 4>>);
static_assert(std::is_same_v<stage_on<Input<3, 4, 2>, TimeDistributed<Flatten>>::output, shape<3, 8>>);
static_assert(moves_nothing<stage_on<Input<3, 4, 2>, TimeDistributed<Flatten>>>);
static_assert(network<shape<3, 5>, TimeDistributed<Dense<4, Softmax>>>::depth == 2);

}  // namespace

TEST_CASE("TimeDistributed: the gradients are those of the result") {
    check_gradients<Input<3, 4, 3, 1>, TimeDistributed<Conv2D<2, Tanh>>, TimeDistributed<Flatten>,
                    TimeDistributed<Dense<3, Softmax>>>();
}

TEST_CASE("TimeDistributed: a layer that keeps cells keeps those of each step") {
    check_gradients<Input<2, 3, 2>, TimeDistributed<SimpleRNN<3>>>();
}

TEST_CASE("TimeDistributed gives each step what the layer gives it alone") {
    using alone = network<shape<5>, Dense<3, Tanh>>;
    using distributed = network<shape<2, 5>, TimeDistributed<Dense<3, Tanh>>>;
    std::vector<double> x, values;
    for (int i = 0; i < 20; ++i) x.push_back(0.1 * i - 1);
    for (std::size_t i = 0; i < alone::value_count; ++i) values.push_back(0.3 - 0.04 * double(i));
    const std::vector<double> expected = predict_packs<alone, double>(x, values);
    CHECK(predict_packs<distributed, double>(x, values) == expected);
    CHECK(relative_error(predict_packs<distributed, pack<float>>(x, values), expected) < 1e-5);
    CHECK(relative_error(predict_one_by_one<distributed, pack<float>>(x, values), expected) < 1e-5);
}

TEST_CASE("TimeDistributed: the state of the layer is that of each step") {
    using alone = network<shape<3>, Normalization>;
    using distributed = network<shape<2, 3>, TimeDistributed<Normalization>>;
    const std::vector<double> x{1, 2, 3, 4, 5, 6}, state{2, 1, 0, 4, 9, 0.25};
    CHECK(predict_packs<distributed, double>(x, state) == predict_packs<alone, double>(x, state));
    CHECK(predict_packs<alone, double>(x, state)[0] == -0.5);
}

TEST_CASE("TimeDistributed: no step draws the random numbers of another one") {
    constexpr std::size_t steps = (1 << 16) + 1, cells = 32;
    using dropped = stage_on<Input<steps, cells>, TimeDistributed<Dropout<0.5>>>;
    std::vector<double> x(steps * cells, 1), y(x.size()), kept(needs_of<dropped, double>.kept);
    dropped::forward(
        forward_context<double>{.x = x.data(), .y = y.data(), .kept = kept.data(), .training = true, .random = {}});
    const auto step = [&](std::size_t t) { return std::vector(&y[t * cells], &y[t * cells] + cells); };
    CHECK(step(1) != step(0));
    CHECK(step(1 << 16) != step(0));
}
