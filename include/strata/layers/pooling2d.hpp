#pragma once

#include "strata/core/layer.hpp"
#include "strata/core/options.hpp"
#include "strata/kernels/pooling2d.hpp"

#include <string_view>
#include <type_traits>

namespace strata {

/// The shape rule and the geometry that all pools share.
///
/// Shapes: rows x columns x channels to rows' x columns' x channels. Options, in any order: Pool<2>, Strides (as large
/// as the pool, unless given), Valid or Same.
template <class In, class... Options> struct pooling2d_stage {
    static_assert(In::rank == 3, "Pooling2D: the input must be rows x columns x channels; put Reshape before it");

    static constexpr extent2d pool = option_or<option::pool, Pool<2>, Options...>::value;
    static constexpr extent2d strides = option_or<option::strides, Strides<pool.rows, pool.columns>, Options...>::value;
    static constexpr bool same = std::is_same_v<option_or<option::padding, Valid, Options...>, Same>;
    static constexpr extent2d extents{kernels::window_outputs(same, In::extents[0], pool.rows, strides.rows, 1),
                                      kernels::window_outputs(same, In::extents[1], pool.columns, strides.columns, 1)};
    static_assert(extents.rows > 0 && extents.columns > 0,
                  "Pooling2D: the pool is larger than the input; use Same or a smaller Pool");

    using output = shape<extents.rows, extents.columns, In::extents[2]>;
    static constexpr auto parameters = no_parameters;
    static constexpr kernels::conv2d_geometry geometry{
        .input = {In::extents[0], In::extents[1]},
        .channels = In::extents[2],
        .output = extents,
        .filters = In::extents[2],
        .kernel = pool,
        .strides = strides,
        .before = {kernels::padding_before(same, In::extents[0], pool.rows, strides.rows, 1),
                   kernels::padding_before(same, In::extents[1], pool.columns, strides.columns, 1)}};
};

template <class... Options> struct pooling2d_options {
    using kinds = option_kinds<option::pool, option::strides, option::padding>;
    static_assert(kinds::template know_all<Options...>,
                  "Pooling2D: unknown option; it takes Pool, Strides, Same and Valid");
    static_assert(kinds::template at_most_once<Options...>, "Pooling2D: an option is given twice");
};

/// The mean of each window; cells of the padding do not count (Keras: `AveragePooling2D`). Shapes and options: see
/// pooling2d_stage.
template <class... Options> struct AveragePooling2D : pooling2d_options<Options...> {
    static constexpr std::string_view class_name = "AveragePooling2D";

    template <class In> struct on : pooling2d_stage<In, Options...> {
        using base = pooling2d_stage<In, Options...>;

        template <class V> static void forward(const V* x, const scalar_t<V>*, V* y) {
            kernels::average_pooling2d_forward<base::geometry>(x, y);
        }

        template <bool InputGradient, class V>
        static void backward(const V*, const V*, V* dy, const scalar_t<V>*, scalar_t<V>*, V* dx) {
            if constexpr (InputGradient) kernels::average_pooling2d_gradient<base::geometry>(dy, dx);
        }
    };
};

/// The largest cell of each window (Keras: `MaxPooling2D`). Shapes and options: see pooling2d_stage.
template <class... Options> struct MaxPooling2D : pooling2d_options<Options...> {
    static constexpr std::string_view class_name = "MaxPooling2D";

    template <class In> struct on : pooling2d_stage<In, Options...> {
        using base = pooling2d_stage<In, Options...>;

        template <class V> static void forward(const V* x, const scalar_t<V>*, V* y) {
            kernels::max_pooling2d_forward<base::geometry>(x, y);
        }

        template <bool InputGradient, class V>
        static void backward(const V* x, const V* y, V* dy, const scalar_t<V>*, scalar_t<V>*, V* dx) {
            if constexpr (InputGradient) kernels::max_pooling2d_gradient<base::geometry>(x, y, dy, dx);
        }
    };
};

/// A pool over the whole image. Shapes: rows x columns x channels to channels, or to 1 x 1 x channels with KeepDims.
template <template <class...> class Pooling, class... Options> struct global_pooling2d {
    static_assert(option_kinds<option::keep_dims>::know_all<Options...>,
                  "GlobalPooling2D: unknown option; it takes KeepDims");

    template <class In> struct on : Pooling<Pool<In::extents[0], In::extents[1]>>::template on<In> {
        static_assert(In::rank == 3,
                      "GlobalPooling2D: the input must be rows x columns x channels; put Reshape before it");
        using output = std::conditional_t<sizeof...(Options) == 0, shape<In::extents[2]>, shape<1, 1, In::extents[2]>>;
    };
};

/// The mean of each channel (Keras: `GlobalAveragePooling2D`). Shapes: see global_pooling2d.
template <class... Options> struct GlobalAveragePooling2D : global_pooling2d<AveragePooling2D, Options...> {
    static constexpr std::string_view class_name = "GlobalAveragePooling2D";
};

/// The largest cell of each channel (Keras: `GlobalMaxPooling2D`). Shapes: see global_pooling2d.
template <class... Options> struct GlobalMaxPooling2D : global_pooling2d<MaxPooling2D, Options...> {
    static constexpr std::string_view class_name = "GlobalMaxPooling2D";
};

}  // namespace strata
