#include "strata/layers/glu.hpp"

#include "layers/layer_case.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/gradient_check.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<GLU::on<shape<3, 8>>::output, shape<3, 4>>);
static_assert(std::is_same_v<network<shape<5>, Dense<8, GLU>, Dense<2>>::shape_at<2>, shape<4>>);

const tested_cases cases{"activations", {{"glu", in_both<Input<18>, GLU>}}};

template <class In, class... Layers> void check() {
    const gradient_report report = gradient_check<In, Layers...>();
    INFO(report.problem);
    CHECK(report.passed());
}

}  // namespace

TEST_CASE("GLU computes what Keras computes") { cases.run(); }

TEST_CASE("GLU: the gradients are those of the result") {
    check<Input<3, 8>, GLU>();
    check<Input<5>, Dense<6, GLU>>();
}
