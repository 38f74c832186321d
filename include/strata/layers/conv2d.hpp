#pragma once

#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/conv2d/conv2d.hpp"
#include "strata/kernels/conv2d/one_sample/conv2d.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/options.hpp"

#include <array>
#include <string_view>
#include <type_traits>

namespace strata {
inline namespace STRATA_ISA {

/// 2-D convolution (Keras: `Conv2D`, channels last).
///
/// Shapes: rows x columns x channels to rows' x columns' x Filters. Parameters: `kernel` (kernel rows, kernel columns,
/// channels / groups, Filters) and `bias` (Filters). Options, in any order: Kernel<3> (unlike Keras it has a default),
/// Strides<1>, Valid or Same, Dilation<1>, Groups<1>, NoBias, an activation, KernelInitializer<GlorotUniform>,
/// BiasInitializer<Zeros>.
template <std::size_t Filters, class... Options> struct Conv2D {
    using options =
        typename option_list<Options...>::template with_defaults<Kernel<3>, Strides<1>, Valid, Dilation<1>, Groups<1>,
                                                                 UseBias, Linear, KernelInitializer<GlorotUniform>,
                                                                 BiasInitializer<Zeros>>;
    static_assert(Filters > 0, "Conv2D: the number of filters must be at least 1");
    static_assert(options::known,
                  "Conv2D: unknown option; it takes Kernel, Strides, Same, Valid, Dilation, Groups, NoBias, an "
                  "activation, KernelInitializer and BiasInitializer");
    static_assert(options::unique, "Conv2D: an option is given twice");

    static constexpr std::string_view class_name = "Conv2D";
    using activation = activation_split<typename options::template get<option::activation>>;
    using then = typename activation::then;

    template <class In> struct on {
        static_assert(In::rank == 3, "Conv2D: the input must be rows x columns x channels; put Reshape before it");
        static constexpr auto input = image_extents<In>;
        static constexpr extent2d window = options::template get<option::kernel>::value;
        static constexpr extent2d strides = options::template get<option::strides>::value;
        static constexpr extent2d dilation = options::template get<option::dilation>::value;
        static constexpr std::size_t groups = options::template get<option::groups>::value;
        static constexpr bool same = options::template has<Same>;
        static constexpr bool use_bias = options::template has<UseBias>;

        static_assert(input[2] % groups == 0 && Filters % groups == 0,
                      "Conv2D: the groups must divide both the channels of the input and the filters");
        static_assert((strides.rows == 1 && strides.columns == 1) || (dilation.rows == 1 && dilation.columns == 1),
                      "Conv2D: Strides above 1 and Dilation above 1 cannot be combined (nor can they in Keras)");

        static constexpr extent2d extents{
            kernels::window_outputs(same, input[0], window.rows, strides.rows, dilation.rows),
            kernels::window_outputs(same, input[1], window.columns, strides.columns, dilation.columns)};
        static_assert(extents.rows > 0 && extents.columns > 0,
                      "Conv2D: the kernel is larger than the input; use Same or a smaller Kernel");

        using output = shape<extents.rows, extents.columns, Filters>;
        static constexpr kernels::conv2d_geometry geometry{
            .input = {input[0], input[1]},
            .channels = input[2],
            .output = extents,
            .filters = Filters,
            .kernel = window,
            .strides = strides,
            .dilation = dilation,
            .before = {kernels::padding_before(same, input[0], window.rows, strides.rows, dilation.rows),
                       kernels::padding_before(same, input[1], window.columns, strides.columns, dilation.columns)},
            .groups = groups};

        static constexpr auto parameters = [] {
            constexpr std::size_t taps = window.rows * window.columns;
            constexpr parameter kernel{
                "kernel",
                {window.rows, window.columns, input[2] / groups, Filters},
                initializer_of<typename options::template get<option::kernel_initializer>::type>(),
                {double(taps * (input[2] / groups)), double(taps * Filters)}};
            return with_bias<options, Filters>(kernel);
        }();

        using inner_activation = typename activation::inside;
        static constexpr std::size_t bias_offset = offset_or_end(parameters, "bias");

        template <class V> using passes = kernels::conv2d<geometry, V>;
        template <class V>
        static constexpr stage_needs needs{.scratch = passes<V>::scratch,
                                           .backward_reads_y = !std::is_same_v<inner_activation, kernels::linear>,
                                           .keeps_dy = !use_bias && std::is_same_v<inner_activation, kernels::linear>};

        template <class V> static void forward(forward_context<V> c) {
            passes<V>::template forward<inner_activation, use_bias>(c.x, c.parameters, c.parameters + bias_offset, c.y,
                                                                    c.scratch);
        }

        template <class V> using one_sample = kernels::one_sample::conv2d<geometry, inner_activation, use_bias, V>;

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            kernels::activation_gradient<extents.rows * extents.columns, Filters, inner_activation, use_bias>(
                c.y, c.dy, c.gradients + bias_offset);
            backward_of_sums<InputGradient>(c);
        }

        /// The rest of the backward pass: c.dy is the gradient with respect to what the activation was applied to, and
        /// that of the bias has been added.
        template <bool InputGradient, class V> static void backward_of_sums(const backward_context<V>& c) {
            if constexpr (InputGradient)
                passes<V>::gradients(c.x, c.dy, c.parameters, c.gradients, c.dx, c.scratch);
            else
                passes<V>::weight_gradient(c.x, c.dy, c.gradients, c.scratch);
        }

        template <class V> static void input_gradient(backward_context<V> c) {
            kernels::activation_gradient<extents.rows * extents.columns, Filters, inner_activation, false, V>(c.y, c.dy,
                                                                                                              nullptr);
            passes<V>::input_gradient(c.dy, c.parameters, c.dx, c.scratch);
        }

        /// This very stage, for fusions: one that is derived from it and has a `backward` of its own is another one.
        using ends_with_activation = on;
    };
};

}  // namespace STRATA_ISA
}  // namespace strata
