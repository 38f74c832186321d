#pragma once

#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/layers/conv1d.hpp"
#include "strata/layers/conv2d.hpp"
#include "strata/layers/conv_transpose.hpp"
#include "strata/layers/depthwise_conv2d.hpp"
#include "strata/layers/pooling1d.hpp"
#include "strata/layers/pooling2d.hpp"
#include "strata/layers/separable_conv2d.hpp"
#include "strata/onnx/activations.hpp"
#include "strata/onnx/dense.hpp"
#include "strata/onnx/step.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Convolutions and pools as operators of ONNX, always with explicit `pads`.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// Rows and columns, or of a layer over steps the columns alone.
STRATA_OUT_OF_LINE inline std::vector<std::size_t> onnx_axes(extent2d value, std::size_t axes) {
    if (axes == 1) return {value.columns};
    return {value.rows, value.columns};
}

/// The attributes that the windows of convolutions and pools have in common; `behind` is the padding behind the last
/// row and column.
STRATA_OUT_OF_LINE inline onnx_attributes onnx_windows(const kernels::conv2d_geometry& g, extent2d behind,
                                                       std::size_t axes) {
    std::vector<std::size_t> pads = onnx_axes(g.before, axes);
    for (const std::size_t pad : onnx_axes(behind, axes)) pads.push_back(pad);
    return onnx_attributes()
        .integers("kernel_shape", onnx_axes(g.kernel, axes))
        .integers("pads", pads)
        .integers("strides", onnx_axes(g.strides, axes));
}

/// How far the windows reach behind the input.
STRATA_OUT_OF_LINE inline extent2d onnx_padding_behind(const kernels::conv2d_geometry& g) {
    const auto along = [](std::size_t inputs, std::size_t outputs, std::size_t window, std::size_t stride,
                          std::size_t dilation, std::size_t before) {
        const std::size_t reach = (outputs - 1) * stride + (window - 1) * dilation + 1;
        return reach > inputs + before ? reach - inputs - before : 0;
    };
    return {along(g.input.rows, g.output.rows, g.kernel.rows, g.strides.rows, g.dilation.rows, g.before.rows),
            along(g.input.columns, g.output.columns, g.kernel.columns, g.strides.columns, g.dilation.columns,
                  g.before.columns)};
}

/// The constants of a convolution: its kernel, with the taps behind filters and channels, and its bias.
STRATA_OUT_OF_LINE inline std::vector<std::string> onnx_kernel_and_bias(onnx_step& to, std::string_view kernel,
                                                                        const kernels::conv2d_geometry& g,
                                                                        std::size_t axes, bool bias) {
    std::vector<std::size_t> extents = onnx_axes(g.kernel, axes), order{axes + 1, axes};
    extents.insert(extents.end(), {g.group_channels(), g.filters});
    for (std::size_t axis = 0; axis < axes; ++axis) order.push_back(axis);
    std::vector<std::string> constants{to.constant(to.weight(kernel).reshaped(extents).permuted(order))};
    if (bias && to.has("bias")) constants.push_back(to.constant(to.weight("bias")));
    return constants;
}

STRATA_OUT_OF_LINE inline std::string onnx_convolution(onnx_step& to, const std::string& x, std::string_view kernel,
                                                       const kernels::conv2d_geometry& g, std::size_t axes,
                                                       bool bias = true) {
    std::vector<std::string> inputs = onnx_kernel_and_bias(to, kernel, g, axes, bias);
    inputs.insert(inputs.begin(), x);
    return to.node("Conv", inputs,
                   onnx_windows(g, onnx_padding_behind(g), axes)
                       .integers("dilations", onnx_axes(g.dilation, axes))
                       .integer("group", static_cast<std::int64_t>(g.groups)));
}

/// The geometry is that of the convolution from the output to the input. Where the windows do not cover all of the
/// output, there is `output_padding` behind them.
STRATA_OUT_OF_LINE inline std::string onnx_transposed_convolution(onnx_step& to, const kernels::conv2d_geometry& g,
                                                                  std::size_t axes) {
    std::vector<std::string> values = onnx_kernel_and_bias(to, "kernel", g, axes, true);
    values.insert(values.begin(), to.channels_first());
    const auto missing = [](std::size_t outputs, std::size_t inputs, std::size_t window, std::size_t stride,
                            std::size_t dilation, std::size_t before) {
        const std::size_t covered = (inputs - 1) * stride + (window - 1) * dilation + 1;
        return outputs + before > covered ? outputs + before - covered : 0;
    };
    const extent2d more{
        missing(g.input.rows, g.output.rows, g.kernel.rows, g.strides.rows, g.dilation.rows, g.before.rows),
        missing(g.input.columns, g.output.columns, g.kernel.columns, g.strides.columns, g.dilation.columns,
                g.before.columns)};
    return to.node("ConvTranspose", values,
                   onnx_windows(g, onnx_padding_behind(g), axes)
                       .integers("dilations", onnx_axes(g.dilation, axes))
                       .integers("output_padding", onnx_axes(more, axes)));
}

STRATA_OUT_OF_LINE inline onnx_value onnx_pool(onnx_step& to, std::string_view type, const kernels::conv2d_geometry& g,
                                               std::size_t axes) {
    return {to.node(type, {to.channels_first()}, onnx_windows(g, onnx_padding_behind(g), axes)), true};
}

STRATA_OUT_OF_LINE inline onnx_value onnx_global_pool(onnx_step& to, std::string_view type, bool keeps_axes) {
    const std::string pool = to.node(type, {to.channels_first()});
    if (keeps_axes) return {pool, true};
    return {to.node("Flatten", {pool}, onnx_attributes().integer("axis", 1))};
}

/// The number of axes along which a stage's windows move.
template <class Stage> inline constexpr std::size_t onnx_window_axes = Stage::output::rank - 1;

/// A convolution of one kernel.
struct onnx_convolution_form {
    template <class Stage> static onnx_value write(onnx_step& to) {
        const std::string y =
            onnx_convolution(to, to.channels_first(), "kernel", Stage::geometry, onnx_window_axes<Stage>);
        return {onnx_apply(typename Stage::inner_activation{}, to, y), true};
    }
};

struct onnx_transposed_convolution_form {
    template <class Stage> static onnx_value write(onnx_step& to) {
        const std::string y = onnx_transposed_convolution(to, Stage::geometry, onnx_window_axes<Stage>);
        return {onnx_apply(typename Stage::inner_activation{}, to, y), true};
    }
};

/// Pools: by default ONNX' AveragePool does not count the cells of the padding either.
struct onnx_average_pool_form {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return onnx_pool(to, "AveragePool", Stage::geometry, onnx_window_axes<Stage>);
    }
};
struct onnx_max_pool_form {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return onnx_pool(to, "MaxPool", Stage::geometry, onnx_window_axes<Stage>);
    }
};
struct onnx_global_average_pool_form {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return onnx_global_pool(to, "GlobalAveragePool", Stage::output::rank > 1);
    }
};
struct onnx_global_max_pool_form {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return onnx_global_pool(to, "GlobalMaxPool", Stage::output::rank > 1);
    }
};

/// ONNX has groups, but no tables of connections.
template <class Layer>
concept onnx_convolution_layer = has_onnx_activation<Layer> && Layer::options::template has<AllConnections>;

}  // namespace detail

template <std::size_t Filters, class... Options>
    requires detail::onnx_convolution_layer<Conv1D<Filters, Options...>>
struct onnx_form<Conv1D<Filters, Options...>> : detail::onnx_convolution_form {};
template <std::size_t Filters, class... Options>
    requires detail::onnx_convolution_layer<Conv2D<Filters, Options...>>
struct onnx_form<Conv2D<Filters, Options...>> : detail::onnx_convolution_form {};
template <class... Options>
    requires has_onnx_activation<DepthwiseConv2D<Options...>>
struct onnx_form<DepthwiseConv2D<Options...>> : detail::onnx_convolution_form {};

template <std::size_t Filters, class... Options>
    requires has_onnx_activation<SeparableConv2D<Filters, Options...>>
struct onnx_form<SeparableConv2D<Filters, Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        const std::string between =
            detail::onnx_convolution(to, to.channels_first(), "depthwise_kernel", Stage::geometry, 2, false);
        const std::string y = detail::onnx_convolution(to, between, "pointwise_kernel", Stage::pointwise_geometry, 2);
        return {onnx_apply(typename Stage::inner_activation{}, to, y), true};
    }
};

template <std::size_t Filters, class... Options>
    requires has_onnx_activation<Conv1DTranspose<Filters, Options...>>
struct onnx_form<Conv1DTranspose<Filters, Options...>> : detail::onnx_transposed_convolution_form {};
template <std::size_t Filters, class... Options>
    requires has_onnx_activation<Conv2DTranspose<Filters, Options...>>
struct onnx_form<Conv2DTranspose<Filters, Options...>> : detail::onnx_transposed_convolution_form {};

template <class... Options> struct onnx_form<AveragePooling1D<Options...>> : detail::onnx_average_pool_form {};
template <class... Options> struct onnx_form<AveragePooling2D<Options...>> : detail::onnx_average_pool_form {};
template <class... Options> struct onnx_form<MaxPooling1D<Options...>> : detail::onnx_max_pool_form {};
template <class... Options> struct onnx_form<MaxPooling2D<Options...>> : detail::onnx_max_pool_form {};
template <class... Options>
struct onnx_form<GlobalAveragePooling1D<Options...>> : detail::onnx_global_average_pool_form {};
template <class... Options>
struct onnx_form<GlobalAveragePooling2D<Options...>> : detail::onnx_global_average_pool_form {};
template <class... Options> struct onnx_form<GlobalMaxPooling1D<Options...>> : detail::onnx_global_max_pool_form {};
template <class... Options> struct onnx_form<GlobalMaxPooling2D<Options...>> : detail::onnx_global_max_pool_form {};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
