#pragma once

#include "strata/config.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The extents of one sample, known at compile time: `shape<28, 28, 1>` is height x width x channels, `shape<10>` a
/// row. Cells are stored in row-major order, the last extent closest together.
template <std::size_t... Extents> struct shape {
    static constexpr std::size_t rank = sizeof...(Extents);
    static constexpr std::size_t size = (Extents * ... * 1);
    static constexpr std::array<std::size_t, rank> extents{Extents...};
};

/// Rows, columns and channels of an image. Any other shape counts as 1 x 1 x 1, so that a layer that refuses it with a
/// sentence of its own causes no other errors.
template <class Shape> inline constexpr std::array<std::size_t, 3> image_extents{1, 1, 1};
template <std::size_t Rows, std::size_t Columns, std::size_t Channels>
inline constexpr std::array<std::size_t, 3> image_extents<shape<Rows, Columns, Channels>>{Rows, Columns, Channels};

namespace detail {

template <class Shape, std::size_t Last, class Others> struct replace_last;
template <class Shape, std::size_t Last, std::size_t... I> struct replace_last<Shape, Last, std::index_sequence<I...>> {
    using type = shape<Shape::extents[I]..., Last>;
};

}  // namespace detail

/// The same shape with another last extent.
template <class Shape, std::size_t Last>
using with_last_extent = typename detail::replace_last<Shape, Last, std::make_index_sequence<Shape::rank - 1>>::type;

/// The first argument of a Sequential: the shape of one sample, without the batch (Keras: `Input(shape=...)`).
template <std::size_t... Extents> struct Input {
    static_assert(sizeof...(Extents) > 0, "Input: give the shape of one sample, for example Input<28, 28, 1>");
    static_assert(((Extents > 0) && ...), "Input: every extent must be at least 1");
    using output = shape<Extents...>;
};

/// Two extents that belong together, rows before columns: a kernel, a stride, a pool.
struct extent2d {
    std::size_t rows = 1;
    std::size_t columns = 1;
    friend constexpr bool operator==(extent2d, extent2d) = default;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Input;
}  // namespace strata
