#pragma once

#include "strata/initializers/initializers.hpp"
#include "strata/initializers/orthogonal.hpp"
#include "strata/kernels/recurrent/cells.hpp"
#include "strata/layers/recurrent/recurrent_stage.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The options of SimpleRNN, with Keras' defaults.
template <class... Options>
using simple_rnn_options =
    typename option_list<Options...>::template with_defaults<ReturnLast, GoForwards, RepeatOutputForMask, UseBias, Tanh,
                                                             KernelInitializer<GlorotUniform>,
                                                             RecurrentInitializer<Orthogonal>, BiasInitializer<Zeros>>;

/// Fully connected layer that also reads its own result of the step before, h = activation(x kernel + h
/// recurrent_kernel + bias) (Keras: `SimpleRNN`; Elman 1990).
///
/// Shapes: steps x inputs to Units, or with ReturnSequences to steps x Units. Parameters: `kernel` (inputs, Units),
/// `recurrent_kernel` (Units, Units) and `bias` (Units). Options, in any order: ReturnSequences, GoBackwards,
/// ZeroOutputForMask, NoBias, an activation whose derivative follows from its result (Tanh),
/// KernelInitializer<GlorotUniform>, RecurrentInitializer<Orthogonal>, BiasInitializer<Zeros>.
template <std::size_t Units, class... Options>
struct SimpleRNN : recurrent_layer<Units, simple_rnn_options<Options...>> {
    using options = simple_rnn_options<Options...>;
    static_assert(
        options::known,
        "SimpleRNN: unknown option; it takes ReturnSequences, GoBackwards, ZeroOutputForMask, NoBias, an activation, "
        "KernelInitializer, RecurrentInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "SimpleRNN";

    /// The same with more options.
    template <class... More> using with = SimpleRNN<Units, Options..., More...>;

    template <class In, class... Mask>
    struct on : recurrent_stage<In, (sizeof...(Mask) > 0), options,
                                kernels::recurrent::simple_rnn_cell<Units, activation_function<options>>> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::SimpleRNN;
}  // namespace strata
