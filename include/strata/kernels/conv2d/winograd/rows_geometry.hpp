#pragma once

#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/kernels/conv2d/winograd/transforms.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

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

/// Whether the forward pass sums up all positions of a window in registers. Of 16, too few would be left for filters.
/// With 30 loads for 24 multiply-adds it is not for cores that load no faster than they multiply. And each window reads
/// all transformed weights, so they have to be in the L2: measured, up to an eighth of the second one.
constexpr bool by_rows_in_registers(const conv2d_geometry& g) {
    return vector_registers >= 32 && !outruns_caches && by_rows(g).weight_count() * sizeof(float) <= l2_size / 8;
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
