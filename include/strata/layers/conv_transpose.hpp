#pragma once

#include "strata/kernels/conv2d/transpose.hpp"
#include "strata/layers/convolution_stage.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct output_padding;
}

/// Of the lengths that the result of a transposed convolution may have, one: (inputs - 1) * stride + N along an axis,
/// with Valid as many as the kernel has more, with Same these % 2 (Keras: `output_padding`). `OutputPadding<1>`, or one
/// number for each axis; less than Strides.
template <std::size_t Rows, std::size_t Columns = Rows> struct OutputPadding {
    using option = option::output_padding;
    static constexpr extent2d value{Rows, Columns};
};

/// The default of OutputPadding: strides times the input, and with Valid what the windows need beyond that (Keras:
/// `output_padding=None`).
struct NoOutputPadding {
    using option = option::output_padding;
    static constexpr extent2d value{0, 0};
};

/// The options of Conv1DTranspose and Conv2DTranspose, with Keras' defaults but for that of Kernel.
template <class... Options>
using transposed_options =
    typename option_list<Options...>::template with_defaults<Kernel<3>, Strides<1>, Valid, NoOutputPadding, Dilation<1>,
                                                             UseBias, Linear, KernelInitializer<GlorotUniform>,
                                                             BiasInitializer<Zeros>>;

/// What Conv1DTranspose and Conv2DTranspose compute, for convolution_stage. The geometry is that of the convolution
/// from the output to the input.
template <class In, std::size_t Axes, std::size_t Filters, class Options>
struct transposed_plan : convolution_options_on<In, Axes, Options> {
private:
    using base = convolution_options_on<In, Axes, Options>;

    using padding = typename Options::template get<option::output_padding>;
    static constexpr extent2d padded{Axes == 1 ? 0 : padding::value.rows, padding::value.columns};

    /// Along one axis: how many cells all windows cover, how many of these are in the result, and where it begins.
    struct axis {
        std::size_t inputs, window, stride, dilation, padding;

        constexpr std::size_t reach() const { return (window - 1) * dilation + 1; }
        constexpr std::size_t covered() const { return (inputs - 1) * stride + reach(); }
        constexpr std::size_t outputs() const {
            if constexpr (Options::template has<NoOutputPadding>)
                return base::same ? inputs * stride : std::max(covered(), inputs * stride);
            else
                return (inputs - 1) * stride + (base::same ? reach() % 2 : reach()) + padding;
        }
        constexpr std::size_t before() const {
            return base::same && covered() > outputs() ? (covered() - outputs()) / 2 : 0;
        }
    };
    static constexpr axis rows{base::input[0], base::window.rows, base::strides.rows, base::dilation.rows, padded.rows};
    static constexpr axis columns{base::input[1], base::window.columns, base::strides.columns, base::dilation.columns,
                                  padded.columns};

    static_assert(Axes == 2 || is_one_number<padding>(), "Conv1DTranspose: OutputPadding takes one number");
    static_assert(Options::template has<NoOutputPadding> ||
                      (padded.rows < base::strides.rows && padded.columns < base::strides.columns),
                  "transposed convolution: OutputPadding must be less than Strides");

public:
    static constexpr extent2d extents{rows.outputs(), columns.outputs()};
    using output = output_shape<Axes, extents.rows, extents.columns, Filters>;

    static constexpr kernels::conv2d_geometry geometry{.input = extents,
                                                       .channels = Filters,
                                                       .output = {base::input[0], base::input[1]},
                                                       .filters = base::input[2],
                                                       .kernel = base::window,
                                                       .strides = base::strides,
                                                       .dilation = base::dilation,
                                                       .before = {rows.before(), columns.before()}};

    static constexpr auto parameters = with_bias<Options, Filters>(kernel_parameter<Axes>(
        "kernel", base::window, Filters, base::input[2], rules_of<Options, option::kernel_initializer>,
        {double(Filters), double(base::input[2]), double(base::input[2])}));

    template <class V> using passes = kernels::conv2d_transpose<geometry, V>;
};

/// Transposed 2-D convolution: the backward pass through a convolution, from its output to its input (Keras:
/// `Conv2DTranspose`, channels last).
///
/// Shapes: rows x columns x channels to rows' x columns' x Filters, with Same rows' = rows * stride, with Valid
/// rows * stride + max(kernel rows - stride, 0), with OutputPadding<N> (rows - 1) * stride + N,
/// and kernel rows % 2 or kernel rows more. Parameters: `kernel` (kernel rows, kernel columns, Filters, channels)
/// and `bias` (Filters). Options, in any order: Kernel<3> (unlike Keras it has a default), Strides<1>, Valid or Same,
/// OutputPadding, Dilation<1>, NoBias, an activation, KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>.
template <std::size_t Filters, class... Options>
struct Conv2DTranspose : convolution_layer<Filters, transposed_options<Options...>> {
    using options = transposed_options<Options...>;
    static_assert(
        known_but_for_causal<options>,
        "Conv2DTranspose: unknown option; it takes Kernel, Strides, Same, Valid, OutputPadding, Dilation, NoBias, an "
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
    static_assert(
        known_but_for_causal<options>,
        "Conv1DTranspose: unknown option; it takes Kernel, Strides, Same, Valid, OutputPadding, Dilation, NoBias, an "
        "activation, KernelInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "Conv1DTranspose";

    template <class In> struct on : convolution_stage<transposed_plan<In, 1, Filters, options>> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Conv1DTranspose;
using authoring::Conv2DTranspose;
using authoring::OutputPadding;
}  // namespace strata
