#include "strata/layers/embedding.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/gradient_check.hpp"

#include <array>
#include <cstddef>
#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<stage_on<Input<4>, Embedding<11, 6>>::output, shape<4, 6>>);
static_assert(std::is_same_v<stage_on<Input<2, 3>, Embedding<11, 6>>::output, shape<2, 3, 6>>);
static_assert(total_size(stage_on<Input<4>, Embedding<11, 6>>::parameters) == 11 * 6);
static_assert(network<shape<4>, Embedding<11, 6>>::index_count<double> == 11);

const tested_cases embedding_cases{"recurrent", {{"Embedding", in_both<Input<4>, Embedding<11, 6>>}}};

}  // namespace

TEST_CASE("Embedding computes what Keras computes") { embedding_cases.run(); }

TEST_CASE("Embedding: the gradients are those of the result") {
    const gradient_report report = gradient_check<Input<5>, Embedding<4, 3>, Dense<2, Tanh>>();
    INFO(report.problem);
    CHECK(report.passed());
}

TEST_CASE("Embedding: the numbers have no gradient, and lanes without a sample none to give") {
    using stage = stage_on<Input<2>, Embedding<3, 2>>;
    using V = pack<float>;
    const aligned_vector<V> x{V(1.0f), V(2.0f)};
    aligned_vector<V> dy(4, V(1.0f)), dx(2, V(5.0f));
    std::array<float, 6> gradients{};
    backward_context<V> c{.x = x.data(), .y = nullptr, .dy = dy.data(), .dx = dx.data()};
    c.gradients = gradients.data();
    c.samples = 1;
    stage::backward<true>(c);
    CHECK(gradients == std::array<float, 6>{0, 0, 1, 1, 1, 1});
    CHECK(lane(dx, 0) == aligned_vector<double>{0, 0});
}
