#pragma once

#include "strata/core/options.hpp"
#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/conv2d/conv2d.hpp"
#include "strata/kernels/conv2d/one_sample/conv2d.hpp"
#include "strata/layers/activation.hpp"

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
    using kinds = option_kinds<option::kernel, option::strides, option::padding, option::dilation, option::groups,
                               option::bias, option::activation, option::kernel_initializer, option::bias_initializer>;
    static_assert(Filters > 0, "Conv2D: the number of filters must be at least 1");
    static_assert(kinds::template know_all<Options...>,
                  "Conv2D: unknown option; it takes Kernel, Strides, Same, Valid, Dilation, Groups, NoBias, an "
                  "activation, KernelInitializer and BiasInitializer");
    static_assert(kinds::template at_most_once<Options...>, "Conv2D: an option is given twice");

    static constexpr std::string_view class_name = "Conv2D";
    using activation = activation_split<option_or<option::activation, Linear, Options...>>;
    using then = typename activation::then;

    template <class In> struct on {
        static_assert(In::rank == 3, "Conv2D: the input must be rows x columns x channels; put Reshape before it");
        static constexpr auto input = image_extents<In>;
        static constexpr extent2d window = option_or<option::kernel, Kernel<3>, Options...>::value;
        static constexpr extent2d strides = option_or<option::strides, Strides<1>, Options...>::value;
        static constexpr extent2d dilation = option_or<option::dilation, Dilation<1>, Options...>::value;
        static constexpr std::size_t groups = option_or<option::groups, Groups<1>, Options...>::value;
        static constexpr bool same = std::is_same_v<option_or<option::padding, Valid, Options...>, Same>;
        static constexpr bool use_bias = std::is_same_v<option_or<option::bias, UseBias, Options...>, UseBias>;

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
            using kernel_initializer =
                option_or<option::kernel_initializer, KernelInitializer<GlorotUniform>, Options...>;
            using bias_initializer = option_or<option::bias_initializer, BiasInitializer<Zeros>, Options...>;
            const std::size_t taps = window.rows * window.columns;
            const parameter kernel{"kernel",
                                   {window.rows, window.columns, input[2] / groups, Filters},
                                   kernel_initializer::type::draw,
                                   {double(taps * (input[2] / groups)), double(taps * Filters)}};
            if constexpr (use_bias) {
                return std::array{
                    kernel,
                    parameter{"bias", {Filters}, bias_initializer::type::draw, {double(Filters), double(Filters)}}};
            } else {
                return std::array{kernel};
            }
        }();

        using inner_activation = typename activation::inside;
        static constexpr std::size_t bias_offset = geometry.weight_count();

        template <class V> static constexpr std::size_t scratch = kernels::conv2d<geometry, V>::scratch;

        template <class V> static void forward(const V* x, const scalar_t<V>* p, V* y, V* scratch) {
            kernels::conv2d<geometry, V>::template forward<inner_activation, use_bias>(x, p, p + bias_offset, y,
                                                                                       scratch);
        }

        template <class V> using one_sample = kernels::one_sample::conv2d<geometry, inner_activation, use_bias, V>;

        template <bool InputGradient, bool FromSums = false, class V>
        static void backward(const V* x, [[maybe_unused]] const V* y, V* dy, const scalar_t<V>* p, scalar_t<V>* g,
                             V* dx, V* scratch) {
            if constexpr (!FromSums) {
                kernels::activation_gradient<extents.rows * extents.columns, Filters, inner_activation, use_bias>(
                    y, dy, g + bias_offset);
            }
            using passes = kernels::conv2d<geometry, V>;
            if constexpr (InputGradient)
                passes::gradients(x, dy, p, g, dx, scratch);
            else
                passes::weight_gradient(x, dy, g, scratch);
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata
