#pragma once

#include "strata/layers/part_of_image.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Puts zeros around an image (Keras: `ZeroPadding2D`): `ZeroPadding2D<2>` two on each side, `ZeroPadding2D<1, 2>` one
/// above and below and two left and right, `ZeroPadding2D<1, 2, 0, 3>` one above, two below, none left and three right;
/// without numbers one on each side.
///
/// Shapes: rows x columns x channels to (above + rows + below) x (left + columns + right) x channels.
template <std::size_t... Counts> struct ZeroPadding2D {
    static_assert(around_image<1, Counts...>::is_complete, "ZeroPadding2D: give one number, two or four");

    static constexpr std::string_view class_name = "ZeroPadding2D";

    template <class In> struct on : part_of_image_stage<In, 2, around_image<1, Counts...>, false> {};
};

/// Puts zeros before and behind the steps (Keras: `ZeroPadding1D`): `ZeroPadding1D<2>` two at each end,
/// `ZeroPadding1D<1, 2>` one before and two behind; without numbers one at each end.
///
/// Shapes: steps x channels to (before + steps + behind) x channels.
template <std::size_t... Counts> struct ZeroPadding1D {
    static_assert(around_steps<1, Counts...>::is_complete, "ZeroPadding1D: give one number or two");

    static constexpr std::string_view class_name = "ZeroPadding1D";

    template <class In> struct on : part_of_image_stage<In, 1, around_steps<1, Counts...>, false> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::ZeroPadding1D;
using authoring::ZeroPadding2D;
}  // namespace strata
