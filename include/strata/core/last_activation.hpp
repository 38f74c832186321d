#pragma once

#include "strata/config.hpp"

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The activations at the end of a network that a loss may take the place of: it then sees what they would have been
/// applied to, the logits. A stage that is one of them says so as `static constexpr last_activation as_last`. An
/// activation that layers compute along with their sums has a member type `apart`, the same as a step of its own: that
/// is what the last layer of a model gets in its place.
enum class last_activation { other, sigmoid, softmax };

/// Which of them a type names as its `as_last`.
template <class Stage>
inline constexpr last_activation as_last = [] {
    if constexpr (requires { Stage::as_last; })
        return Stage::as_last;
    else
        return last_activation::other;
}();

}  // namespace STRATA_ISA
}  // namespace strata::authoring
