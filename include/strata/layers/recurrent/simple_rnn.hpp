#pragma once

#include "strata/initializers/initializers.hpp"
#include "strata/initializers/orthogonal.hpp"
#include "strata/kernels/recurrent/cells.hpp"
#include "strata/layers/recurrent/recurrent_stage.hpp"

#include <cstddef>
#include <string_view>

namespace strata {
inline namespace STRATA_ISA {

/// Fully connected layer that also reads its own result of the step before, h = activation(x kernel + h
/// recurrent_kernel + bias) (Keras: `SimpleRNN`; Elman 1990).
///
/// Shapes: steps x inputs to Units, or with ReturnSequences to steps x Units. Parameters: `kernel` (inputs, Units),
/// `recurrent_kernel` (Units, Units) and `bias` (Units). Options, in any order: ReturnSequences, GoBackwards, NoBias,
/// an activation whose derivative follows from its result (Tanh), KernelInitializer<GlorotUniform>,
/// RecurrentInitializer<Orthogonal>, BiasInitializer<Zeros>.
template <std::size_t Units, class... Options> struct SimpleRNN {
    using options = typename option_list<Options...>::template with_defaults<
        ReturnLast, GoForwards, UseBias, Tanh, KernelInitializer<GlorotUniform>, RecurrentInitializer<Orthogonal>,
        BiasInitializer<Zeros>>;
    static_assert(Units > 0, "SimpleRNN: the number of units must be at least 1");
    static_assert(options::known,
                  "SimpleRNN: unknown option; it takes ReturnSequences, GoBackwards, NoBias, an activation, "
                  "KernelInitializer, RecurrentInitializer and BiasInitializer");
    static_assert(options::unique, "SimpleRNN: an option is given twice");
    static_assert(follows_from_result<typename options::template get<option::activation>>,
                  "SimpleRNN: the derivative of the activation must follow from its result, as that of Tanh or ReLU");

    static constexpr std::string_view class_name = "SimpleRNN";

    /// The layer that goes backwards and returns results in the order of the input.
    using reversed = SimpleRNN<Units, Options..., GoBackwardsInOrder>;

    template <class In>
    struct on : recurrent_stage<In, options, kernels::recurrent::simple_rnn_cell<Units, activation_function<options>>> {
        static_assert(In::rank == 2,
                      "SimpleRNN: the input must be steps x inputs; put Reshape<steps, inputs> before it");
    };
};

}  // namespace STRATA_ISA
}  // namespace strata
