#pragma once

#include "strata/kernels/conv2d/one_sample/conv2d.hpp"
#include "strata/kernels/depthwise_conv2d/depthwise_conv2d.hpp"
#include "strata/kernels/depthwise_conv2d/one_sample.hpp"
#include "strata/layers/convolution_stage.hpp"

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The geometry and the kernel of a depthwise convolution: what DepthwiseConv2D and SeparableConv2D have in common.
template <class In, class Options> struct depthwise_plan : convolution_windows<In, 2, Options> {
    using base = convolution_windows<In, 2, Options>;
    static constexpr std::size_t multiplier = Options::template get<option::depth_multiplier>::value;
    static constexpr std::size_t filters = base::input[2] * multiplier;
    static constexpr kernels::conv2d_geometry geometry = base::geometry_of(filters, base::input[2]);

    /// The kernel under its name.
    static constexpr parameter kernel(std::string_view name) {
        return kernel_parameter<2>(name, base::window, base::input[2], multiplier,
                                   rules_of<Options, option::depthwise_initializer>,
                                   {double(base::input[2]), double(multiplier), 1});
    }

    template <class V> using passes = kernels::depthwise_conv2d<geometry, V>;
};

/// What DepthwiseConv2D computes, for convolution_stage.
template <class In, class Options> struct depthwise_conv2d_plan : depthwise_plan<In, Options> {
    using base = depthwise_plan<In, Options>;
    using output = shape<base::extents.rows, base::extents.columns, base::filters>;
    static constexpr auto parameters = with_bias<Options, base::filters>(base::kernel("kernel"));

    template <class V>
    using one_sample = std::conditional_t<
        base::multiplier == 1,
        kernels::one_sample::depthwise_conv2d<base::geometry, typename base::inner_activation, base::use_bias, V>,
        kernels::one_sample::conv2d<base::geometry, typename base::inner_activation, base::use_bias, V>>;
};

/// The options of DepthwiseConv2D, with Keras' defaults but for that of Kernel.
template <class... Options>
using depthwise_options = typename option_list<Options...>::template with_defaults<
    Kernel<3>, Strides<1>, Valid, Dilation<1>, DepthMultiplier<1>, UseBias, Linear, DepthwiseInitializer<GlorotUniform>,
    BiasInitializer<Zeros>>;

/// 2-D convolution of each channel by itself (Keras: `DepthwiseConv2D`, channels last).
///
/// Shapes: rows x columns x channels to rows' x columns' x (channels * multiplier), where the outputs of one channel
/// are neighbours. Parameters: `kernel` (kernel rows, kernel columns, channels, multiplier) and `bias` (channels *
/// multiplier). Options, in any order: Kernel<3> (unlike Keras it has a default), Strides<1>, Valid or Same,
/// Dilation<1>, DepthMultiplier<1>, NoBias, an activation, DepthwiseInitializer<GlorotUniform>, BiasInitializer<Zeros>.
template <class... Options> struct DepthwiseConv2D : convolution_layer<1, depthwise_options<Options...>> {
    using options = depthwise_options<Options...>;
    static_assert(known_but_for_causal<options>,
                  "DepthwiseConv2D: unknown option; it takes Kernel, Strides, Same, Valid, Dilation, DepthMultiplier, "
                  "NoBias, an activation, DepthwiseInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "DepthwiseConv2D";

    template <class In> struct on : convolution_stage<depthwise_conv2d_plan<In, options>> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::DepthwiseConv2D;
}  // namespace strata
