#pragma once

#include "strata/kernels/conv2d/transpose.hpp"
#include "strata/layers/convolution_stage.hpp"

#include <string_view>

namespace strata {
inline namespace STRATA_ISA {

/// The options of Conv1DTranspose and Conv2DTranspose, with Keras' defaults but for that of Kernel.
template <class... Options>
using transposed_options =
    typename option_list<Options...>::template with_defaults<Kernel<3>, Strides<1>, Valid, Dilation<1>, UseBias, Linear,
                                                             KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>>;

/// What Conv1DTranspose and Conv2DTranspose compute, for convolution_stage. The geometry is that of the convolution
/// from the output to the input.
template <class In, std::size_t Axes, std::size_t Filters, class Options>
struct transposed_plan : convolution_options_on<In, Axes, Options> {
private:
    using base = convolution_options_on<In, Axes, Options>;

    static constexpr std::size_t outputs(std::size_t inputs, std::size_t window, std::size_t stride,
                                         std::size_t dilation) {
        const std::size_t reach = (window - 1) * dilation + 1;
        return inputs * stride + (base::same || reach < stride ? 0 : reach - stride);
    }

public:
    static constexpr extent2d extents{
        outputs(base::input[0], base::window.rows, base::strides.rows, base::dilation.rows),
        outputs(base::input[1], base::window.columns, base::strides.columns, base::dilation.columns)};
    using output = output_shape<Axes, extents.rows, extents.columns, Filters>;

    static constexpr kernels::conv2d_geometry geometry{
        .input = extents,
        .channels = Filters,
        .output = {base::input[0], base::input[1]},
        .filters = base::input[2],
        .kernel = base::window,
        .strides = base::strides,
        .dilation = base::dilation,
        .before = {kernels::padding_before(base::same, extents.rows, base::window.rows, base::strides.rows,
                                           base::dilation.rows),
                   kernels::padding_before(base::same, extents.columns, base::window.columns, base::strides.columns,
                                           base::dilation.columns)}};

    static constexpr auto parameters = with_bias<Options, Filters>(kernel_parameter<Axes>(
        "kernel", base::window, Filters, base::input[2], Options::template get<option::kernel_initializer>::start,
        {double(Filters), double(base::input[2])}));

    template <class V> using passes = kernels::conv2d_transpose<geometry, V>;
};

/// Transposed 2-D convolution: the backward pass through a convolution, from its output to its input (Keras:
/// `Conv2DTranspose`, channels last).
///
/// Shapes: rows x columns x channels to rows' x columns' x Filters, with Same rows' = rows * stride, with Valid
/// rows * stride + max(kernel rows - stride, 0). Parameters: `kernel` (kernel rows, kernel columns, Filters, channels)
/// and `bias` (Filters). Options, in any order: Kernel<3> (unlike Keras it has a default), Strides<1>, Valid or Same,
/// Dilation<1>, NoBias, an activation, KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>.
template <std::size_t Filters, class... Options>
struct Conv2DTranspose : convolution_layer<Filters, transposed_options<Options...>> {
    using options = transposed_options<Options...>;
    static_assert(known_but_for_causal<options>,
                  "Conv2DTranspose: unknown option; it takes Kernel, Strides, Same, Valid, Dilation, NoBias, an "
                  "activation, KernelInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "Conv2DTranspose";

    template <class In> struct on : convolution_stage<transposed_plan<In, 2, Filters, options>> {};
};

/// Transposed 1-D convolution (Keras: `Conv1DTranspose`, channels last).
///
/// Shapes: steps x channels to steps' x Filters, by the rule of Conv2DTranspose. Parameters: `kernel` (kernel steps,
/// Filters, channels) and `bias` (Filters). Options: those of Conv2DTranspose.
template <std::size_t Filters, class... Options>
struct Conv1DTranspose : convolution_layer<Filters, transposed_options<Options...>> {
    using options = transposed_options<Options...>;
    static_assert(known_but_for_causal<options>,
                  "Conv1DTranspose: unknown option; it takes Kernel, Strides, Same, Valid, Dilation, NoBias, an "
                  "activation, KernelInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "Conv1DTranspose";

    template <class In> struct on : convolution_stage<transposed_plan<In, 1, Filters, options>> {};
};

}  // namespace STRATA_ISA
}  // namespace strata
