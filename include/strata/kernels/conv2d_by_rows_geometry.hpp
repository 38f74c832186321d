#pragma once

#include "strata/kernels/conv2d_geometry.hpp"
#include "strata/kernels/winograd_transforms.hpp"

#include <cstddef>

namespace strata::inline STRATA_ISA::kernels {

/// Whether Winograd's convolution by rows can compute this one: kernels of 3 or 5 columns, one pixel apart.
constexpr bool winograd_by_rows_fits(const conv2d_geometry& g) {
    return (g.kernel.columns == 3 || g.kernel.columns == 5) && g.strides.columns == 1 && g.dilation.columns == 1 &&
           g.groups == 1 && g.before.columns < g.kernel.columns;
}

/// What is left of a convolution when the windows in each row of pixels are transformed: kernels of one column, and a
/// group of channels and filters for each position in a window.
constexpr conv2d_geometry by_rows(const conv2d_geometry& g) {
    const std::size_t window = g.kernel.columns + 1;
    const std::size_t windows = (g.output.columns + winograd::outputs - 1) / winograd::outputs;
    return {.input = {g.input.rows, windows},
            .channels = window * g.channels,
            .output = {g.output.rows, windows},
            .filters = window * g.filters,
            .kernel = {g.kernel.rows, 1},
            .strides = {g.strides.rows, 1},
            .dilation = {g.dilation.rows, 1},
            .before = {g.before.rows, 0},
            .groups = window};
}

/// Whether the forward pass sums up all positions of a window in registers: of 16, too few would be left for filters.
inline constexpr bool by_rows_in_registers = vector_registers >= 32;

}  // namespace strata::inline STRATA_ISA::kernels
