#pragma once

#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/dense/dense.hpp"
#include "strata/kernels/dense/one_sample.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/options.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Fully connected layer, y = activation(x kernel + bias) along the last axis (Keras: `Dense`).
///
/// Shapes: ... x inputs to ... x Units, of any rank: the last axis is replaced. Parameters: `kernel` (inputs, Units)
/// and `bias` (Units). Options, in any order: NoBias, an activation, KernelInitializer<GlorotUniform>,
/// BiasInitializer<Zeros>.
template <std::size_t Units, class... Options> struct Dense {
    using options =
        typename option_list<Options...>::template with_defaults<UseBias, Linear, KernelInitializer<GlorotUniform>,
                                                                 BiasInitializer<Zeros>>;
    static_assert(Units > 0, "Dense: the number of units must be at least 1");
    static_assert(options::known,
                  "Dense: unknown option; it takes NoBias, an activation, KernelInitializer and BiasInitializer");
    static_assert(options::unique, "Dense: an option is given twice");

    static constexpr std::string_view class_name = "Dense";
    using activation = activation_split<typename options::template get<option::activation>>;
    using then = typename activation::then;

    template <class In> struct on {
        using output = with_last_extent<In, Units>;
        static constexpr bool passes_mask = true;
        static constexpr std::size_t inputs = In::extents[In::rank - 1];
        static constexpr std::size_t rows = In::size / inputs;
        static constexpr bool use_bias = options::template has<UseBias>;

        static constexpr auto parameters = with_bias<options, Units>(parameter{
            "kernel", {inputs, Units}, rules_of<options, option::kernel_initializer>, {double(inputs), double(Units)}});
        static constexpr std::size_t bias_offset = offset_or_end(parameters, "bias");

        using inner_activation = typename activation::inside;
        template <class V, std::size_t Samples = 1> using passes = kernels::dense_rows<rows, inputs, Units, V, Samples>;
        template <class V>
        static constexpr stage_needs needs{.scratch = passes<V>::forward_scratch,
                                           .backward_scratch = passes<V>::scratch,
                                           .samples_at_once = kernels::rows_worth_joining,
                                           .joined_scratch = passes<V, kernels::rows_worth_joining>::forward_scratch,
                                           .backward_reads_y = !std::is_same_v<inner_activation, kernels::linear>,
                                           .keeps_dy = !use_bias && std::is_same_v<inner_activation, kernels::linear>};

        template <std::size_t Samples = 1, class V> static void forward(forward_context<V> c) {
            passes<V, Samples>::template forward<inner_activation, use_bias>(
                c.x, c.parameters, c.parameters + bias_offset, c.y, c.scratch);
        }

        template <class V>
        using one_sample = kernels::one_sample::dense<rows, inputs, Units, inner_activation, use_bias, V>;

        template <class V> using joint_gradient = typename passes<V>::weight_gradients;

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            kernels::activation_gradient<rows, Units, inner_activation, use_bias>(c.y, c.dy, c.gradients + bias_offset);
            if (c.operands != nullptr)
                joint_gradient<V>::keep(c.x, c.dy, c.operands);
            else
                passes<V>::weight_gradient(c.x, c.dy, c.gradients, c.scratch);
            if constexpr (InputGradient) passes<V>::input_gradient(c.dy, c.parameters, c.dx, c.scratch);
        }

        template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
            kernels::activation_gradient<rows, Units, inner_activation, false, V>(c.y, c.dy, nullptr);
            backward<InputGradient, V>(c.of_squares());
        }

        template <class V> static void input_gradient(backward_context<V> c) {
            kernels::activation_gradient<rows, Units, inner_activation, false, V>(c.y, c.dy, nullptr);
            passes<V>::input_gradient(c.dy, c.parameters, c.dx, c.scratch);
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Dense;
}  // namespace strata
