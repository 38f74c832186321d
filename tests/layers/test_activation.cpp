#include "strata/layers/activation.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/dense.hpp"

#include <type_traits>
#include <vector>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

static_assert(std::is_same_v<Softmax::on<shape<3, 4>>::output, shape<3, 4>>);
static_assert(std::is_same_v<Tanh::on<shape<2, 3, 4>>::output, shape<2, 3, 4>>);
static_assert(GELU::on<shape<3>>::parameters.empty());
static_assert(std::is_same_v<Sparsemax::on<shape<3, 4>>::output, shape<3, 4>>);

template <class Activation, class Function>
constexpr bool computes = std::is_same_v<typename Activation::function, Function>;

// Without settings, and in any order.
static_assert(computes<ReLU::With<>, kernels::relu>);
static_assert(computes<ReLU::With<NegativeSlope<0.1>>, kernels::leaky_relu<0.1>>);
static_assert(computes<ReLU::With<MaxValue<6>>, kernels::relu6>);
static_assert(computes<ReLU::With<Threshold<1>, MaxValue<6>, NegativeSlope<0.1>>, kernels::bounded_relu<6, 0.1, 1>>);
static_assert(computes<ReLU::With<NegativeSlope<0.1>, Threshold<1>, MaxValue<6>>, kernels::bounded_relu<6, 0.1, 1>>);
static_assert(computes<LeakyReLU, kernels::leaky_relu<0.3>>);
static_assert(computes<LeakyReLU::With<>, kernels::leaky_relu<0.3>>);
static_assert(computes<LeakyReLU::With<NegativeSlope<0.2>>, kernels::leaky_relu<0.2>>);
static_assert(computes<ELU::With<Alpha<0.5>>, kernels::scaled_elu<0.5>>);
static_assert(computes<ELU::With<>, kernels::elu>);
static_assert(computes<CELU::With<Alpha<2>>, kernels::celu<2>>);
static_assert(computes<CELU, kernels::celu<1>>);
static_assert(computes<GELU::With<Approximate>, kernels::gelu_tanh>);
static_assert(computes<GELU::With<Exact>, kernels::gelu>);
static_assert(computes<GELU::With<>, kernels::gelu>);
static_assert(computes<HardShrink::With<Threshold<1>>, kernels::hard_shrink<1>>);
static_assert(computes<SoftShrink::With<Threshold<1>>, kernels::soft_shrink<1>>);
static_assert(computes<SoftShrink, SoftShrink::With<>::function>);
static_assert(computes<ScaledTanh, kernels::scaled_tanh<1.7159, 2.0 / 3>>);
static_assert(computes<ScaledTanh::With<>, ScaledTanh::function>);
static_assert(computes<ScaledTanh::With<Beta<3>, Alpha<2>>, kernels::scaled_tanh<2, 3>>);
static_assert(ReLU::With<MaxValue<6>>::class_name == ReLU::class_name);
static_assert(network<shape<3>, Tanh, Softmax>::ends_with == last_activation::softmax);
static_assert(!network<shape<3>, Softmax, Tanh>::ends_with_activation);

const tested_cases activation_cases{
    "activations",
    {
        {"linear", in_double<Input<19>, Linear>},
        {"relu", in_double<Input<19>, ReLU>},
        {"relu6", in_double<Input<19>, ReLU6>},
        {"leaky_relu", in_double<Input<19>, LeakyReLU::With<NegativeSlope<0.2>>>},
        {"leaky_relu_layer_default", in_double<Input<19>, LeakyReLU>},
        {"relu_max6_slope01_thr1", in_double<Input<19>, ReLU::With<MaxValue<6>, NegativeSlope<0.1>, Threshold<1>>>},
        {"elu", in_double<Input<19>, ELU>},
        {"selu", in_double<Input<19>, SELU>},
        {"celu", in_double<Input<19>, CELU>},
        {"sigmoid", in_double<Input<19>, Sigmoid>},
        {"hard_sigmoid", in_double<Input<19>, HardSigmoid>},
        {"log_sigmoid", in_double<Input<19>, LogSigmoid>},
        {"silu", in_double<Input<19>, SiLU>},
        {"hard_silu", in_double<Input<19>, HardSiLU>},
        {"gelu", in_both<Input<19>, GELU>},
        {"gelu_tanh", in_double<Input<19>, GELU::With<Approximate>>},
        {"mish", in_double<Input<19>, Mish>},
        {"tanh", in_both<Input<19>, Tanh>},
        {"hard_tanh", in_double<Input<19>, HardTanh>},
        {"tanh_shrink", in_double<Input<19>, TanhShrink>},
        {"hard_shrink", in_double<Input<19>, HardShrink>},
        {"soft_shrink", in_double<Input<19>, SoftShrink>},
        {"softplus", in_double<Input<19>, Softplus>},
        {"sparse_plus", in_double<Input<19>, SparsePlus>},
        {"squareplus", in_double<Input<19>, Squareplus>},
        {"softsign", in_double<Input<19>, Softsign>},
        {"exponential", in_double<Input<19>, Exponential>},
        {"softmax", in_both<Input<19>, Softmax>},
        {"log_softmax", in_both<Input<19>, LogSoftmax>},
    }};

/// `Dense<5, Activation>` has to be the same as a Dense with the activation behind it.
template <class Activation> void check_as_option() {
    INFO(Activation::class_name);
    using as_option = network<shape<3, 4>, Dense<5, Activation>>;
    using as_layer = network<shape<3, 4>, Dense<5>, Activation>;
    const auto values = [](std::size_t size, std::uint64_t seed) {
        const auto random = random_values(size, seed);
        return std::vector<double>(random.begin(), random.end());
    };
    const batch_input in{.x = values(2 * 12, 1), .dy = values(2 * 15, 2), .values = values(25, 3)};
    const batch_output one = run_batch<as_option, double>(in), two = run_batch<as_layer, double>(in);
    CHECK(relative_error(one.y, two.y) < 1e-15);
    CHECK(relative_error(one.dx, two.dx) < 1e-15);
    CHECK(relative_error(one.gradients, two.gradients) < 1e-15);
}

}  // namespace

TEST_CASE("activations compute what Keras computes") { activation_cases.run(); }

TEST_CASE("activations: the gradients are those of the result") {
    check_gradients<Input<7>, Linear>();
    check_gradients<Input<2, 5>, ReLU, Sigmoid, ELU>();
    check_gradients<Input<3, 2, 5>, Tanh, GELU>();
    check_gradients<Input<2, 2, 5>, Softmax>();
    check_gradients<Input<2, 2, 5>, LogSoftmax, Sparsemax>();
    check_gradients<Input<2, 5>, SELU, Mish, LogSigmoid>();
    check_gradients<Input<2, 5>, CELU, SiLU, SparsePlus>();
    check_gradients<Input<2, 5>, Softsign, Exponential, Squareplus>();
    check_gradients<Input<2, 5>, TanhShrink, Softplus, ScaledTanh>();
}

TEST_CASE("ScaledTanh is 1 at 1, and 1.7159 far off") {
    const batch_input in{.x = {1, -1, 100}, .dy = {1, 1, 1}, .values = {}};
    const batch_output out = run_batch<network<shape<3>, ScaledTanh>, double>(in);
    CHECK(out.y[0] == Approx(1).epsilon(1e-4));
    CHECK(out.y[1] == -out.y[0]);
    CHECK(out.y[2] == 1.7159);
    CHECK(out.dx[0] == Approx(2.0 / 3 * (1.7159 - 1 / 1.7159)).epsilon(1e-4));
    CHECK(out.dx[2] == Approx(0).margin(1e-15));
}

TEST_CASE("an activation as an option is the activation as a layer") {
    check_as_option<ReLU>();
    check_as_option<Tanh>();
    check_as_option<ScaledTanh>();
    check_as_option<Softmax>();
    check_as_option<GELU>();
    check_as_option<LeakyReLU::With<NegativeSlope<0.2>>>();
}
