#include "strata/layers/prelu.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"

#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

template <class Layer, std::size_t... Extents>
constexpr const auto& alpha = Layer::template on<shape<Extents...>>::parameters[0];

static_assert(alpha<PReLU<>, 4, 5>.size() == 20);
static_assert(alpha<PReLU<AlphaInitializer<Ones>, SharedAxes<1>>, 4, 5>.size() == 5);
static_assert(alpha<PReLU<SharedAxes<1, 3>>, 4, 5, 3>.extents[1] == 5);
static_assert(alpha<PReLU<SharedAxes<1, 3>>, 4, 5, 3>.size() == 5);

const tested_cases prelu_cases{"activations",
                               {
                                   {"prelu", in_both<Input<19>, PReLU<>>},
                                   {"prelu_shared", in_both<Input<4, 5, 3>, PReLU<SharedAxes<1, 2>>>},
                               }};

}  // namespace

TEST_CASE("PReLU computes what Keras computes") { prelu_cases.run(); }

TEST_CASE("PReLU: the gradients are those of the result") {
    check_gradients<Input<3, 7>, PReLU<>>();
    check_gradients<Input<4, 3, 5>, PReLU<SharedAxes<1, 3>>>();
    check_gradients<Input<4, 2, 3>, PReLU<SharedAxes<2>>>();
    check_gradients<Input<8>, PReLU<SharedAxes<1>>>();
}

TEST_CASE("PReLU has neither derivative at zero") {
    const batch_input in{.x = {0, 1, -1}, .dy = {1, 1, 1}, .values = {0.5, 0.5, 0.5}};
    CHECK(run_batch<network<shape<3>, PReLU<>>, double>(in).dx == std::vector<double>{0, 1, 0.5});
}
