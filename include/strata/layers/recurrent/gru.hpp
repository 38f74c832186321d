#pragma once

#include "strata/initializers/initializers.hpp"
#include "strata/initializers/orthogonal.hpp"
#include "strata/kernels/recurrent/cells.hpp"
#include "strata/layers/recurrent/recurrent_stage.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct reset;
}

/// The reset gate is applied to the product of the state with the recurrent kernel (Keras: `reset_after=True`, the
/// default).
struct ResetAfter {
    using option = option::reset;
};

/// The reset gate is applied to the state, before the product (Keras: `reset_after=False`). Costs a second product.
struct ResetBefore {
    using option = option::reset;
};

/// The options of GRU, with Keras' defaults.
template <class... Options>
using gru_options = typename option_list<Options...>::template with_defaults<
    ReturnLast, GoForwards, RepeatOutputForMask, UseBias, ResetAfter, Tanh, RecurrentActivation<Sigmoid>,
    KernelInitializer<GlorotUniform>, RecurrentInitializer<Orthogonal>, BiasInitializer<Zeros>>;

/// Gated recurrent unit (Keras: `GRU`; Cho and others 2014). In each step, z, r = recurrent_activation(x kernel + h
/// recurrent_kernel + bias), c = activation(x kernel + bias + r (h recurrent_kernel + second bias)), and the result is
/// h = z h + (1 - z) c. With ResetBefore, c = activation(x kernel + (r h) recurrent_kernel + bias).
///
/// Shapes: steps x inputs to Units, or with ReturnSequences to steps x Units. Parameters, with the gates z, r, c side
/// by side: `kernel` (inputs, 3 Units), `recurrent_kernel` (Units, 3 Units) and `bias` (2, 3 Units), with ResetBefore
/// (3 Units). Options, in any order: ReturnSequences, GoBackwards, ZeroOutputForMask, NoBias, ResetBefore, an
/// activation (Tanh) and RecurrentActivation<Sigmoid>, whose derivatives follow from their results,
/// KernelInitializer<GlorotUniform>, RecurrentInitializer<Orthogonal>, BiasInitializer<Zeros>.
template <std::size_t Units, class... Options> struct GRU : recurrent_layer<Units, gru_options<Options...>> {
    using options = gru_options<Options...>;
    static_assert(options::known,
                  "GRU: unknown option; it takes ReturnSequences, GoBackwards, ZeroOutputForMask, NoBias, ResetBefore, "
                  "an activation, "
                  "RecurrentActivation, KernelInitializer, RecurrentInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "GRU";

    /// The same with more options.
    template <class... More> using with = GRU<Units, Options..., More...>;

    using cell =
        kernels::recurrent::gru_cell<Units, activation_function<options>, recurrent_activation_function<options>,
                                     options::template has<ResetBefore>>;

    template <class In, class... Mask> struct on : recurrent_stage<In, (sizeof...(Mask) > 0), options, cell> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::GRU;
using authoring::ResetAfter;
using authoring::ResetBefore;
}  // namespace strata
