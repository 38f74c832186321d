#include "strata/layers/rbf.hpp"

#include "layers/layer_check.hpp"
#include "strata/layers/composites.hpp"
#include "strata/model/batch_run.hpp"
#include "strata/model/network.hpp"
#include "support/catch.hpp"

#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<84>, RBF<10>>, shape<10>>);
static_assert(std::is_same_v<output_of<Input<5, 3>, RBF<4, CentersInitializer<Ones>>>, shape<5, 4>>);
static_assert(stage_on<Input<84>, RBF<10>>::parameters[0].size() == 840);
static_assert(network<shape<84>, Frozen<RBF<10>>>::parameter_count == 0);

}  // namespace

TEST_CASE("RBF: the squared distances to the centers") {
    const auto check = [](const batch_output& out) {
        CHECK(out.y == std::vector<double>{1 + 4, 1 + 9, 9 + 4, 9 + 49});
        CHECK(out.dx == std::vector<double>{2 * 3 * 1 + 2 * 1 * 1, 2 * 3 * 2 - 2 * 1 * 3, 2 * 3, -2 * 2});
        CHECK(out.gradients ==
              std::vector<double>{-2 * 3 * 1 - 2 * 1 * 3, -2 * 3 * 2 + 2 * 1 * 2, -2 * 1 * 1, 2 * 1 * 3});
    };
    // Two samples, and two centers: (0, 0) and (0, 5).
    const batch_input in{.x = {1, 2, 3, -2}, .dy = {3, 1, 1, 0}, .values = {0, 0, 0, 5}};
    using network = strata::authoring::network<shape<2>, RBF<2>>;
    check(run_batch<network, double>(in));
    check(run_batch<network, pack<float>>(in));
}

TEST_CASE("RBF: the gradients are those of the result") { check_gradients<Input<3, 4>, RBF<5>, Frozen<RBF<2>>>(); }
