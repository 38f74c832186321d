#pragma once

#include "strata/losses/loss.hpp"
#include "strata/losses/means.hpp"
#include "strata/losses/probability.hpp"
#include "strata/losses/targets.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The mean of y - target log(y + 1e-7) (Keras: `Poisson`): the outputs are the expected values of counts. They must
/// not be negative: end with Exponential, Softplus or ReLU. Shapes: targets are shaped like the output; bytes are
/// refused.
struct Poisson {
    static constexpr std::string_view name = "poisson";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const { refuse_bytes("Poisson", targets); }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, expected, weight, dy, [](const V& output, const V& wanted) {
            const V rate = output + constant<V>(backend_epsilon);
            return loss_term<V>{output - wanted * math::log(rate), constant<V>(1) - math::divide(wanted, rate)};
        });
    }
};

/// The sum of target log(target / y) along the last axis, and the mean over the rows (Keras: `KLDivergence`): how far
/// the distribution y is from that of the targets. Both are clipped to [1e-7, 1] first. Shapes: targets are shaped like
/// the output. Throws value_error for targets outside of [0, 1].
struct KLDivergence {
    static constexpr std::string_view name = "kl_divergence";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        require_probabilities("KLDivergence", targets);
    }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        constexpr std::size_t columns = Output::extents[Output::rank - 1];
        const V least = constant<V>(backend_epsilon), one = constant<V>(1), zero = constant<V>(0);
        return mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            return kernels::sum_of<columns>([&, first](std::size_t k) {
                const std::size_t i = first + k;
                const V p = math::min(one, math::max(least, y[i])), t = math::min(one, math::max(least, expected[i]));
                dy[i] = math::select(p == y[i], -math::divide(t, p), zero) * scale;
                return t * (math::log(t) - math::log(p));
            });
        });
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::KLDivergence;
using authoring::Poisson;
}  // namespace strata
