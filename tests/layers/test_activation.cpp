#include "strata/layers/activation.hpp"

#include "layers/layer_case.hpp"
#include "strata/layers/dense.hpp"
#include "strata/model/gradient_check.hpp"

#include <type_traits>
#include <vector>

using namespace strata;
using namespace strata::test;

namespace {

static_assert(std::is_same_v<Softmax::on<shape<3, 4>>::output, shape<3, 4>>);
static_assert(std::is_same_v<Tanh::on<shape<2, 3, 4>>::output, shape<2, 3, 4>>);
static_assert(GELU::on<shape<3>>::parameters.empty());
static_assert(network<shape<3>, Tanh, Softmax>::ends_with_softmax);
static_assert(!network<shape<3>, Softmax, Tanh>::ends_with_softmax);

const tested_cases cases{"activations",
                         {
                             {"linear", as_keras<Input<19>, Linear>},
                             {"relu", as_keras<Input<19>, ReLU>},
                             {"sigmoid", as_keras<Input<19>, Sigmoid>},
                             {"tanh", as_keras<Input<19>, Tanh>},
                             {"softmax", as_keras<Input<19>, Softmax>},
                             {"elu", as_keras<Input<19>, ELU>},
                             {"gelu", as_keras<Input<19>, GELU>},
                         }};

template <class In, class... Layers> void check() {
    const gradient_report report = gradient_check<In, Layers...>();
    INFO(report.problem);
    CHECK(report.passed());
}

/// `Dense<5, Activation>` has to be the same as a Dense with the activation behind it.
template <class Activation> void check_as_option() {
    INFO(Activation::class_name);
    using as_option = network<shape<3, 4>, Dense<5, Activation>>;
    using as_layer = network<shape<3, 4>, Dense<5>, Activation>;
    const auto values = [](std::size_t size, std::uint64_t seed) {
        const auto random = random_values(size, seed);
        return std::vector<double>(random.begin(), random.end());
    };
    const auto x = values(2 * 12, 1), dy = values(2 * 15, 2), parameters = values(25, 3);
    const case_result one = run_case<as_option, double>(x, dy, parameters),
                      two = run_case<as_layer, double>(x, dy, parameters);
    CHECK(relative_error(one.y, two.y) < 1e-15);
    CHECK(relative_error(one.dx, two.dx) < 1e-15);
    CHECK(relative_error(one.gradients, two.gradients) < 1e-15);
}

}  // namespace

TEST_CASE("activations compute what Keras computes") { cases.run(); }

TEST_CASE("activations: the gradients are those of the result") {
    check<Input<7>, Linear>();
    check<Input<2, 5>, ReLU>();
    check<Input<2, 5>, Sigmoid>();
    check<Input<3, 2, 5>, Tanh>();
    check<Input<2, 5>, ELU>();
    check<Input<2, 5>, GELU>();
    check<Input<2, 2, 5>, Softmax>();
}

TEST_CASE("an activation as an option is the activation as a layer") {
    check_as_option<Linear>();
    check_as_option<ReLU>();
    check_as_option<Sigmoid>();
    check_as_option<Tanh>();
    check_as_option<Softmax>();
    check_as_option<ELU>();
    check_as_option<GELU>();
}
