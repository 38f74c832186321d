#pragma once

#include "strata/core/number.hpp"
#include "strata/core/stage.hpp"
#include "strata/kernels/activation/piecewise.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// y = Factor x + Offset (Keras: `Rescaling`): `Rescaling<1.0 / 127.5, -1>`. Shapes: any, unchanged. A network that
/// begins with it takes bytes as they are, from 0 to 255.
template <number Factor, number Offset = 0> struct Rescaling {
    static_assert(Factor != 0, "Rescaling: a factor of zero leaves nothing of the input");
    static constexpr std::string_view class_name = "Rescaling";

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr bool passes_mask = true;
        static constexpr stage_needs needs{
            .raw_input = true, .backward_reads_x = false, .backward_reads_y = false, .in_place = true};

        template <class V> static void forward(forward_context<V> c) {
            const V factor = kernels::constant<V>(Factor), offset = kernels::constant<V>(Offset);
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = multiply_add(c.x[i], factor, offset);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) {
                for (std::size_t i = 0; i < In::size; ++i) c.dx[i] = c.dy[i] * kernels::constant<V>(Factor);
            }
        }

        template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
            backward<InputGradient, V>(c);
            c.dy = c.dx;
            backward<InputGradient, V>(c);
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Rescaling;
}  // namespace strata
