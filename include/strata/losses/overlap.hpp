#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/losses/loss.hpp"
#include "strata/losses/means.hpp"
#include "strata/losses/probability.hpp"
#include "strata/losses/targets.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <string_view>

/// Losses for images of probabilities: how little the outputs overlap the targets. Each sample has a loss of its own,
/// from the sums over all of its outputs; Keras does this where `axis` names all axes but the first, and sums over the
/// whole batch otherwise.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What both share: 1 - numerator / (numerator + missed `missed` + invented `invented` + 1e-7), where the numerator is
/// the sum of y target, missed that of (1 - y) target, and invented that of y (1 - target).
template <class Output, class V>
V overlap_loss(double missed, double invented, double epsilon, const V* y, const V* target, const V& weight, V* dy) {
    const V zero = constant<V>(0), one = constant<V>(1);
    V sums[3] = {zero, zero, zero};
    kernels::add_terms<Output::size>(sums, [&](std::size_t i, V(&to)[3]) {
        to[0] = multiply_add(y[i], target[i], to[0]);
        to[1] = multiply_add(one - y[i], target[i], to[1]);
        to[2] = multiply_add(y[i], one - target[i], to[2]);
    });
    const V of_missed = constant<V>(missed), of_invented = constant<V>(invented);
    const V whole = sums[0] + of_missed * sums[1] + of_invented * sums[2] + constant<V>(epsilon);
    const V share = math::divide(sums[0], whole), scale = math::divide(weight, whole);
    for (std::size_t i = 0; i < Output::size; ++i) {
        const V slope_of_whole = target[i] * (one - of_missed) + (one - target[i]) * of_invented;
        dy[i] = (share * slope_of_whole - target[i]) * scale;
    }
    return one - share;
}

/// What a sample misses and what it invents, weighed against what it gets right: see overlap_loss (Keras: `Tversky`,
/// whose alpha counts what is missed and whose beta what is invented; Salehi and others 2017). Shapes: targets are
/// shaped like the output. Throws value_error for targets outside of [0, 1].
struct Tversky {
    double alpha = 0.5;
    double beta = 0.5;

    static constexpr std::string_view name = "tversky";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        setting_checks("Tversky").not_negative("alpha", alpha).not_negative("beta", beta);
        require_probabilities("Tversky", targets);
    }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return overlap_loss<Output>(alpha, beta, backend_epsilon, y, expected, weight, dy);
    }
};

/// 1 - 2 sum(y target) / (sum(y) + sum(target) + 1e-7) (Keras: `Dice`). Shapes: targets are shaped like the output.
/// Throws value_error for targets outside of [0, 1].
struct Dice {
    static constexpr std::string_view name = "dice";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const { require_probabilities("Dice", targets); }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return overlap_loss<Output>(0.5, 0.5, backend_epsilon / 2, y, expected, weight, dy);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Dice;
using authoring::Tversky;
}  // namespace strata
