#pragma once

#include "strata/core/backend_epsilon.hpp"
#include "strata/core/number.hpp"
#include "strata/core/weight_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

/// What parameters keep to (Keras: keras.constraints): `Dense<10, KernelConstraint<MaxNorm<2>>>`. A constraint is a
/// type with a function `apply` (core/weight_rules.hpp), which is called after each step; a program can bring its own.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The axes of a parameter along which norms are computed, counted from 0, or from the last one, -1 (Keras: `axis`).
/// `Axis<0>`, the default of all constraints, has a norm for each unit of a Dense; `Axis<0, 1, 2>` one for each filter
/// of a Conv2D.
template <int... Axes> struct Axis {
    static_assert(sizeof...(Axes) > 0, "Axis: give at least one axis");

    /// How many axes a parameter needs at least.
    static constexpr std::size_t least_rank = std::max({std::size_t(Axes < 0 ? -Axes : Axes + 1)...});

    /// Whether this is one of them, of so many.
    static constexpr bool holds(std::size_t axis, std::size_t rank) {
        return ((axis == (Axes < 0 ? rank - std::size_t(-Axes) : std::size_t(Axes))) || ...);
    }
};

namespace detail {

/// Multiplies all values by factor(norm) of the norm over those that only differ along axes for which `summed` is true.
STRATA_OUT_OF_LINE inline void multiply_by_norms(const weight_values<double>& weights,
                                                 bool (*summed)(std::size_t axis, std::size_t rank),
                                                 double (*factor)(double norm)) {
    const std::size_t rank = weights.extents.size(), columns = weights.extents[rank - 1];
    std::vector<double>& norms = weights.scratch;
    std::size_t count = 1;
    std::array<std::size_t, 8> strides{};  // of the norms; 0 where there is but one
    for (std::size_t d = rank; d-- > 0;) {
        if (summed(d, rank)) continue;
        strides[d] = count;
        count *= weights.extents[d];
    }
    norms.assign(count, 0.0);
    const auto for_each = [&](auto&& f) {
        std::array<std::size_t, 8> index{};
        std::size_t norm = 0;  // of the row's first value
        for (std::size_t k = 0; k < weights.values.size(); k += columns) {
            for (std::size_t c = 0; c < columns; ++c) f(weights.values[k + c], norms[norm + c * strides[rank - 1]]);
            for (std::size_t d = rank - 1; d-- > 0;) {
                norm += strides[d];
                if (++index[d] < weights.extents[d]) break;
                norm -= index[d] * strides[d];
                index[d] = 0;
            }
        }
    };
    for_each([](double w, double& sum) { sum += w * w; });
    for (double& norm : norms) norm = factor(std::sqrt(norm));
    for_each([](double& w, double scale) { w *= scale; });
}

}  // namespace detail

/// No value is below zero (Keras: `NonNeg`).
struct NonNeg {
    static void apply(const weight_values<double>& weights) {
        for (double& w : weights.values) w = w > 0 ? w : w == w ? 0 : w;
    }
};

/// Values along the axes have norm 1 (Keras: `UnitNorm`).
template <class Along = Axis<0>> struct UnitNorm {
    static constexpr std::size_t least_rank = Along::least_rank;

    static void apply(const weight_values<double>& weights) {
        detail::multiply_by_norms(weights, Along::holds, [](double norm) { return 1 / (backend_epsilon + norm); });
    }
};

/// The norm of values along the axes lies between Minimum and Maximum; each step goes the part Rate of the way there
/// (Keras: `MinMaxNorm`).
template <number Minimum = 0, number Maximum = 1, number Rate = 1, class Along = Axis<0>> struct MinMaxNorm {
    static_assert(Minimum >= 0 && Minimum <= Maximum, "MinMaxNorm: the minimum must lie between 0 and the maximum");
    static_assert(Rate >= 0 && Rate <= 1, "MinMaxNorm: the rate must lie in [0, 1]");
    static constexpr std::size_t least_rank = Along::least_rank;

    static void apply(const weight_values<double>& weights) {
        detail::multiply_by_norms(weights, Along::holds, [](double norm) {
            const double wanted = Rate * std::clamp<double>(norm, Minimum, Maximum) + (1 - Rate) * norm;
            return wanted / (backend_epsilon + norm);
        });
    }
};

/// The norm of values along the axes is at most Maximum (Keras: `MaxNorm`; Srivastava and others 2014).
template <number Maximum = 2, class Along = Axis<0>> struct MaxNorm : MinMaxNorm<0, Maximum, 1, Along> {};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Axis;
using authoring::MaxNorm;
using authoring::MinMaxNorm;
using authoring::NonNeg;
using authoring::UnitNorm;
}  // namespace strata
