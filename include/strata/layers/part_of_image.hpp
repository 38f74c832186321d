#pragma once

#include "strata/core/stage.hpp"
#include "strata/layers/axes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

/// Images that are part of larger ones: what paddings and croppings have in common.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What lies around an image on each side: of no number `Default`, of one number this everywhere, of two the first one
/// above and below and the second one left and right, of four above, below, left and right, as in Keras.
template <std::size_t Default, std::size_t... Counts> struct around_image {
    static constexpr std::size_t count = sizeof...(Counts);
    static constexpr bool is_complete = count <= 2 || count == 4;
    static constexpr std::array<std::size_t, 4> sides = [] {
        constexpr std::array<std::size_t, count + 1> given{Counts..., Default};
        if constexpr (count == 4)
            return std::array{given[0], given[1], given[2], given[3]};
        else if constexpr (count == 2)
            return std::array{given[0], given[0], given[1], given[1]};
        else
            return std::array{given[0], given[0], given[0], given[0]};
    }();
};

/// The same for steps: of one number this at both ends, of two before and behind.
template <std::size_t Default, std::size_t... Counts> struct around_steps {
    static constexpr std::size_t count = sizeof...(Counts);
    static constexpr bool is_complete = count <= 2;
    static constexpr std::array<std::size_t, 4> sides = [] {
        constexpr std::array<std::size_t, count + 1> given{Counts..., Default};
        return std::array<std::size_t, 4>{0, 0, given[0], given[count == 2 ? 1 : 0]};
    }();
};

/// Puts zeros around the input, or with Crops leaves out what is around a part of it; the backward pass is the other
/// one.
template <class In, std::size_t Axes, class Around, bool Crops>
class part_of_image_stage : public input_of_axes<In, Axes> {
    using input_of_axes<In, Axes>::input;
    static constexpr std::size_t rows = Around::sides[0] + Around::sides[1],
                                 columns = Around::sides[2] + Around::sides[3];
    static constexpr extent2d whole{input[0] + (Crops ? 0 : rows), input[1] + (Crops ? 0 : columns)};
    static constexpr extent2d part{whole.rows - std::min(whole.rows, rows),
                                   whole.columns - std::min(whole.columns, columns)};

    static_assert(part.rows > 0 && part.columns > 0, "cropping: nothing is left of the input");

public:
    using output = output_shape<Axes, Crops ? part.rows : whole.rows, Crops ? part.columns : whole.columns, input[2]>;
    static constexpr auto parameters = no_parameters;
    static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

    template <class V> static void forward(forward_context<V> c) { move<Crops>(c.x, c.y); }

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        if constexpr (InputGradient) move<!Crops, V>(c.dy, c.dx);
    }

    template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
        backward<InputGradient, V>(c);
    }

private:
    /// Reads the part of the whole, or writes the whole of the part.
    template <bool Read, class V> static void move(const V* from, V* to) {
        if constexpr (!Read) std::fill_n(to, whole.rows * whole.columns * input[2], V(scalar_t<V>(0)));
        for (std::size_t row = 0; row < part.rows; ++row) {
            constexpr std::size_t width = part.columns * input[2];
            const std::size_t start = ((Around::sides[0] + row) * whole.columns + Around::sides[2]) * input[2];
            std::copy_n(from + (Read ? start : row * width), width, to + (Read ? row * width : start));
        }
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
