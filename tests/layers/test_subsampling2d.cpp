#include "strata/layers/subsampling2d.hpp"

#include "layers/layer_check.hpp"
#include "strata/model/batch_run.hpp"
#include "strata/model/network.hpp"
#include "support/catch.hpp"
#include "support/gauss_newton_check.hpp"

#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

// Layers S2 and S4 of LeNet-5.
using s2 = stage_on<Input<28, 28, 6>, Subsampling2D<ScaledTanh>>;
static_assert(std::is_same_v<s2::output, shape<14, 14, 6>>);
static_assert(total_size(s2::parameters) == 12);
static_assert(s2::parameters[0].fan.in == 4 && s2::parameters[1].name == "bias");
static_assert(total_size(stage_on<Input<10, 10, 16>, Subsampling2D<ScaledTanh>>::parameters) == 32);

static_assert(std::is_same_v<output_of<Input<7, 9, 3>, Subsampling2D<NoBias, Pool<3, 2>>>, shape<2, 4, 3>>);
static_assert(stage_on<Input<7, 9, 3>, Subsampling2D<NoBias>>::parameters.size() == 1);
static_assert(has_hidden_stage<Subsampling2D<GELU>> && !has_hidden_stage<Subsampling2D<ScaledTanh>>);

}  // namespace

TEST_CASE("Subsampling2D: a coefficient times the sum of a window, plus a bias") {
    const auto check = [](const batch_output& out) {
        CHECK(out.y == std::vector<double>{8, 12, -13, -21});
        CHECK(out.dx == std::vector<double>{0.5, 0.5, 1,  1,  0.5, 0.5, 1,  1,  0, 0, 0, 0,  //
                                            2,   2,   -1, -1, 2,   2,   -1, -1, 0, 0, 0, 0});
        CHECK(out.gradients == std::vector<double>{1 * 14 + 2 * 22 - 4 * 28 + 2 * 44, 1 + 2 + 4 - 2});
    };
    // The last row of three fills no window.
    const batch_input in{.x = {1,  2,  3,  4,  5,   6,   7,   8,   9, 9, 9, 9,  //
                               -2, -4, -6, -8, -10, -12, -14, -16, 9, 9, 9, 9},
                         .dy = {1, 2, 4, -2},
                         .values = {0.5, 1}};
    using network = strata::authoring::network<shape<3, 4, 1>, Subsampling2D<>>;
    check(run_batch<network, double>(in));
    check(run_batch<network, pack<float>>(in));
}

TEST_CASE("Subsampling2D: a coefficient's second derivatives are those of sums of windows") {
    check_gauss_newton<stage_on<Input<5, 4, 3>, Subsampling2D<ScaledTanh>>>(60);
}

TEST_CASE("Subsampling2D: the gradients are those of the result") {
    check_gradients<Input<4, 7, 3>, Subsampling2D<Pool<2, 3>, ScaledTanh>, Subsampling2D<NoBias>>();
}
