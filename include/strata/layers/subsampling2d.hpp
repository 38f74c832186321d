#pragma once

#include "strata/kernels/pooling2d/subsampling2d.hpp"
#include "strata/layers/convolution_stage.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What Subsampling2D computes, for convolution_stage.
template <class In, class Options> struct subsampling_plan : input_of_axes<In, 2> {
    using inner_activation = typename activation_split<typename Options::template get<option::activation>>::inside;
    static constexpr bool use_bias = Options::template has<UseBias>;
    static constexpr extent2d pool = Options::template get<option::pool>::value;
    static constexpr std::size_t channels = subsampling_plan::input[2];

    static constexpr kernels::conv2d_geometry geometry{
        .input = {subsampling_plan::input[0], subsampling_plan::input[1]},
        .channels = channels,
        .output = {subsampling_plan::input[0] / pool.rows, subsampling_plan::input[1] / pool.columns},
        .filters = channels,
        .kernel = pool,
        .strides = pool};
    static_assert(!subsampling_plan::has_axes || (geometry.output.rows > 0 && geometry.output.columns > 0),
                  "Subsampling2D: the pool is larger than the input; use a smaller Pool");

    using output = shape<geometry.output.rows, geometry.output.columns, channels>;
    static constexpr auto parameters = with_bias<Options, channels>(parameter{
        "kernel", {channels}, rules_of<Options, option::kernel_initializer>, {double(pool.rows * pool.columns), 1}});

    template <class V> using passes = kernels::subsampling2d<geometry, V>;
};

/// A pool with a trained coefficient and bias for each channel: y = activation(kernel * the sum of a window + bias),
/// for windows side by side (LeCun, Bottou, Bengio, Haffner 1998).
///
/// Shapes: rows x columns x channels to rows' x columns' x channels; rows and columns that fill no window are left out.
/// Parameters: `kernel` (channels), the coefficients, whose fan in is the cells of a window, and `bias` (channels).
/// Options, in any order: Pool<2>, NoBias, an activation, KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>.
template <class... Options> struct Subsampling2D {
    using options = typename option_list<Options...>::template with_defaults<
        Pool<2>, UseBias, Linear, KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>>;
    static_assert(options::known,
                  "Subsampling2D: unknown option; it takes Pool, NoBias, an activation, KernelInitializer and "
                  "BiasInitializer");
    static_assert(options::unique, "Subsampling2D: an option is given twice");

    static constexpr std::string_view class_name = "Subsampling2D";
    using then = typename activation_split<typename options::template get<option::activation>>::then;

    template <class In> struct on : convolution_stage<subsampling_plan<In, options>> {
        template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
            using passes = typename on::template passes<V>;
            gradient_of_activation<on, false, V>(c);
            gradient_of_activation<on, on::use_bias, V>(c);
            passes::weight_curvature(c.x, c.dy, c.gradients);
            if constexpr (InputGradient) passes::input_gradient(c.dy, c.squared_parameters, c.dx, c.scratch);
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Subsampling2D;
}  // namespace strata
