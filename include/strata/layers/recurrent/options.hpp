#pragma once

#include "strata/layers/activation.hpp"
#include "strata/layers/options.hpp"

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct results;
struct direction;
struct masked_output;
struct recurrent_activation;
struct recurrent_initializer;
}  // namespace option

/// The layer returns the state after each step (Keras: `return_sequences=True`).
struct ReturnSequences {
    using option = option::results;
};

/// The layer returns the state after the last step (Keras: `return_sequences=False`, the default).
struct ReturnLast {
    using option = option::results;
};

/// The steps go from the first row of the input to the last one (Keras: `go_backwards=False`, the default).
struct GoForwards {
    using option = option::direction;
};

/// The steps go from the last row of the input to the first one; under ReturnSequences results stand in the order of
/// the steps (Keras: `go_backwards=True`).
struct GoBackwards {
    using option = option::direction;
};

/// GoBackwards with results in the order of the input: half of a Bidirectional.
struct GoBackwardsInOrder {
    using option = option::direction;
};

/// Under ReturnSequences, the result of a step that a mask leaves out is that of the step before, and zero before the
/// first one (Keras: `zero_output_for_mask=False`, the default).
struct RepeatOutputForMask {
    using option = option::masked_output;
};

/// Under ReturnSequences, the result of a step that a mask leaves out is zero (Keras: `zero_output_for_mask=True`).
/// Bidirectional sets this itself, as Keras does.
struct ZeroOutputForMask {
    using option = option::masked_output;
};

/// The activation of the gates, Sigmoid by default (Keras: `recurrent_activation`).
template <class Activation> struct RecurrentActivation {
    using option = option::recurrent_activation;
    using type = Activation;
};

/// How the recurrent kernel starts, Orthogonal by default (Keras: `recurrent_initializer`).
template <class Initializer>
struct RecurrentInitializer : initializer_option<option::recurrent_initializer, Initializer> {};

/// What the recurrent kernel adds to the loss, nothing by default (Keras: `recurrent_regularizer`).
template <class Regularizer>
struct RecurrentRegularizer : regularizer_option<option::recurrent_initializer, Regularizer> {};

/// What the recurrent kernel keeps to after each step, nothing by default (Keras: `recurrent_constraint`).
template <class Constraint>
struct RecurrentConstraint : constraint_option<option::recurrent_initializer, Constraint> {};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::GoBackwards;
using authoring::GoForwards;
using authoring::RecurrentActivation;
using authoring::RecurrentConstraint;
using authoring::RecurrentInitializer;
using authoring::RecurrentRegularizer;
using authoring::RepeatOutputForMask;
using authoring::ReturnLast;
using authoring::ReturnSequences;
using authoring::ZeroOutputForMask;
}  // namespace strata
