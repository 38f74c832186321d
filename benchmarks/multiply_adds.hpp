#pragma once

#include <cstddef>
#include <strata/core/parameter.hpp>
#include <strata/kernels/conv2d/geometry.hpp>
#include <utility>

/// How much arithmetic a network needs, counted while compiling.
///
/// The rule: one multiply-add for each weight and each output that it contributes to, where that reads a real pixel;
/// what falls on padding is not counted, since nobody has to compute it. The gradient with respect to the weights takes
/// as many as the forward pass, and so does the gradient with respect to the input, which the first layer with
/// parameters does not need. Pools, activations, biases, the loss and the optimizer are not counted. One multiply-add
/// is two floating-point operations. A recurrent layer counts as its products of inputs and of states.
namespace multiply_adds {

constexpr std::size_t of_convolution(const strata::authoring::kernels::conv2d_geometry& g) {
    const auto reads = [](std::size_t taps, std::size_t dilation, std::size_t stride, std::size_t before,
                          std::size_t inputs, std::size_t outputs) {
        std::size_t sum = 0;
        for (std::size_t tap = 0; tap < taps; ++tap) {
            const auto range =
                strata::authoring::kernels::outputs_of_tap(tap * dilation, stride, before, inputs, outputs);
            sum += range.end - range.begin;
        }
        return sum;
    };
    return reads(g.kernel.rows, g.dilation.rows, g.strides.rows, g.before.rows, g.input.rows, g.output.rows) *
           reads(g.kernel.columns, g.dilation.columns, g.strides.columns, g.before.columns, g.input.columns,
                 g.output.columns) *
           g.group_channels() * g.filters;
}

/// Of the forward pass of one stage, for one sample.
template <class Stage> constexpr std::size_t of_stage() {
    if constexpr (strata::authoring::total_size(Stage::parameters) == 0) {
        return 0;
    } else if constexpr (requires { Stage::geometry; }) {
        return of_convolution(Stage::geometry);
    } else if constexpr (requires { Stage::form.steps; }) {  // recurrent
        return Stage::form.steps * (Stage::form.inputs + Stage::units) * Stage::columns;
    } else if constexpr (requires { Stage::inputs; }) {  // dense
        return Stage::inputs * Stage::output::size;
    } else {
        return 0;  // a normalization
    }
}

/// Of one sample: `forward`, and `training`, which is the forward pass and the gradients. Of the steps as they were
/// written: some that are run stand for two.
template <class Model> struct of_network {
    using Network = typename Model::written;
    static constexpr std::size_t forward = []<std::size_t... I>(std::index_sequence<I...>) {
        return (std::size_t{0} + ... + of_stage<typename Network::template stage<I>>());
    }(std::make_index_sequence<Network::depth>{});

    static constexpr std::size_t first_layer = []<std::size_t... I>(std::index_sequence<I...>) {
        std::size_t first = 0;
        static_cast<void>(((first = of_stage<typename Network::template stage<I>>(), first > 0) || ...));
        return first;
    }(std::make_index_sequence<Network::depth>{});

    static constexpr std::size_t training = 3 * forward - first_layer;
};

}  // namespace multiply_adds
