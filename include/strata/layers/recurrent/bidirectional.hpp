#pragma once

#include "strata/layers/merging.hpp"
#include "strata/layers/recurrent/options.hpp"

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The results of both directions, one behind the other along the last axis (Keras: `merge_mode="concat"`, the
/// default).
struct Concat {
    using layer = Concatenate<>;
};

/// The sum of both (Keras: `merge_mode="sum"`).
struct Sum {
    using layer = Add<>;
};

/// The product of both, cell by cell (Keras: `merge_mode="mul"`).
struct Mul {
    using layer = Multiply<>;
};

/// The mean of both (Keras: `merge_mode="ave"`).
struct Ave {
    using layer = Average<>;
};

/// Two layers that read the same sequence, one from each end (Keras: `Bidirectional`; Schuster, Paliwal 1997). With
/// ReturnSequences, the results of both stand in the order of the input, and are zero where a mask leaves out a step.
///
/// Layer is SimpleRNN, LSTM or GRU. Shapes: steps x inputs to what Layer makes of them, with Concat twice as wide.
/// Merge is Concat, Sum, Mul or Ave. Stands for three layers: Layer, the same with GoBackwards, and Concatenate, Add,
/// Multiply or Average, each of which summaries and files name by itself.
template <class Layer, class Merge = Concat> struct Bidirectional {
    static_assert(
        requires {
            requires Layer::options::template has<GoForwards>;
            typename Layer::template with<>;
        }, "Bidirectional: the layer must be SimpleRNN, LSTM or GRU, without GoBackwards");
    static_assert(
        requires { typename Merge::layer; }, "Bidirectional: Merge must be Concat, Sum, Mul or Ave");

    using is_composite = void;
    template <class Graph>
    using expand =
        typename Graph::template merged<typename Merge::layer, typename Layer::template with<ZeroOutputForMask>,
                                        typename Layer::template with<ZeroOutputForMask, GoBackwardsInOrder>>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Ave;
using authoring::Bidirectional;
using authoring::Concat;
using authoring::Mul;
using authoring::Sum;
}  // namespace strata
