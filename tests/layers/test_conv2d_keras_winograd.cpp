#include "layers/layer_case.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/model/gradient_check.hpp"

using namespace strata::authoring;
using namespace strata::authoring::test;

namespace {

/// A convolution by Winograd's transformation, also where Conv2D would take the direct one.
template <class Convolution> struct ByWinograd : Convolution {
    template <class In> struct on : Convolution::template on<In> {
        using direct = typename Convolution::template on<In>;
        template <class V> using passes = kernels::conv2d_winograd<direct::geometry, V>;
        using activation = typename direct::inner_activation;
        static constexpr std::size_t weights = direct::geometry.weight_count();

        template <class V> static constexpr stage_needs needs{.scratch = passes<V>::scratch};

        template <class V> static void forward(forward_context<V> c) {
            passes<V>::template forward<activation, direct::use_bias>(c.x, c.parameters, c.parameters + weights, c.y,
                                                                      c.scratch);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            constexpr auto extents = direct::output::extents;
            kernels::activation_gradient<extents[0] * extents[1], extents[2], activation, direct::use_bias>(
                c.y, c.dy, c.gradients + weights);
            passes<V>::weight_gradient(c.x, c.dy, c.gradients, c.scratch);
            if constexpr (InputGradient) passes<V>::input_gradient(c.dy, c.parameters, c.dx, c.scratch);
        }
    };
};

const tested_cases conv2d_keras_winograd_cases{
    "conv2d",
    {
        {"02_9x7x3_f5_k3x3_s1x1_same_d1_g1_None", in_both<Input<9, 7, 3>, ByWinograd<Conv2D<5, Same>>>},
        {"03_9x7x3_f5_k3x3_s1x1_valid_d1_g1_relu_nobias",
         in_double<Input<9, 7, 3>, ByWinograd<Conv2D<5, NoBias, ReLU, Kernel<3>>>>},
    }};

}  // namespace

TEST_CASE("Conv2D by Winograd's transformation computes what Keras computes") { conv2d_keras_winograd_cases.run(); }

TEST_CASE("Conv2D by Winograd's transformation has the gradients of its output") {
    const auto check = [](const gradient_report& report, std::size_t compared) {
        INFO(report.problem);
        CHECK(report.passed());
        CHECK(report.compared == compared);
    };
    check(gradient_check<Input<5, 6, 2>, ByWinograd<Conv2D<3, Same, Tanh>>>(), 60 + 57);
    check(gradient_check<Input<6, 5, 3>, ByWinograd<Conv2D<2, NoBias>>>(), 90 + 54);
}
