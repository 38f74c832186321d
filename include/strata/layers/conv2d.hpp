#pragma once

#include "strata/kernels/conv2d/conv2d.hpp"
#include "strata/kernels/conv2d/joint_weight_gradient.hpp"
#include "strata/kernels/conv2d/one_sample/conv2d.hpp"
#include "strata/layers/connections.hpp"
#include "strata/layers/convolution_stage.hpp"

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What Conv1D and Conv2D compute, for convolution_stage.
template <class In, std::size_t Axes, std::size_t Filters, class Options>
struct convolution_plan : convolution_windows<In, Axes, Options> {
    using base = convolution_windows<In, Axes, Options>;
    static constexpr std::size_t groups = Options::template get<option::groups>::value;
    static_assert(!base::has_axes || (base::input[2] % groups == 0 && Filters % groups == 0),
                  "convolution: the groups must divide both the channels of the input and the filters");

    using output = output_shape<Axes, base::extents.rows, base::extents.columns, Filters>;
    static constexpr kernels::conv2d_geometry geometry = base::geometry_of(Filters, groups);

    static constexpr auto parameters = with_bias<Options, Filters>(kernel_parameter<Axes>(
        "kernel", base::window, base::input[2] / groups, Filters, rules_of<Options, option::kernel_initializer>,
        {double(base::input[2] / groups), double(Filters)}));

    template <class V> using passes = kernels::conv2d<geometry, V>;
    template <class V> using joint_gradient = kernels::conv2d_joint_gradient<geometry, V>;
    template <class V>
    using one_sample = kernels::one_sample::conv2d<geometry, typename base::inner_activation, base::use_bias, V>;
};

/// The stage of Conv1D and Conv2D.
template <class In, std::size_t Axes, std::size_t Filters, class Options>
using stage_of_convolution = convolution_stage<
    std::conditional_t<Options::template has<AllConnections>, convolution_plan<In, Axes, Filters, Options>,
                       connected_plan<In, Axes, Filters, Options>>>;

/// 2-D convolution (Keras: `Conv2D`, channels last).
///
/// Shapes: rows x columns x channels to rows' x columns' x Filters. Parameters: `kernel` (kernel rows, kernel columns,
/// channels / groups, Filters) and `bias` (Filters). Options, in any order: Kernel<3> (unlike Keras it has a default),
/// Strides<1>, Valid or Same, Dilation<1>, Groups<1> or Connections, NoBias, an activation,
/// KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>. With Connections<table> a filter sees the channels that a
/// table says, and `kernel` is (kernel rows, kernel columns, connections): of each tap the weights of the connections,
/// those of the first channel first, and of these that of the first filter.
template <std::size_t Filters, class... Options>
struct Conv2D : convolution_layer<Filters, convolution_options<Options...>> {
    using options = convolution_options<Options...>;
    static_assert(
        known_but_for_causal<options>,
        "Conv2D: unknown option; it takes Kernel, Strides, Same, Valid, Dilation, Groups, Connections, NoBias, an "
        "activation, KernelInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "Conv2D";

    template <class In> struct on : stage_of_convolution<In, 2, Filters, options> {
        /// This very stage, for fusions: one that is derived from it and has a `backward` of its own is another one.
        using ends_with_activation = on;
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Conv2D;
}  // namespace strata
