#pragma once

#include <array>
#include <cstddef>
#include <strata/core/shape.hpp>
#include <strata/kernels/conv2d/geometry.hpp>
#include <string>

/// The shapes that are measured. To add one, write one line; its place in the list does not matter.
namespace shapes {

struct image {
    std::size_t rows, columns, channels;
};

enum padding { same, valid };

/// A square kernel.
struct conv2d {
    image input;
    std::size_t filters;
    std::size_t kernel;
    padding pad = same;
    std::size_t stride = 1;
    std::size_t dilation = 1;
};

struct dense {
    std::size_t inputs;
    std::size_t units;
};

/// Input, filters, kernel, padding, stride, dilation.
inline constexpr std::array conv2ds{
    conv2d{{28, 28, 1}, 6, 5, same},         conv2d{{14, 14, 6}, 16, 5, valid},
    conv2d{{32, 32, 3}, 32, 3, same},        conv2d{{32, 32, 64}, 64, 3, same},
    conv2d{{16, 16, 128}, 128, 3, same},     conv2d{{8, 8, 256}, 256, 3, same},
    conv2d{{56, 56, 64}, 64, 3, same},       conv2d{{14, 14, 256}, 256, 1, same},
    conv2d{{32, 32, 16}, 32, 3, same, 2},    conv2d{{56, 56, 64}, 128, 3, same, 2},
    conv2d{{32, 32, 32}, 32, 3, same, 1, 2}, conv2d{{13, 13, 7}, 7, 3, same},
    conv2d{{13, 13, 11}, 13, 3, same},       conv2d{{17, 13, 5}, 7, 5, same},
};

inline constexpr std::array denses{
    dense{400, 120}, dense{120, 84}, dense{84, 10}, dense{784, 512}, dense{4096, 1000}, dense{97, 53},
};

/// Inputs of pools of 2 x 2.
inline constexpr std::array pools{
    image{28, 28, 6},
    image{10, 10, 16},
    image{32, 32, 32},
};

/// Inputs of global pools.
inline constexpr std::array global_pools{image{7, 7, 256}};

constexpr strata::authoring::kernels::conv2d_geometry geometry(const conv2d& c) {
    using namespace strata::authoring::kernels;
    const auto outputs = [&](std::size_t inputs) {
        return window_outputs(c.pad == same, inputs, c.kernel, c.stride, c.dilation);
    };
    const auto before = [&](std::size_t inputs) {
        return padding_before(c.pad == same, inputs, c.kernel, c.stride, c.dilation);
    };
    return {.input = {c.input.rows, c.input.columns},
            .channels = c.input.channels,
            .output = {outputs(c.input.rows), outputs(c.input.columns)},
            .filters = c.filters,
            .kernel = {c.kernel, c.kernel},
            .strides = {c.stride, c.stride},
            .dilation = {c.dilation, c.dilation},
            .before = {before(c.input.rows), before(c.input.columns)}};
}

constexpr strata::authoring::kernels::conv2d_geometry geometry(const image& pooled,
                                                               strata::authoring::extent2d window = {2, 2}) {
    return {.input = {pooled.rows, pooled.columns},
            .channels = pooled.channels,
            .output = {pooled.rows / window.rows, pooled.columns / window.columns},
            .filters = pooled.channels,
            .kernel = window,
            .strides = window};
}

inline std::string name(const image& i) {
    return std::to_string(i.rows) + "x" + std::to_string(i.columns) + "x" + std::to_string(i.channels);
}

inline std::string name(const conv2d& c) {
    return "conv2d_" + name(c.input) + "_f" + std::to_string(c.filters) + "_k" + std::to_string(c.kernel) + "_s" +
           std::to_string(c.stride) + "_d" + std::to_string(c.dilation) + (c.pad == same ? "_same" : "_valid");
}

inline std::string name(const dense& d) { return "dense_" + std::to_string(d.inputs) + "x" + std::to_string(d.units); }

}  // namespace shapes
