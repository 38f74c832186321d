#pragma once

#include "strata/core/stage.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A stage that gives the cells of its input another shape. They are stored in the same order: nothing moves.
template <class Out> struct reshaping_stage {
    using output = Out;
    static constexpr auto parameters = no_parameters;
    static constexpr bool moves_nothing = true;
};

/// Makes one row of a sample: rows, columns, channels, in this order (Keras: `Flatten`). Shapes: any to a row.
struct Flatten {
    static constexpr std::string_view class_name = "Flatten";

    template <class In> struct on : reshaping_stage<shape<In::size>> {};
};

/// Gives a sample another shape of the same size (Keras: `Reshape`). Shapes: any to Extents.
template <std::size_t... Extents> struct Reshape {
    static constexpr std::string_view class_name = "Reshape";

    template <class In> struct on : reshaping_stage<shape<Extents...>> {
        static_assert(shape<Extents...>::size == In::size,
                      "Reshape: the new shape must hold as many values as the input");
    };
};

/// Changes the order of the axes, counted from 1 (Keras: `Permute`): `Permute<3, 1, 2>` puts channels first. Shapes:
/// any to the same extents in another order.
template <std::size_t... Axes> struct Permute {
    static constexpr std::string_view class_name = "Permute";

    template <class In> struct on {
        static constexpr std::array<std::size_t, sizeof...(Axes)> axes{Axes...};
        static constexpr bool is_permutation = [] {
            std::array<int, sizeof...(Axes) + 1> seen{};
            for (const std::size_t axis : axes) {
                if (axis < 1 || axis > axes.size() || seen[axis]++ > 0) return false;
            }
            return true;
        }();
        static_assert(is_permutation && axes.size() == In::rank,
                      "Permute: name each axis of the input once, counted from 1");

        using output = shape<In::extents[Axes - 1]...>;
        static constexpr auto parameters = no_parameters;

        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = c.x[source(i)];
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) {
                for (std::size_t i = 0; i < In::size; ++i) c.dx[source(i)] = c.dy[i];
            }
        }

        template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
            backward<InputGradient, V>(c);
        }

    private:
        /// The cell of the input that lands in a cell of the output.
        static constexpr std::size_t source(std::size_t cell) {
            std::size_t at = 0;
            for (std::size_t d = axes.size(); d-- > 0;) {
                std::size_t stride = 1;
                for (std::size_t lower = axes[d]; lower < In::rank; ++lower) stride *= In::extents[lower];
                at += cell % output::extents[d] * stride;
                cell /= output::extents[d];
            }
            return at;
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Flatten;
using authoring::Permute;
using authoring::Reshape;
}  // namespace strata
