#pragma once

#include "strata/core/stage.hpp"
#include "strata/kernels/activation/rows.hpp"
#include "strata/layers/options.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// y = a sigmoid(b), a and b the halves of the last axis (Keras: `keras.activations.glu`; Dauphin, Fan, Auli, Grangier
/// 2016). A layer, and an option of Dense and Conv2D, whose last axis it halves, too. Shapes: ... x 2n to ... x n.
struct GLU {
    static constexpr std::string_view class_name = "GLU";
    using option = option::activation;

    template <class In> struct on {
        static constexpr std::size_t columns = In::extents[In::rank - 1] / 2;
        static constexpr std::size_t rows = In::size / In::extents[In::rank - 1];
        static_assert(In::extents[In::rank - 1] % 2 == 0, "GLU: the last axis of the input must have an even extent");

        using output = with_last_extent<In, columns>;
        static constexpr auto parameters = no_parameters;
        static constexpr bool passes_mask = true;
        static constexpr stage_needs needs{.backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V> c) { kernels::glu_forward<rows, columns>(c.x, c.y); }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) kernels::glu_gradient<rows, columns>(c.x, c.dy, c.dx);
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::GLU;
}  // namespace strata
