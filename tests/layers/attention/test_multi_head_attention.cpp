#include "strata/layers/attention/multi_head_attention.hpp"

#include "layers/layer_case.hpp"
#include "layers/layer_check.hpp"
#include "strata/layers/composites.hpp"
#include "strata/layers/cropping.hpp"
#include "strata/model/gradient_check.hpp"

#include <array>
#include <string_view>
#include <type_traits>

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

using plain = stage_on<Input<5, 6>, MultiHeadAttention<2, 3>>;
using other = stage_on<Input<5, 6>, MultiHeadAttention<2, 3, ValueUnits<4>, OutputUnits<7>, NoBias>>;
static_assert(std::is_same_v<plain::output, shape<5, 6>> && std::is_same_v<other::output, shape<5, 7>>);
static_assert(total_size(plain::parameters) == 3 * (6 * 6 + 6) + 6 * 6 + 6);
static_assert(total_size(other::parameters) == 2 * 6 * 6 + 6 * 8 + 8 * 7);
static_assert(!plain::drops && stage_on<Input<5, 6>, MultiHeadAttention<2, 3, AttentionDropout<0.1>>>::drops);

// What Keras 3.15 gives to the initializers, where kernels of EinsumDense know their inputs and outputs.
constexpr bool has_fans(const parameter& p, std::string_view name, double in, double out) {
    return p.name == name && p.fan.in == in && p.fan.out == out;
}
static_assert(has_fans(plain::parameters[0], "query/kernel", 6, 6));
static_assert(has_fans(plain::parameters[1], "query/bias", 2, 3));
static_assert(plain::parameters[1].fan.unit == 6 && plain::parameters[7].fan.unit == 2 * 3);
static_assert(has_fans(other::parameters[2], "value/kernel", 6, 8));
static_assert(has_fans(other::parameters[3], "attention_output/kernel", 8, 7));

const tested_cases multi_head_attention_cases{
    "attention",
    {
        {"two_heads", in_both<Input<5, 6>, MultiHeadAttention<2, 3>>},
        {"value_units", in_double<Input<7, 4>, MultiHeadAttention<3, 2, ValueUnits<5>>>},
        {"causal", in_double<Input<7, 4>, MultiHeadAttention<2, 3, Causal>>},
        {"no_bias", in_double<Input<4, 5>, MultiHeadAttention<2, 4, NoBias>>},
        {"one_head", in_double<Input<6, 3>, MultiHeadAttention<1, 5, OutputUnits<7>>>},
        {"one_step", in_double<Input<1, 4>, MultiHeadAttention<2, 3>>},
        {"dropout_infer", in_double<Input<5, 4>, MultiHeadAttention<2, 3, Causal, AttentionDropout<0.3>>>},
        {"cross", in_both<Input<7, 4>,
                          CrossAttention<MultiHeadAttention<2, 3, ValueUnits<2>>, Branch<Cropping1D<1, 3>>, Branch<>>>},
        {"cross_causal",
         in_double<Input<6, 4>, CrossAttention<MultiHeadAttention<2, 3, Causal>, Branch<>, Branch<Cropping1D<2, 1>>>>},
    }};

}  // namespace

TEST_CASE("MultiHeadAttention computes what Keras computes") { multi_head_attention_cases.run(); }

// Without biases: the derivatives of that of the keys are zero, which gradient_check does not take.
TEST_CASE("MultiHeadAttention: the gradients are those of the result") {
    check_gradients<Input<5, 4>,
                    MultiHeadAttention<2, 3, ValueUnits<2>, Causal, AttentionDropout<0.3>, OutputUnits<3>, NoBias>>();
}
