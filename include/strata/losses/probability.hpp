#pragma once

#include "strata/core/errors.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/losses/loss.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <string_view>

/// What losses of probabilities have in common.
namespace strata::authoring {
inline namespace STRATA_ISA {

template <class V> V clip_probability(const V& p) {
    return math::min(kernels::constant<V>(1 - backend_epsilon), math::max(kernels::constant<V>(backend_epsilon), p));
}

/// `gradient` where p was not clipped, 0 elsewhere.
template <class V> V pass_unclipped(const V& p, const V& gradient) {
    return math::select(clip_probability(p) == p, gradient, kernels::constant<V>(0));
}

/// Throws value_error where the second derivatives of a cross-entropy would not be those of logits.
inline void require_logits(std::string_view loss, std::string_view activation, bool logits) {
    if (!logits)
        raise<value_error>({"gauss_newton_diagonal, StochasticDiagonalLM: ", loss,
                            " has second derivatives with respect to logits alone; end the network with ", activation,
                            ", or set from_logits where its outputs are logits"});
}

/// x, or 1e-30 where that is larger: to divide by, or to take the logarithm of.
template <class V> V not_zero(const V& x) { return math::max(kernels::constant<V>(1e-30), x); }

/// x^exponent for x >= 0, and an exponent that is not negative.
template <class V> V power(const V& x, double exponent) {
    return math::exp(kernels::constant<V>(exponent) * math::log(not_zero(x)));
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
