#pragma once

#include "strata/core/parameter.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/initializers/orthogonal.hpp"
#include "strata/kernels/recurrent/cells.hpp"
#include "strata/layers/recurrent/recurrent_stage.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct forget_bias;
}

/// The bias of the forget gate starts as one (Keras: `unit_forget_bias=True`, the default): an LSTM first remembers.
struct UnitForgetBias {
    using option = option::forget_bias;
};

/// The bias of the forget gate starts as that of all gates (Keras: `unit_forget_bias=False`).
struct NoForgetBias {
    using option = option::forget_bias;
};

/// The bias of an LSTM under UnitForgetBias: ones for the forget gate, and `Others` for all other gates.
template <class Others> struct forget_bias_of_one {
    static void fill(const initial_values& bias) {
        const std::size_t units = bias.values.size() / 4;
        const auto start = [&](const initializer& function, std::size_t first_gate, std::size_t gates) {
            const std::array extents{gates * units};
            const auto size = static_cast<double>(extents[0]);
            function({bias.values.subspan(first_gate * units, extents[0]), extents, {size, size}, bias.random});
        };
        start(initializer_of<Others>(), 0, 1);
        start(initializer_of<Ones>(), 1, 1);
        start(initializer_of<Others>(), 2, 2);
    }
};

/// The options of LSTM, with Keras' defaults.
template <class... Options>
using lstm_options = typename option_list<Options...>::template with_defaults<
    ReturnLast, GoForwards, RepeatOutputForMask, UseBias, UnitForgetBias, Tanh, RecurrentActivation<Sigmoid>,
    KernelInitializer<GlorotUniform>, RecurrentInitializer<Orthogonal>, BiasInitializer<Zeros>>;

/// Long short-term memory (Keras: `LSTM`; Hochreiter, Schmidhuber 1997; the forget gate: Gers, Schmidhuber, Cummins
/// 2000). In each step, i, f, o = recurrent_activation(x kernel + h recurrent_kernel + bias), c the same with the
/// activation; cell state = f cell state + i c, and the result is h = o activation(cell state).
///
/// Shapes: steps x inputs to Units, or with ReturnSequences to steps x Units. Parameters, with the gates i, f, c, o
/// side by side: `kernel` (inputs, 4 Units), `recurrent_kernel` (Units, 4 Units) and `bias` (4 Units). Options, in any
/// order: ReturnSequences, GoBackwards, ZeroOutputForMask, NoBias, NoForgetBias, an activation (Tanh) and
/// RecurrentActivation<Sigmoid>, whose derivatives follow from their results, KernelInitializer<GlorotUniform>,
/// RecurrentInitializer<Orthogonal>, BiasInitializer<Zeros>.
template <std::size_t Units, class... Options> struct LSTM : recurrent_layer<Units, lstm_options<Options...>> {
    using options = lstm_options<Options...>;
    static_assert(options::known,
                  "LSTM: unknown option; it takes ReturnSequences, GoBackwards, ZeroOutputForMask, NoBias, "
                  "NoForgetBias, an activation, "
                  "RecurrentActivation, KernelInitializer, RecurrentInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "LSTM";

    /// The same with more options.
    template <class... More> using with = LSTM<Units, Options..., More...>;

    using cell =
        kernels::recurrent::lstm_cell<Units, activation_function<options>, recurrent_activation_function<options>>;
    using bias_of_gates = typename options::template get<option::bias_initializer>::type;
    using bias_start =
        std::conditional_t<options::template has<UnitForgetBias>, forget_bias_of_one<bias_of_gates>, bias_of_gates>;

    template <class In, class... Mask>
    struct on : recurrent_stage<In, (sizeof...(Mask) > 0), options, cell, bias_start> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::LSTM;
using authoring::NoForgetBias;
using authoring::UnitForgetBias;
}  // namespace strata
