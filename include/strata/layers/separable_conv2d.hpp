#pragma once

#include "strata/kernels/conv2d/conv2d.hpp"
#include "strata/layers/depthwise_conv2d.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct pointwise_initializer;
}  // namespace option

/// How the 1 x 1 kernel of a separable convolution starts, GlorotUniform by default (Keras: `pointwise_initializer`).
template <class Initializer>
struct PointwiseInitializer : initializer_option<option::pointwise_initializer, Initializer> {};

/// What the 1 x 1 kernel of a separable convolution adds to the loss, nothing by default (Keras:
/// `pointwise_regularizer`).
template <class Regularizer>
struct PointwiseRegularizer : regularizer_option<option::pointwise_initializer, Regularizer> {};

/// What the 1 x 1 kernel of a separable convolution keeps to after each step, nothing by default (Keras:
/// `pointwise_constraint`).
template <class Constraint>
struct PointwiseConstraint : constraint_option<option::pointwise_initializer, Constraint> {};

/// A depthwise convolution and, on its result, a convolution of 1 x 1.
template <class In, std::size_t Filters, class Options> struct separable_conv2d_stage : depthwise_plan<In, Options> {
    using base = depthwise_plan<In, Options>;
    using output = shape<base::extents.rows, base::extents.columns, Filters>;
    using inner_activation = typename base::inner_activation;

    static constexpr auto parameters = [] {
        constexpr auto second = with_bias<Options, Filters>(kernel_parameter<2>(
            "pointwise_kernel", {1, 1}, base::filters, Filters, rules_of<Options, option::pointwise_initializer>,
            {double(base::filters), double(Filters)}));
        if constexpr (base::use_bias)
            return std::array{base::kernel("depthwise_kernel"), second[0], second[1]};
        else
            return std::array{base::kernel("depthwise_kernel"), second[0]};
    }();
    static constexpr std::size_t pointwise_offset = offset_of(parameters, "pointwise_kernel");
    static constexpr std::size_t bias_offset = offset_or_end(parameters, "bias");

    static constexpr kernels::conv2d_geometry pointwise_geometry{.input = base::extents,
                                                                 .channels = base::filters,
                                                                 .output = base::extents,
                                                                 .filters = Filters,
                                                                 .kernel = {1, 1}};
    template <class V> using depthwise = typename base::template passes<V>;
    template <class V> using pointwise = kernels::conv2d<pointwise_geometry, V>;

    static constexpr std::size_t between = base::extents.rows * base::extents.columns * base::filters;
    template <class V> static constexpr std::size_t scratch = std::max(depthwise<V>::scratch, pointwise<V>::scratch);
    template <class V>
    static constexpr stage_needs needs{
        .scratch = scratch<V>,
        .backward_scratch = between + scratch<V>,
        .kept = between,
        .backward_reads_y = !std::is_same_v<inner_activation, kernels::linear>,
        .keeps_dy = !base::use_bias && std::is_same_v<inner_activation, kernels::linear>};

    template <class V> static void forward(forward_context<V> c) {
        depthwise<V>::template forward<kernels::linear, false>(c.x, c.parameters, nullptr, c.kept, c.scratch);
        pointwise<V>::template forward<inner_activation, base::use_bias>(c.kept, c.parameters + pointwise_offset,
                                                                         c.parameters + bias_offset, c.y, c.scratch);
    }

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        gradient_of_activation<separable_conv2d_stage, base::use_bias>(c);
        V* const dbetween = c.scratch;
        c.scratch += between;
        pointwise<V>::weight_gradient(c.kept, c.dy, c.gradients + pointwise_offset, c.scratch);
        pointwise<V>::input_gradient(c.dy, c.parameters + pointwise_offset, dbetween, c.scratch);
        depthwise<V>::weight_gradient(c.x, dbetween, c.gradients, c.scratch);
        if constexpr (InputGradient) depthwise<V>::input_gradient(dbetween, c.parameters, c.dx, c.scratch);
    }

    template <class V> static void input_gradient(backward_context<V> c) {
        gradient_of_activation<separable_conv2d_stage, false>(c);
        V* const dbetween = c.scratch;
        c.scratch += between;
        pointwise<V>::input_gradient(c.dy, c.parameters + pointwise_offset, dbetween, c.scratch);
        depthwise<V>::input_gradient(dbetween, c.parameters, c.dx, c.scratch);
    }
};

/// The options of SeparableConv2D, with Keras' defaults but for that of Kernel.
template <class... Options>
using separable_options = typename option_list<Options...>::template with_defaults<
    Kernel<3>, Strides<1>, Valid, Dilation<1>, DepthMultiplier<1>, UseBias, Linear, DepthwiseInitializer<GlorotUniform>,
    PointwiseInitializer<GlorotUniform>, BiasInitializer<Zeros>>;

/// 2-D convolution of each channel by itself, and then one of 1 x 1 over the results (Keras:
/// `SeparableConv2D`, channels last). The bias and the activation come behind both.
///
/// Shapes: rows x columns x channels to rows' x columns' x Filters. Parameters: `depthwise_kernel` (kernel rows, kernel
/// columns, channels, multiplier), `pointwise_kernel` (1, 1, channels * multiplier, Filters) and `bias` (Filters).
/// Options, in any order: Kernel<3> (unlike Keras it has a default), Strides<1>, Valid or Same, Dilation<1>,
/// DepthMultiplier<1>, NoBias, an activation, DepthwiseInitializer<GlorotUniform>, PointwiseInitializer<GlorotUniform>,
/// BiasInitializer<Zeros>.
template <std::size_t Filters, class... Options>
struct SeparableConv2D : convolution_layer<Filters, separable_options<Options...>> {
    using options = separable_options<Options...>;
    static_assert(known_but_for_causal<options>,
                  "SeparableConv2D: unknown option; it takes Kernel, Strides, Same, Valid, Dilation, DepthMultiplier, "
                  "NoBias, an activation, DepthwiseInitializer, PointwiseInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "SeparableConv2D";

    template <class In> struct on : separable_conv2d_stage<In, Filters, options> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::PointwiseConstraint;
using authoring::PointwiseInitializer;
using authoring::PointwiseRegularizer;
using authoring::SeparableConv2D;
}  // namespace strata
