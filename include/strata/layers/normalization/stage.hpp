#pragma once

#include "strata/core/stage.hpp"
#include "strata/kernels/normalization/normalization.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// What the layers have in common that normalize the cells of a sample. The stage lists the parameters: first what
/// multiplies the result, then what is added to it.
template <class In, kernels::cell_sets Sets, class Rule, bool HasGamma, bool HasBeta> struct normalizing_stage {
    using output = In;
    static constexpr bool passes_mask = true;
    static_assert(Sets.cells() == In::size);

    template <class V> using kernel = kernels::normalization<Sets, Rule, HasGamma, HasBeta, V>;
    static constexpr std::size_t beta_offset = HasGamma ? Sets.parameters() : 0;
    static constexpr bool from_result = kernel<double>::from_result;

    static constexpr stage_needs needs{.kept = kernel<double>::kept_cells,
                                       .backward_reads_x = !from_result,
                                       .backward_reads_y = from_result,
                                       .in_place = from_result,
                                       .keeps_dy = !from_result};

    template <class V> static void forward(forward_context<V> c) {
        kernel<V>::forward(c.x, c.parameters, c.parameters + beta_offset, c.y, c.kept);
    }

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        if constexpr (HasGamma || HasBeta)
            kernel<V>::parameter_gradient(c.x, c.dy, c.gradients, c.gradients + beta_offset, c.kept);
        if constexpr (InputGradient) input_gradient(c);
    }

    template <class V> static void input_gradient(backward_context<V> c) {
        kernel<V>::input_gradient(c.x, c.y, c.dy, c.parameters, c.dx, c.kept);
    }
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
