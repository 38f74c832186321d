#pragma once

#include "strata/layers/part_of_image.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Leaves out what is around a part of an image (Keras: `Cropping2D`): `Cropping2D<2>` two on each side,
/// `Cropping2D<1, 2>` one above and below and two left and right, `Cropping2D<1, 2, 0, 3>` one above, two below, none
/// left and three right; without numbers none.
///
/// Shapes: rows x columns x channels to (rows - above - below) x (columns - left - right) x channels.
template <std::size_t... Counts> struct Cropping2D {
    static_assert(around_image<0, Counts...>::is_complete, "Cropping2D: give one number, two or four");

    static constexpr std::string_view class_name = "Cropping2D";

    template <class In> struct on : part_of_image_stage<In, 2, around_image<0, Counts...>, true> {};
};

/// Leaves out steps at both ends (Keras: `Cropping1D`): `Cropping1D<2>` two at each end, `Cropping1D<1, 2>` one before
/// and two behind; without numbers one at each end.
///
/// Shapes: steps x channels to (steps - before - behind) x channels.
template <std::size_t... Counts> struct Cropping1D {
    static_assert(around_steps<1, Counts...>::is_complete, "Cropping1D: give one number or two");

    static constexpr std::string_view class_name = "Cropping1D";

    template <class In> struct on : part_of_image_stage<In, 1, around_steps<1, Counts...>, true> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Cropping1D;
using authoring::Cropping2D;
}  // namespace strata
