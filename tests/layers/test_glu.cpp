#include "strata/layers/glu.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/dense.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<GLU::on<shape<3, 8>>::output, shape<3, 4>>);
static_assert(std::is_same_v<network<shape<5>, Dense<8, GLU>, Dense<2>>::shape_at<2>, shape<4>>);

const tested_cases glu_cases{"activations", {{"glu", in_both<Input<18>, GLU>}}};

}  // namespace

TEST_CASE("GLU computes what Keras computes") { glu_cases.run(); }

TEST_CASE("GLU: the gradients are those of the result") {
    check_gradients<Input<3, 8>, GLU>();
    check_gradients<Input<5>, Dense<6, GLU>>();
}
