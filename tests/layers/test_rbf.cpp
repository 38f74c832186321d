#include "strata/layers/rbf.hpp"

#include "layers/layer_check.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/rescaling.hpp"
#include "strata/losses/maximum_a_posteriori.hpp"
#include "strata/model/batch_run.hpp"
#include "strata/model/sequential.hpp"
#include "strata/training/gauss_newton.hpp"
#include "support/catch.hpp"
#include "support/xtensor.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<output_of<Input<84>, RBF<10>>, shape<10>>);
static_assert(std::is_same_v<output_of<Input<5, 3>, RBF<4, CentersInitializer<Ones>>>, shape<5, 4>>);
static_assert(stage_on<Input<84>, RBF<10>>::parameters[0].size() == 840);
static_assert(network<shape<84>, Frozen<RBF<10>>>::parameter_count == 0);

/// Second derivatives go back with room for the squares of an input, and for the gradient that an RBF reads.
using of_84 = network<shape<84>, RBF<10>>;
static_assert(gauss_newton_pass<of_84, double>::cells == network_pass<of_84, double>::cells + 84 + 10);

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

// The loss is that of distances: its second derivative with respect to an input of them is that of its Gauss-Newton
// approximation, and 2 for each unit of gradient.
TEST_CASE("RBF: second derivatives through distances count their own") {
    Sequential<Input<2>, Dense<3>, Frozen<RBF<4>>, Rescaling<-1>>::with<double> model(1);
    const MaximumAPosteriori loss{.rubbish_penalty = 3};
    const tensor<double, 2> x{{0.3, -0.2}, {1, 0.5}, {-0.7, 0.4}};
    const tensor<std::int32_t, 1> y{0, 2, 3};
    const auto found = gauss_newton_diagonal(model, loss, x, y);
    const tensor<double, 2> w = model.weights("dense/kernel").array(), c = model.weights("rbf/centers").array();
    const tensor<double, 2> logits = model.predict(x);
    for (std::size_t j = 0; j < 3; ++j) {
        double expected = 0;
        for (std::size_t n = 0; n < 3; ++n) {
            double all = std::exp(-3.0);
            for (std::size_t k = 0; k < 4; ++k) all += std::exp(logits(n, k));
            expected += 2 * std::exp(-3.0) / all / 3;
            for (std::size_t k = 0; k < 4; ++k) {
                const double p = std::exp(logits(n, k)) / all;
                const double difference = x(n, 0) * w(0, j) + x(n, 1) * w(1, j) - c(k, j);
                expected += 4 * p * (1 - p) * difference * difference / 3;
            }
        }
        CHECK(found["dense/bias"](j) == Approx(expected).epsilon(1e-10));
    }
}

TEST_CASE("RBF: second derivatives that the gradient makes negative are zero, after the sum over units for inputs") {
    using stage = RBF<2>::on<shape<2>>;
    // The centers (0, 0) and (3, 1).
    const std::vector<double> x{1, 0}, centers{0, 0, 3, 1}, gradient{-2, 1};
    std::vector<double> of_y{0.5, 0.25}, of_x{7, 7}, of_centers(4, 0.5);
    gauss_newton_context<double> c{{.x = x.data(),
                                    .y = nullptr,
                                    .dy = of_y.data(),
                                    .dx = of_x.data(),
                                    .parameters = centers.data(),
                                    .gradients = of_centers.data()}};
    c.gradient = gradient.data();
    stage::gauss_newton<true>(c);
    // 4 h d^2 + 2 g: -2 and -4 for the first center, 6 and 3 for the second.
    CHECK(of_centers == std::vector<double>{0.5, 0.5, 6.5, 3.5});
    CHECK(of_x == std::vector<double>{4, 0});
}

TEST_CASE("RBF: the gradients are those of the result") { check_gradients<Input<3, 4>, RBF<5>, Frozen<RBF<2>>>(); }
