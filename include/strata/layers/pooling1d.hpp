#pragma once

#include "strata/layers/axes.hpp"
#include "strata/layers/pooling2d.hpp"

#include <string_view>
#include <type_traits>

/// Pools over steps x channels: those of an image of one row.
namespace strata {
inline namespace STRATA_ISA {

/// Steps x channels as an image; any other shape as one that the layers of images refuse.
template <class Shape>
using one_row =
    std::conditional_t<Shape::rank == 2, shape<1, input_extents<Shape, 1>[1], input_extents<Shape, 1>[2]>, shape<1>>;

namespace detail {

/// The stage of a pool over one row, given the options of one over an image.
template <template <class, class...> class Stage, class In, class Options> struct pool_of_row {
    static constexpr extent2d pool = along_axes<1>(Options::template get<option::pool>::value);
    static constexpr extent2d strides = along_axes<1>(Options::template get<option::strides>::of_pool(pool));
    using type = Stage<one_row<In>, Pool<1, pool.columns>, Strides<1, strides.columns>,
                       typename Options::template get<option::padding>>;
};

}  // namespace detail

template <template <class, class...> class Stage, class In, class... Options>
struct pooling1d_stage : detail::pool_of_row<Stage, In, pooling2d_options<Options...>>::type {
    using options = pooling2d_options<Options...>;
    static constexpr bool fit_axes = is_one_number<typename options::template get<option::pool>>() &&
                                     is_one_number<typename options::template get<option::strides>>();
    using output = shape<pooling1d_stage::extents.columns, input_extents<In, 1>[2]>;
};

template <template <class, class...> class Stage, class In, class... Options>
struct global_pooling1d_stage : Stage<one_row<In>, Pool<1, input_extents<In, 1>[1]>> {
    using output = std::conditional_t<global_pooling_options<Options...>::template has<KeepDims>,
                                      shape<1, input_extents<In, 1>[2]>, shape<input_extents<In, 1>[2]>>;
};

/// The mean of each window; cells of the padding do not count (Keras: `AveragePooling1D`).
///
/// Shapes: steps x channels to steps' x channels. Options: see pooling2d_options; Pool and Strides take one number.
template <class... Options> struct AveragePooling1D {
    static_assert(known_but_for_causal<pooling2d_options<Options...>>,
                  "AveragePooling1D: unknown option; it takes Pool, Strides, Same and Valid");
    static_assert(pooling2d_options<Options...>::unique, "AveragePooling1D: an option is given twice");

    static constexpr std::string_view class_name = "AveragePooling1D";

    template <class In> struct on : pooling1d_stage<average_pooling2d_stage, In, Options...> {
        static_assert(on::is_image, "AveragePooling1D: the input must be steps x channels; put Reshape before it");
        static_assert(on::fit_axes, "AveragePooling1D: Pool and Strides take one number");
        static_assert(on::fits, "AveragePooling1D: the pool is larger than the input; use Same or a smaller Pool");
    };
};

/// The largest cell of each window (Keras: `MaxPooling1D`).
///
/// Shapes: steps x channels to steps' x channels. Options: see pooling2d_options; Pool and Strides take one number.
template <class... Options> struct MaxPooling1D {
    static_assert(known_but_for_causal<pooling2d_options<Options...>>,
                  "MaxPooling1D: unknown option; it takes Pool, Strides, Same and Valid");
    static_assert(pooling2d_options<Options...>::unique, "MaxPooling1D: an option is given twice");

    static constexpr std::string_view class_name = "MaxPooling1D";

    template <class In> struct on : pooling1d_stage<max_pooling2d_stage, In, Options...> {
        static_assert(on::is_image, "MaxPooling1D: the input must be steps x channels; put Reshape before it");
        static_assert(on::fit_axes, "MaxPooling1D: Pool and Strides take one number");
        static_assert(on::fits, "MaxPooling1D: the pool is larger than the input; use Same or a smaller Pool");
    };
};

/// The mean of each channel (Keras: `GlobalAveragePooling1D`).
///
/// Shapes: steps x channels to channels, or to 1 x channels with the option KeepDims.
template <class... Options> struct GlobalAveragePooling1D {
    static_assert(global_pooling_options<Options...>::known,
                  "GlobalAveragePooling1D: unknown option; it takes KeepDims");
    static_assert(global_pooling_options<Options...>::unique, "GlobalAveragePooling1D: an option is given twice");

    static constexpr std::string_view class_name = "GlobalAveragePooling1D";

    template <class In> struct on : global_pooling1d_stage<average_pooling2d_stage, In, Options...> {
        static_assert(on::is_image,
                      "GlobalAveragePooling1D: the input must be steps x channels; put Reshape before it");
    };
};

/// The largest cell of each channel (Keras: `GlobalMaxPooling1D`).
///
/// Shapes: steps x channels to channels, or to 1 x channels with the option KeepDims.
template <class... Options> struct GlobalMaxPooling1D {
    static_assert(global_pooling_options<Options...>::known, "GlobalMaxPooling1D: unknown option; it takes KeepDims");
    static_assert(global_pooling_options<Options...>::unique, "GlobalMaxPooling1D: an option is given twice");

    static constexpr std::string_view class_name = "GlobalMaxPooling1D";

    template <class In> struct on : global_pooling1d_stage<max_pooling2d_stage, In, Options...> {
        static_assert(on::is_image, "GlobalMaxPooling1D: the input must be steps x channels; put Reshape before it");
    };
};

}  // namespace STRATA_ISA
}  // namespace strata
