#include "strata/layers/zero_padding.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/reshape.hpp"
#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"

#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<4, 5, 2>, ZeroPadding2D<>>, shape<6, 7, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, ZeroPadding2D<3>>, shape<10, 11, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, ZeroPadding2D<1, 2>>, shape<6, 9, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 5, 2>, ZeroPadding2D<1, 2, 3, 4>>, shape<7, 12, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, ZeroPadding1D<>>, shape<6, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, ZeroPadding1D<2>>, shape<8, 2>>);
static_assert(std::is_same_v<output_of<Input<4, 2>, ZeroPadding1D<2, 3>>, shape<9, 2>>);

const tested_cases zero_padding_cases{"convolution_family",
                                      {{"15_ZeroPadding2D", in_both<Input<4, 5, 2>, ZeroPadding2D<1, 2, 0, 3>>}}};

}  // namespace

TEST_CASE("ZeroPadding2D computes what Keras computes") { zero_padding_cases.run(); }

TEST_CASE("ZeroPadding1D and ZeroPadding2D: the gradients are those of the result") {
    const gradient_report report =
        gradient_check<Input<3, 2>, ZeroPadding1D<2, 1>, Reshape<2, 3, 2>, ZeroPadding2D<0, 1>>();
    INFO(report.problem);
    CHECK(report.passed());
}

TEST_CASE("ZeroPadding1D: zeros before and behind the steps") {
    const std::vector<double> y = predict_packs<network<shape<2, 2>, ZeroPadding1D<1, 2>>, double>({1, 2, 3, 4}, {});
    CHECK(y == std::vector<double>{0, 0, 1, 2, 3, 4, 0, 0, 0, 0});
}
