#pragma once

#include "strata/core/number.hpp"
#include "strata/core/stage.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <type_traits>

/// Stages that make masks: see core/stage.hpp.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Whether each lane's sample has this step.
template <class V> auto is_present(const V& mask) { return mask != V(scalar_t<V>(0)); }

/// Leaves out the steps all of whose cells are Value.
template <number Value> struct mask_of_value {
    template <class In> struct on {
        static constexpr std::size_t steps = In::extents[0], inputs = In::size / steps;

        using output = shape<steps>;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{.no_gradient = true};

        template <class V> static void forward(forward_context<V> c) {
            const V value = kernels::constant<V>(Value), zero = kernels::constant<V>(0), one = kernels::constant<V>(1);
            for (std::size_t t = 0; t < steps; ++t) {
                V mask = zero;
                for (std::size_t i = 0; i < inputs; ++i) mask = math::select(c.x[t * inputs + i] == value, mask, one);
                c.y[t] = mask;
            }
        }
    };
};

/// Leaves out the steps that all masks of a merge's branches leave out.
struct joined_masks {
    template <class Mask, class... Others> struct on {
        static constexpr std::size_t count = 1 + sizeof...(Others);

        using output = Mask;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{.no_gradient = true};

        template <class V> static void forward(forward_context<V, count> c) {
            for (std::size_t t = 0; t < Mask::size; ++t) {
                V mask = c.x[0][t];
                for (std::size_t k = 1; k < count; ++k) mask = math::max(mask, c.x[k][t]);
                c.y[t] = mask;
            }
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
