#include "strata/layers/cropping.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<4, 5, 2>, Cropping2D<>>, shape<4, 5, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, Cropping2D<1>>, shape<2, 3, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, Cropping2D<1, 2>>, shape<2, 1, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, Cropping2D<3, 0, 1, 2>>, shape<1, 2, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, Cropping1D<>>, shape<2, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, Cropping1D<0, 3>>, shape<1, 2>>);

const tested_cases cropping_cases{"convolution_family",
                                  {{"16_Cropping2D", in_both<Input<5, 6, 2>, Cropping2D<1, 0, 2, 1>>}}};

}  // namespace

TEST_CASE("Cropping2D computes what Keras computes") { cropping_cases.run(); }

TEST_CASE("Cropping2D: the gradients are those of the result") {
    const gradient_report report = gradient_check<Input<4, 5, 2>, Cropping2D<1, 0, 2, 1>>();
    INFO(report.problem);
    CHECK(report.passed());
}

TEST_CASE("Cropping1D: steps at both ends are left out") {
    const std::vector<double> y =
        predict_packs<network<shape<4, 2>, Cropping1D<1, 2>>, double>({1, 2, 3, 4, 5, 6, 7, 8}, {});
    CHECK(y == std::vector<double>{3, 4});
}
