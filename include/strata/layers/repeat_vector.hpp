#pragma once

#include "strata/core/stage.hpp"
#include "strata/simd/long_sums.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The same row Count times (Keras: `RepeatVector`). Shapes: n to Count x n.
template <std::size_t Count> struct RepeatVector {
    static_assert(Count > 0, "RepeatVector: at least once");
    static constexpr std::string_view class_name = "RepeatVector";

    template <class In> struct on {
        static_assert(In::rank == 1, "RepeatVector: the input must be a row; put Flatten before it");
        using output = shape<Count, In::size>;
        static constexpr auto parameters = no_parameters;
        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t row = 0; row < Count; ++row) std::copy_n(c.x, In::size, c.y + row * In::size);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) {
                for (std::size_t i = 0; i < In::size; ++i)
                    c.dx[i] = kernels::sum_of<Count>([&](std::size_t row) { return c.dy[row * In::size + i]; });
            }
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::RepeatVector;
}  // namespace strata
