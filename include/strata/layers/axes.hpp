#pragma once

#include "strata/core/shape.hpp"

#include <array>
#include <cstddef>
#include <type_traits>

/// Layers over images have two axes, layers over steps x channels have one: to them these are an image of one row.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Rows, columns and channels of the input of a layer of so many axes; as with image_extents, 1 x 1 x 1 for a shape
/// that the layer refuses.
template <class Shape, std::size_t Axes> inline constexpr std::array<std::size_t, 3> input_extents{1, 1, 1};
template <class Shape> inline constexpr std::array<std::size_t, 3> input_extents<Shape, 2> = image_extents<Shape>;
template <std::size_t Steps, std::size_t Channels>
inline constexpr std::array<std::size_t, 3> input_extents<shape<Steps, Channels>, 1>{1, Steps, Channels};

/// What layers of so many axes ask of their input.
template <class Shape, std::size_t Axes> struct input_of_axes {
    static constexpr bool has_axes = Shape::rank == Axes + 1;
    static_assert(has_axes || Axes != 1, "the input of a 1-D layer must be steps x channels; put Reshape before it");
    static_assert(has_axes || Axes != 2,
                  "the input of a 2-D layer must be rows x columns x channels; put Reshape before it");
    static constexpr auto input = input_extents<Shape, Axes>;
};

/// The shape of a layer's output: rows x columns x channels, or steps x channels.
template <std::size_t Axes, std::size_t Rows, std::size_t Columns, std::size_t Channels>
using output_shape = std::conditional_t<Axes == 1, shape<Columns, Channels>, shape<Rows, Columns, Channels>>;

/// Whether an option is what a layer over steps x channels takes: one number, not two.
template <class Option> constexpr bool is_one_number() {
    if constexpr (requires { Option::value.columns; })
        return Option::value.rows == Option::value.columns;
    else
        return true;
}

/// The extents of an option of a layer of so many axes; steps x channels are an image of one row.
template <std::size_t Axes> constexpr extent2d along_axes(extent2d value) {
    return Axes == 1 ? extent2d{1, value.columns} : value;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
