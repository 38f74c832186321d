#include "strata/layers/normalization/stage.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/normalization/group_normalization.hpp"
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/layers/normalization/rms_normalization.hpp"
#include "strata/layers/normalization/unit_normalization.hpp"

#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(LayerNormalization<>::on<shape<4, 5>>::parameters[0].name == "gamma");
static_assert(LayerNormalization<NoScale>::on<shape<4, 5>>::parameters[0].name == "beta");
static_assert(LayerNormalization<NoCenter>::on<shape<4, 5>>::parameters.size() == 1);
static_assert(LayerNormalization<NoCenter, NoScale>::on<shape<4, 5>>::parameters.empty());
static_assert(LayerNormalization<NoCenter, NoScale>::on<shape<4, 5>>::needs.in_place);
static_assert(GroupNormalization<>::on<shape<3, 64>>::kernel<double>::kept_cells == 64);

const tested_cases stage_cases{"normalization",
                               {
                                   {"layernorm_9", in_both<Input<9>, LayerNormalization<>>},
                                   {"layernorm_4x5x3", in_both<Input<4, 5, 3>, LayerNormalization<Epsilon<1e-3>>>},
                                   {"groupnorm_4x4x6_g3", in_both<Input<4, 4, 6>, GroupNormalization<Groups<3>>>},
                                   {"rmsnorm_11", in_both<Input<11>, RMSNormalization<>>},
                                   {"unitnorm_11", in_both<Input<11>, UnitNormalization>},
                               }};

}  // namespace

TEST_CASE("LayerNormalization, GroupNormalization, RMSNormalization, UnitNormalization compute what Keras computes") {
    stage_cases.run();
}

TEST_CASE("LayerNormalization: the gradients are those of the result") {
    check_gradients<Input<3, 5>, LayerNormalization<Epsilon<0.1>>>();
    check_gradients<Input<70>, LayerNormalization<NoScale>>();
    check_gradients<Input<2, 9>, LayerNormalization<NoCenter, NoScale>>();
}

TEST_CASE("GroupNormalization: the gradients are those of the result") {
    check_gradients<Input<3, 2, 6>, GroupNormalization<Groups<2>>>();
    check_gradients<Input<7, 3>, GroupNormalization<NoCenter, Groups<3>>>();
    check_gradients<Input<4>, GroupNormalization<Groups<1>, NoCenter, NoScale>>();
}

TEST_CASE("RMSNormalization: the gradients are those of the result") {
    check_gradients<Input<3, 5>, RMSNormalization<>>();
}

TEST_CASE("UnitNormalization: the gradients are those of the result") {
    check_gradients<Input<3, 5>, UnitNormalization>();
}

TEST_CASE("normalization of what does not vary gives beta, and of zeros zeros") {
    const auto result = [](auto layer, std::vector<double> x, std::vector<double> values) {
        using network = strata::authoring::network<shape<3>, decltype(layer)>;
        return run_batch<network, double>({.x = x, .dy = x, .values = values, .backward = false}).y;
    };
    CHECK(result(LayerNormalization<>(), {5, 5, 5}, {7, 8, 9, 1, 2, 3}) == std::vector<double>{1, 2, 3});
    CHECK(result(GroupNormalization<Groups<3>>(), {5, 6, 7}, {7, 8, 9, 1, 2, 3}) == std::vector<double>{1, 2, 3});
    CHECK(result(RMSNormalization<>(), {0, 0, 0}, {7, 8, 9}) == std::vector<double>{0, 0, 0});
    CHECK(result(UnitNormalization(), {0, 0, 0}, {}) == std::vector<double>{0, 0, 0});
    CHECK(relative_error(result(UnitNormalization(), {0, -3, 4}, {}), std::vector<double>{0, -0.6, 0.8}) < 1e-15);
}
