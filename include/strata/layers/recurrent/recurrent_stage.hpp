#pragma once

#include "strata/core/stage.hpp"
#include "strata/kernels/recurrent/one_sample.hpp"
#include "strata/kernels/recurrent/sequence.hpp"
#include "strata/layers/recurrent/options.hpp"

#include <array>
#include <cstddef>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Whether an activation can be that of a recurrent layer: its derivative follows from its result.
template <class Activation>
inline constexpr bool follows_from_result = std::is_void_v<typename activation_split<Activation>::then>;

/// Whether this is so for the activations among a layer's options. SimpleRNN has no RecurrentActivation.
template <class Options>
inline constexpr bool activations_follow_from_results = [] {
    using of_gates = typename Options::template get<option::recurrent_activation>;
    constexpr bool own = follows_from_result<typename Options::template get<option::activation>>;
    if constexpr (std::is_void_v<of_gates>)
        return own;
    else
        return own && follows_from_result<typename of_gates::type>;
}();

/// The function of an activation among a layer's options.
template <class Options>
using activation_function = typename activation_split<typename Options::template get<option::activation>>::inside;
template <class Options>
using recurrent_activation_function =
    typename activation_split<typename Options::template get<option::recurrent_activation>::type>::inside;

/// What the types of all recurrent layers have in common.
template <std::size_t Units, class Options> struct recurrent_layer {
    static_assert(Units > 0, "SimpleRNN, LSTM, GRU: the number of units must be at least 1");
    static_assert(Options::unique, "SimpleRNN, LSTM, GRU: an option is given twice");
    static_assert(activations_follow_from_results<Options>,
                  "SimpleRNN, LSTM, GRU: the derivatives of their activations must follow from their results, as that "
                  "of Tanh or ReLU");
    static constexpr bool reads_mask = true;
};

/// A recurrent layer of such cells, see kernels/recurrent/cells.hpp. Masked: steps that a mask leaves out are skipped.
/// Its bias starts as `BiasStart` says.
template <class In, bool Masked, class Options, class Cell,
          class BiasStart = typename Options::template get<option::bias_initializer>::type>
struct recurrent_stage {
    static_assert(In::rank == 2,
                  "SimpleRNN, LSTM, GRU: the input must be steps x inputs; put Reshape<steps, inputs> before it");
    static constexpr std::size_t units = Cell::units, columns = Cell::gates * units;
    static constexpr kernels::recurrent::sequence_form form{
        .steps = In::extents[0],
        .inputs = In::rank == 2 ? In::extents[In::rank - 1] : 1,
        .bias = Options::template has<UseBias>,
        .returns_all = Options::template has<ReturnSequences>,
        .backwards = !Options::template has<GoForwards>,
        .reverses = Options::template has<GoBackwards>,
        .masked = Masked,
        .zeroes = Masked && Options::template has<ReturnSequences> && Options::template has<ZeroOutputForMask>};
    static constexpr std::size_t input_count = form.input_count();
    static constexpr bool passes_mask = form.returns_all;

    using output = std::conditional_t<form.returns_all, shape<form.steps, units>, shape<units>>;

    static constexpr auto parameters = [] {
        const parameter kernel{"kernel",
                               {form.inputs, columns},
                               rules_of<Options, option::kernel_initializer>,
                               {double(form.inputs), double(columns)}};
        const parameter recurrent{"recurrent_kernel",
                                  {units, columns},
                                  rules_of<Options, option::recurrent_initializer>,
                                  {double(units), double(columns)}};
        parameter_rules of_bias = rules_of<Options, option::bias_initializer>;
        of_bias.start = initializer_of<BiasStart>();
        if constexpr (!form.bias) {
            return std::array{kernel, recurrent};
        } else if constexpr (Cell::second_bias) {
            const parameter both{"bias", {2, columns}, of_bias, {2, double(columns), kernel.fan.unit}};
            return std::array{kernel, recurrent, both};
        } else {
            const parameter bias{"bias", {columns}, of_bias, {double(columns), double(columns), kernel.fan.unit}};
            return std::array{kernel, recurrent, bias};
        }
    }();

    template <class V> using steps_of = kernels::recurrent::sequence<form, Cell, V>;
    template <class V>
    static constexpr stage_needs needs{.scratch = steps_of<V>::forward_scratch,
                                       .backward_scratch = steps_of<V>::backward_scratch,
                                       .kept = steps_of<V>::kept_cells,
                                       .backward_reads_y = steps_of<V>::states_are_output,
                                       .keeps_dy = true};

    template <class V> static void forward(forward_context<V, input_count> c) { steps_of<V>::forward(c); }

    template <class V> using one_sample = kernels::recurrent::one_sample_sequence<form, Cell, V>;

    template <bool InputGradient, class V> static void backward(backward_context<V, input_count> c) {
        steps_of<V>::template backward<InputGradient>(c);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
