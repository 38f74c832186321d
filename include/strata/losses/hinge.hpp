#pragma once

#include "strata/losses/means.hpp"
#include "strata/losses/targets.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <string_view>

/// Losses for outputs whose sign, or the largest of which, is the answer (Keras: "Hinge losses").
namespace strata::authoring {
inline namespace STRATA_ISA {

/// max(0, 1 - target y), and its derivative. A target of 0 counts as -1.
template <class V> loss_term<V> hinge_of(const V& y, const V& target) {
    const V zero = constant<V>(0), one = constant<V>(1);
    const V sign = math::select(target == zero, -one, target), gap = one - sign * y;
    return {math::max(zero, gap), math::select(gap > zero, -sign, zero)};
}

/// The mean of max(0, 1 - target y) (Keras: `Hinge`). Shapes: targets are shaped like the output, 0 or 1, or -1 or 1.
/// Throws value_error for others, and for 0 beside -1.
struct Hinge {
    static constexpr std::string_view name = "hinge";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const { require_signs("Hinge", targets); }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, expected, weight, dy,
                                     [](const V& output, const V& wanted) { return hinge_of(output, wanted); });
    }
};

/// The mean of max(0, 1 - target y)^2 (Keras: `SquaredHinge`). Shapes and targets as for Hinge.
struct SquaredHinge {
    static constexpr std::string_view name = "squared_hinge";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const { require_signs("SquaredHinge", targets); }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, expected, weight, dy, [](const V& output, const V& wanted) {
            const loss_term<V> hinge = hinge_of(output, wanted);
            return loss_term<V>{hinge.value * hinge.value, (hinge.value + hinge.value) * hinge.slope};
        });
    }
};

/// max(0, 1 + the largest (1 - target) y - the sum of target y) along the last axis, and the mean over the rows (Keras:
/// `CategoricalHinge`). Where several are the largest, they share the gradient. Shapes: targets are shaped like the
/// output, one-hot rows. Throws value_error for targets outside of [0, 1].
struct CategoricalHinge {
    static constexpr std::string_view name = "categorical_hinge";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        require_probabilities("CategoricalHinge", targets);
    }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        constexpr std::size_t columns = Output::extents[Output::rank - 1];
        return mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            return loss_of_row<columns>(y + first, expected + first, scale, dy + first);
        });
    }

private:
    template <std::size_t Columns, class V> static V loss_of_row(const V* y, const V* wanted, const V& weight, V* dy) {
        const V zero = constant<V>(0), one = constant<V>(1);
        const auto other = [&](std::size_t k) { return (one - wanted[k]) * y[k]; };
        V largest = other(0);
        for (std::size_t k = 1; k < Columns; ++k) largest = math::max(largest, other(k));
        V sums[2] = {zero, zero};
        kernels::add_terms<Columns>(sums, [&](std::size_t k, V(&to)[2]) {
            to[0] = multiply_add(wanted[k], y[k], to[0]);
            to[1] = to[1] + math::select(other(k) == largest, one, zero);
        });
        const V gap = (largest - sums[0]) + one;
        const V own = math::select(gap > zero, weight, zero), share = math::divide(own, sums[1]);
        for (std::size_t k = 0; k < Columns; ++k)
            dy[k] = math::select(other(k) == largest, share * (one - wanted[k]), zero) - own * wanted[k];
        return math::max(zero, gap);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CategoricalHinge;
using authoring::Hinge;
using authoring::SquaredHinge;
}  // namespace strata
