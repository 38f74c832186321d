#include "strata/layers/normalization/batch_normalization.hpp"

#include "layers/layer_case.hpp"
#include "strata/core/random.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/dense.hpp"
#include "strata/layers/merging.hpp"
#include "strata/model/gradient_check.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using BN = BatchNormalization<>;

const tested_cases batch_normalization_cases{
    "normalization",
    {
        {"batchnorm_7_train", in_double<Input<7>, BN>},
        {"batchnorm_7_infer", in_double<Input<7>, BN>},
        {"batchnorm_5x6x3_train", in_both<Input<5, 6, 3>, BN>},
        {"batchnorm_5x6x3_infer", in_both<Input<5, 6, 3>, BN>},
        {"batchnorm_4x4x17_train", in_double<Input<4, 4, 17>, BN>},
        {"batchnorm_4x4x17_infer", in_double<Input<4, 4, 17>, BN>},
        {"batchnorm_nocenter_noscale_eps1e-5_m0.9_train",
         in_double<Input<3, 4, 2>, BatchNormalization<NoCenter, NoScale, Momentum<0.9>, Epsilon<1e-5>>>},
    }};

// With an activation that follows from its result it is one step, with another one two.
static_assert(network<shape<3, 4, 2>, BN, ReLU>::depth == 1 && network<shape<3, 4, 2>, BN, Tanh>::depth == 1);
static_assert(network<shape<3, 4, 2>, BN, GELU>::depth == 2 && network<shape<3, 4, 2>, BN, BN>::depth == 2);
static_assert(network<shape<3, 4, 2>, BN, ReLU>::parameter_count == 4 &&
              network<shape<3, 4, 2>, BN, ReLU>::state_count == 4);

/// Samples whose mean is large beside their deviation.
template <class Network, class V> std::vector<double> normalized(double offset) {
    random_stream random(3, 0);
    batch_input in{.x = std::vector<double>(20 * Network::input::size), .dy = {}, .values = {1, 1, 0, 0, 0, 0, 1, 1}};
    for (double& x : in.x) x = std::round((offset + random.normal()) * 64) / 64;  // the same number in float
    in.backward = false;
    return run_batch<Network, V>(in).y;
}

}  // namespace

TEST_CASE("BatchNormalization computes what Keras computes") { batch_normalization_cases.run(); }

TEST_CASE("BatchNormalization: gradients through the statistics of the batch, with and without an activation") {
    const auto check = [](const gradient_report& report) {
        INFO(report.problem);
        CHECK(report.passed());
    };
    check(gradient_check<Input<2, 3>, BN>());
    check(gradient_check<Input<5>, BatchNormalization<NoCenter>, Tanh>());
}

TEST_CASE("BatchNormalization: a large mean does not drown the variance") {
    using net = network<shape<6, 4, 2>, BN>;
    const auto exact = normalized<net, double>(1000), found = normalized<net, pack<float>>(1000);
    CHECK(relative_error(found, exact) < 1e-4);  // x - mean itself is good to 6e-5 of a deviation
}

TEST_CASE(
    "BatchNormalization: without trained values before or in it, nothing is written where its gradient would be") {
    using net =
        network<shape<4>, Concatenate<Branch<Dense<4>>, Branch<BatchNormalization<NoCenter, NoScale>, ReLU>>, Dense<2>>;
    random_stream random(1, 0);
    batch_input in{.x = std::vector<double>(5 * 4), .dy = std::vector<double>(5 * 2), .values = {}};
    for (double& x : in.x) x = random.symmetric(1);
    for (double& dy : in.dy) dy = random.symmetric(1);
    in.values.resize(net::value_count, 1);
    for (std::size_t i = 0; i < net::parameter_count; ++i) in.values[i] = random.symmetric(1);
    const auto as_in_training = run_batch<net, double, false>(in).gradients;
    CHECK(relative_error(as_in_training, run_batch<net, double>(in).gradients) < 1e-14);
}
