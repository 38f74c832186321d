#pragma once

#include "strata/core/shape.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Everything that is known of a convolution or a pool before it runs. Input is rows x columns x channels, output
/// likewise, weights are kernel rows x kernel columns x (channels / groups) x filters, as in Keras.
///
/// Padding is never stored: a kernel leaves out the taps that would fall on it.
struct conv2d_geometry {
    extent2d input;
    std::size_t channels = 1;
    extent2d output;
    std::size_t filters = 1;
    extent2d kernel;
    extent2d strides{1, 1};
    extent2d dilation{1, 1};
    extent2d before{0, 0};  // padding above and left
    std::size_t groups = 1;

    constexpr std::size_t group_channels() const { return channels / groups; }
    constexpr std::size_t group_filters() const { return filters / groups; }
    /// The row of pixels under a row of taps, for a row of outputs; beyond the input where the tap is on the padding.
    constexpr std::size_t input_row(std::size_t output_row, std::size_t tap) const {
        return output_row * strides.rows + tap * dilation.rows - before.rows;
    }
    constexpr std::size_t input_cell(std::size_t row, std::size_t column, std::size_t channel) const {
        return (row * input.columns + column) * channels + channel;
    }
    constexpr std::size_t output_cell(std::size_t row, std::size_t column, std::size_t filter) const {
        return (row * output.columns + column) * filters + filter;
    }
    constexpr std::size_t weight(std::size_t row, std::size_t column, std::size_t channel, std::size_t filter) const {
        return ((row * kernel.columns + column) * group_channels() + channel) * filters + filter;
    }
    constexpr std::size_t weight_count() const { return kernel.rows * kernel.columns * group_channels() * filters; }
};

/// A half-open range of indices.
struct span_of_indices {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The outputs 0 <= o < outputs whose tap lies inside of the input: 0 <= o * stride + tap - before < inputs.
constexpr span_of_indices outputs_of_tap(std::size_t tap, std::size_t stride, std::size_t before, std::size_t inputs,
                                         std::size_t outputs) {
    const std::size_t begin = before > tap ? (before - tap + stride - 1) / stride : 0;
    const std::size_t end = inputs + before > tap ? (inputs + before - tap - 1) / stride + 1 : 0;
    return {std::min(begin, outputs), std::max(std::min(begin, outputs), std::min(end, outputs))};
}

/// The taps of a kernel of `count` taps, `dilation` apart, that lie inside of the input for the output at `first`
/// (= output * stride): 0 <= first + tap * dilation - before < inputs.
constexpr span_of_indices taps_of_output(std::size_t first, std::size_t count, std::size_t dilation, std::size_t before,
                                         std::size_t inputs) {
    const std::size_t begin = before > first ? (before - first + dilation - 1) / dilation : 0;
    const std::size_t end = inputs + before > first ? (inputs + before - first - 1) / dilation + 1 : 0;
    return {std::min(begin, count), std::max(std::min(begin, count), std::min(end, count))};
}

/// The rows of taps that lie inside of the input for a row of outputs.
constexpr span_of_indices taps_of_row(const conv2d_geometry& g, std::size_t output_row) {
    return taps_of_output(output_row * g.strides.rows, g.kernel.rows, g.dilation.rows, g.before.rows, g.input.rows);
}

/// The multiply-adds of a pair of channel and filter: taps on the padding are not counted.
constexpr std::size_t taps_on_pixels(const conv2d_geometry& g) {
    const auto along = [](std::size_t taps, std::size_t stride, std::size_t dilation, std::size_t before,
                          std::size_t inputs, std::size_t outputs) {
        std::size_t sum = 0;
        for (std::size_t tap = 0; tap < taps; ++tap) {
            const span_of_indices used = outputs_of_tap(tap * dilation, stride, before, inputs, outputs);
            sum += used.end - used.begin;
        }
        return sum;
    };
    return along(g.kernel.rows, g.strides.rows, g.dilation.rows, g.before.rows, g.input.rows, g.output.rows) *
           along(g.kernel.columns, g.strides.columns, g.dilation.columns, g.before.columns, g.input.columns,
                 g.output.columns);
}

/// The extent of an output: Keras' rules for `same` and `valid`; 0 where the kernel does not fit.
constexpr std::size_t window_outputs(bool same, std::size_t inputs, std::size_t kernel, std::size_t stride,
                                     std::size_t dilation) {
    if (same) return (inputs + stride - 1) / stride;
    const std::size_t reach = (kernel - 1) * dilation + 1;
    return inputs < reach ? 0 : (inputs - reach) / stride + 1;
}

/// The padding before the input: of an odd total, the larger part comes after it.
constexpr std::size_t padding_before(bool same, std::size_t inputs, std::size_t kernel, std::size_t stride,
                                     std::size_t dilation) {
    if (!same) return 0;
    const std::size_t reach =
        (window_outputs(true, inputs, kernel, stride, dilation) - 1) * stride + (kernel - 1) * dilation + 1;
    return reach > inputs ? (reach - inputs) / 2 : 0;
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
