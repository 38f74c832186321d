#pragma once

#include "strata/config.hpp"
#include "strata/core/shape.hpp"
#include "strata/core/tensor.hpp"

#include <concepts>

/// What a loss is: a plain struct of its settings, with
///
///  - `takes_logits`: whether it replaces a last Softmax and works on what that would have been applied to;
///  - `target<Output>`: the shape of the targets of one sample, `shape<>` for one number;
///  - `check<Output>(targets)`: throws value_error where the targets, an array_ref, make no sense;
///  - `value<Output, Logits>(y, target, weight, dy)`: the loss of each lane's sample, for output cells y and target
///    cells of type V; fills dy with its gradient with respect to y, times weight. `Output` is the shape of the model's
///    output; `Logits` says that y comes from before a last Softmax;
///  - optionally `advice_on_targets`: the end of the message for targets of another shape.
///
/// A loss sees one sample, the mean over samples is taken outside. docs/custom_loss.md has one of a program's own.
namespace strata::authoring {
inline namespace STRATA_ISA {

template <class Loss>
concept loss_type = requires {
    typename Loss::template target<shape<1>>;
    { Loss::takes_logits } -> std::convertible_to<bool>;
};

template <class Loss, class Output>
concept has_target_check =
    requires(const Loss& loss, const array_ref& targets) { loss.template check<Output>(targets); };

template <class Loss, class Output, class V>
concept has_loss_value = requires(const Loss& loss, const V* cells, const V& weight, V* dy) {
    { loss.template value<Output, Loss::takes_logits>(cells, cells, weight, dy) } -> std::convertible_to<V>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
