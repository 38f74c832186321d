#pragma once

#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/axes.hpp"
#include "strata/layers/options.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

/// What convolutions have in common. Those over steps x channels are convolutions of an image of one row.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// A parameter with the extents of a kernel, and two more: `flow` values per tap.
template <std::size_t Axes>
constexpr parameter kernel_parameter(std::string_view name, extent2d window, std::size_t second_last, std::size_t last,
                                     parameter_rules rules, fans flow) {
    const double taps = double(window.rows * window.columns);
    flow = {flow.in * taps, flow.out * taps, flow.unit * taps};
    if constexpr (Axes == 1)
        return {name, {window.columns, second_last, last}, rules, flow};
    else
        return {name, {window.rows, window.columns, second_last, last}, rules, flow};
}

/// The options of a convolution and what they say of its input: what all convolutions share.
template <class In, std::size_t Axes, class Options> struct convolution_options_on : input_of_axes<In, Axes> {
    using options = Options;
    using inner_activation = typename activation_split<typename options::template get<option::activation>>::inside;
    static constexpr bool use_bias = options::template has<UseBias>;

private:
    using kernel_option = typename options::template get<option::kernel>;
    using strides_option = typename options::template get<option::strides>;
    using dilation_option = typename options::template get<option::dilation>;

    static_assert(Axes == 2 || (is_one_number<kernel_option>() && is_one_number<strides_option>() &&
                                is_one_number<dilation_option>()),
                  "1-D convolution: Kernel, Strides and Dilation take one number");

public:
    static constexpr extent2d window = along_axes<Axes>(kernel_option::value);
    static constexpr extent2d strides = along_axes<Axes>(strides_option::value);
    static constexpr extent2d dilation = along_axes<Axes>(dilation_option::value);
    static constexpr bool same = options::template has<Same>;
    static_assert(strides == extent2d{1, 1} || dilation == extent2d{1, 1},
                  "convolution: Strides above 1 and Dilation above 1 cannot be combined (nor can they in Keras)");
};

/// The windows of a convolution on its input.
template <class In, std::size_t Axes, class Options>
struct convolution_windows : convolution_options_on<In, Axes, Options> {
private:
    using base = convolution_options_on<In, Axes, Options>;
    static constexpr bool causal = Options::template has<Causal>;

    static constexpr std::size_t outputs(std::size_t inputs, std::size_t window, std::size_t stride,
                                         std::size_t dilation) {
        return kernels::window_outputs(base::same || causal, inputs, window, stride, dilation);
    }
    static constexpr std::size_t before(std::size_t inputs, std::size_t window, std::size_t stride,
                                        std::size_t dilation) {
        if (causal) return (window - 1) * dilation;
        return kernels::padding_before(base::same, inputs, window, stride, dilation);
    }

public:
    static constexpr extent2d extents{
        outputs(base::input[0], base::window.rows, base::strides.rows, base::dilation.rows),
        outputs(base::input[1], base::window.columns, base::strides.columns, base::dilation.columns)};
    static_assert(!base::has_axes || (extents.rows > 0 && extents.columns > 0),
                  "convolution: the kernel is larger than the input; use Same or a smaller Kernel");

    static constexpr kernels::conv2d_geometry geometry_of(std::size_t filters, std::size_t groups) {
        return {.input = {base::input[0], base::input[1]},
                .channels = base::input[2],
                .output = extents,
                .filters = filters,
                .kernel = base::window,
                .strides = base::strides,
                .dilation = base::dilation,
                .before = {before(base::input[0], base::window.rows, base::strides.rows, base::dilation.rows),
                           before(base::input[1], base::window.columns, base::strides.columns, base::dilation.columns)},
                .groups = groups};
    }
};

/// c.dy *= the slope of the stage's activation, and with Bias what that adds to the gradient of its bias.
template <class Stage, bool Bias, class V> void gradient_of_activation(const backward_context<V>& c) {
    using output = typename Stage::output;
    constexpr std::size_t filters = output::extents[output::rank - 1];
    kernels::activation_gradient<output::size / filters, filters, typename Stage::inner_activation, Bias, V>(
        c.y, c.dy, Bias ? c.gradients + Stage::bias_offset : nullptr);
}

/// activation(x * kernel + bias), where `Plan` says what * is, by `passes<V>` with the functions of kernels::conv2d, of
/// which `gradients` is needed only where it takes less time than two calls. It also has `output`, `parameters` (the
/// kernel, then the bias), `use_bias` and `inner_activation`, and may have a `joint_gradient<V>` (has_joint_gradient).
template <class Plan> struct convolution_stage : Plan {
    using output = typename Plan::output;
    using inner_activation = typename Plan::inner_activation;
    static constexpr bool use_bias = Plan::use_bias;
    static constexpr std::size_t bias_offset = offset_or_end(Plan::parameters, "bias");

    template <class V> using passes = typename Plan::template passes<V>;
    template <class V>
    static constexpr stage_needs needs{.scratch = passes<V>::scratch,
                                       .backward_reads_y = !std::is_same_v<inner_activation, kernels::linear>,
                                       .keeps_dy = !use_bias && std::is_same_v<inner_activation, kernels::linear>};

    template <class V> static void forward(forward_context<V> c) {
        passes<V>::template forward<inner_activation, use_bias>(c.x, c.parameters, c.parameters + bias_offset, c.y,
                                                                c.scratch);
    }

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        gradient_of_activation<convolution_stage, use_bias>(c);
        backward_of_sums<InputGradient>(c);
    }

    /// The rest of the backward pass: c.dy is the gradient with respect to what the activation was applied to, and
    /// that of the bias has been added.
    template <bool InputGradient, class V> static void backward_of_sums(const backward_context<V>& c) {
        if constexpr (has_joint_gradient<Plan, V>) {
            if (c.operands != nullptr) {
                Plan::template joint_gradient<V>::keep(c.x, c.dy, c.operands);
                if constexpr (InputGradient) passes<V>::input_gradient(c.dy, c.parameters, c.dx, c.scratch);
                return;
            }
        }
        if constexpr (InputGradient && requires { &passes<V>::gradients; }) {
            passes<V>::gradients(c.x, c.dy, c.parameters, c.gradients, c.dx, c.scratch);
        } else {
            passes<V>::weight_gradient(c.x, c.dy, c.gradients, c.scratch);
            if constexpr (InputGradient) passes<V>::input_gradient(c.dy, c.parameters, c.dx, c.scratch);
        }
    }

    template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
        gradient_of_activation<convolution_stage, false, V>(c);
        backward<InputGradient, V>(c.of_squares());
    }

    template <class V> static void input_gradient(backward_context<V> c) {
        gradient_of_activation<convolution_stage, false>(c);
        passes<V>::input_gradient(c.dy, c.parameters, c.dx, c.scratch);
    }
};

/// What the types of all convolutions have in common.
template <std::size_t Filters, class Options> struct convolution_layer {
    static_assert(Filters > 0, "convolution: the number of filters must be at least 1");
    static_assert(Options::unique, "convolution: an option is given twice");

    using then = typename activation_split<typename Options::template get<option::activation>>::then;
};

/// The options of Conv1D and Conv2D, with Keras' defaults but for that of Kernel, which has none there.
template <class... Options>
using convolution_options =
    typename option_list<Options...>::template with_defaults<Kernel<3>, Strides<1>, Valid, Dilation<1>, Groups<1>,
                                                             AllConnections, UseBias, Linear,
                                                             KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
