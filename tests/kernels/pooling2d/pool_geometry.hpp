#pragma once

#include "strata/kernels/conv2d/geometry.hpp"

#include <cstddef>

namespace strata::authoring::test {

/// The geometry that a pooling layer would make of this.
constexpr kernels::conv2d_geometry pool(extent2d input, std::size_t channels, extent2d window, extent2d strides,
                                        bool same) {
    kernels::conv2d_geometry g{
        .input = input, .channels = channels, .output = {}, .filters = channels, .kernel = window};
    g.strides = strides;
    g.output = {kernels::window_outputs(same, input.rows, window.rows, strides.rows, 1),
                kernels::window_outputs(same, input.columns, window.columns, strides.columns, 1)};
    g.before = {kernels::padding_before(same, input.rows, window.rows, strides.rows, 1),
                kernels::padding_before(same, input.columns, window.columns, strides.columns, 1)};
    return g;
}

}  // namespace strata::authoring::test
