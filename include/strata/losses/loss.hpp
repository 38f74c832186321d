#pragma once

#include "strata/config.hpp"
#include "strata/core/backend_epsilon.hpp"
#include "strata/core/last_activation.hpp"
#include "strata/core/shape.hpp"
#include "strata/core/tensor.hpp"

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

/// What a loss is: a plain struct of its settings, with
///
///  - `target<Output>`: the shape of the targets of one sample, `shape<>` for one number;
///  - `check<Output>(targets)`: throws value_error where a setting or the targets, an array_ref, make no sense;
///  - `value<Output, Logits>(y, target, weight, dy)`: the loss of each lane's sample, for output cells y and target
///    cells of type V; fills dy with its gradient with respect to y, times weight. `Output` is the shape of the model's
///    output; `Logits` says that y comes from before the last activation;
///  - optionally `second_derivatives<Output, Logits>(y, target, weight, to)`: fills `to` with those of that loss with
///    respect to each cell of y, times weight, for optimizers that use them; none may be negative;
///  - optionally `check_second_derivatives<Logits>()`: throws value_error where its settings leave it without these;
///  - optionally `takes_logits_of`: the last_activation that it takes the place of, and works on what that would have
///    been applied to;
///  - optionally `counted(targets, rows)`, where it leaves out some of the targets, which then have a loss of 0: how
///  many
///    of the samples count, as a double; the mean is over as many;
///  - optionally `advice_on_targets<Output>`: the end of the message for targets of another shape;
///  - optionally `name`: what it is called where it stands for a metric.
///
/// A loss sees one sample, the mean over samples is taken outside. One that is the mean of a term over all outputs has
/// less to write: see losses/means.hpp. docs/custom_loss.md has one of a program's own.
namespace strata::authoring {
inline namespace STRATA_ISA {

template <class Loss>
concept loss_type = requires { typename Loss::template target<shape<1>>; };

/// The activation that a loss takes the place of, where a network ends with it.
template <class Loss>
inline constexpr last_activation takes_logits_of = [] {
    if constexpr (requires { Loss::takes_logits_of; })
        return Loss::takes_logits_of;
    else
        return last_activation::other;
}();

/// Whether it takes the place of the last activation of this network.
template <class Loss, class Network>
inline constexpr bool replaces_last_activation =
    Network::ends_with_activation && takes_logits_of<Loss> == Network::ends_with;

template <class Loss, class Output>
concept has_target_check =
    requires(const Loss& loss, const array_ref& targets) { loss.template check<Output>(targets); };

template <class Loss, class Output, class V>
concept has_loss_value = requires(const Loss& loss, const V* cells, const V& weight, V* dy) {
    { loss.template value<Output, false>(cells, cells, weight, dy) } -> std::convertible_to<V>;
};

template <class Loss, class Output, bool Logits, class V>
concept has_second_derivatives = requires(const Loss& loss, const V* cells, const V& weight, V* to) {
    loss.template second_derivatives<Output, Logits>(cells, cells, weight, to);
};

/// Whether targets are as many numbers as the model has outputs, such as probabilities, so that they can be mixed:
/// class numbers cannot.
template <class Loss, class Output>
inline constexpr bool mixes_targets = std::is_same_v<typename Loss::template target<Output>, Output>;

/// What the mean loss over these samples is multiplied with, to be the mean over those that count.
template <class Loss, class Row>
double share_of_counted(const Loss& loss, const array_ref& targets, std::span<const Row> rows) {
    if constexpr (requires { loss.counted(targets, rows); }) {
        const double counted = loss.counted(targets, rows);
        return counted > 0 ? static_cast<double>(rows.size()) / counted : 0;
    } else {
        return 1;
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
