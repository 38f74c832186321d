#pragma once

#include "strata/core/stage.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// What layers have in common that do something at random while training, and pass on their input else: the stage
/// Derived<V> has `run(c)` and `run_back(c)` for the time of training, both in place. Unless it is Active it does
/// nothing then either.
template <class In, bool Active, class Derived> struct random_stage {
    using output = In;
    static constexpr auto parameters = no_parameters;
    static constexpr bool passes_mask = true;

    template <class V> static void forward(forward_context<V> c) {
        if constexpr (Active) {
            if (c.training) return Derived::run(c);
        }
        pass_on(c.x, c.y);
    }

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        if constexpr (InputGradient) {
            if constexpr (Active) {
                if (c.training) return Derived::run_back(c);
            }
            pass_on(c.dy, c.dx);
        }
    }

    /// In inference, as second derivatives are: see has_gauss_newton.
    template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
        if constexpr (InputGradient) pass_on(c.dy, c.dx);
    }

protected:
    static constexpr stage_needs needs_with(std::size_t kept_cells) {
        return {.kept = Active ? kept_cells : 0,
                .random = Active,
                .backward_reads_x = false,
                .backward_reads_y = false,
                .in_place = true};
    }

    template <class V> static void pass_on(const V* from, V* to) {
        if (from != to) std::copy_n(from, In::size, to);
    }
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
