#pragma once

#include "strata/core/stage.hpp"
#include "strata/kernels/pooling2d/one_sample.hpp"
#include "strata/kernels/pooling2d/pooling2d.hpp"
#include "strata/layers/fusion/pool_after_activation.hpp"
#include "strata/layers/options.hpp"

#include <string_view>
#include <type_traits>

namespace strata {
inline namespace STRATA_ISA {

/// The options that pools take, in any order: Pool<2>, Strides (as large as the pool, unless given), Valid or Same.
template <class... Options>
using pooling2d_options = typename option_list<Options...>::template with_defaults<Pool<2>, StridesOfPool, Valid>;

/// The shape rule, the geometry and the backward that all pools share; Parts are those of a window's gradient. Says
/// whether its input is an image and the pool fits into it; the layers refuse what is wrong, each under its own name.
template <template <class> class Parts, class In, class... Options> struct pooling2d_stage {
    using options = pooling2d_options<Options...>;
    static constexpr bool is_image = In::rank == 3;
    static constexpr auto input = image_extents<In>;
    static constexpr extent2d pool = options::template get<option::pool>::value;
    static constexpr extent2d strides = options::template get<option::strides>::of_pool(pool);
    static constexpr bool same = options::template has<Same>;
    static constexpr extent2d extents{kernels::window_outputs(same, input[0], pool.rows, strides.rows, 1),
                                      kernels::window_outputs(same, input[1], pool.columns, strides.columns, 1)};
    static constexpr bool fits = !is_image || (extents.rows > 0 && extents.columns > 0);

    using output = shape<extents.rows, extents.columns, input[2]>;
    static constexpr auto parameters = no_parameters;
    static constexpr kernels::conv2d_geometry geometry{
        .input = {input[0], input[1]},
        .channels = input[2],
        .output = extents,
        .filters = input[2],
        .kernel = pool,
        .strides = strides,
        .before = {kernels::padding_before(same, input[0], pool.rows, strides.rows, 1),
                   kernels::padding_before(same, input[1], pool.columns, strides.columns, 1)}};

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        if constexpr (InputGradient) kernels::pooling2d_gradient<geometry, Parts>(c.x, c.y, c.dy, c.dx);
    }

    /// For fusions: whether the backward pass can apply the derivative of the activation before it, too. Then
    /// backward_to_sums<Below> fills c.dx with the gradient with respect to what that activation, the last part of the
    /// stage `Below`, was applied to, and adds that of its bias to c.gradients, those of `Below`.
    static constexpr bool takes_activation = kernels::windows_partition_input(geometry);

    template <class Below, class V> static void backward_to_sums(const backward_context<V>& c) {
        kernels::pooling2d_activation_gradient<geometry, Parts, typename Below::inner_activation, Below::use_bias>(
            c.x, c.y, c.dy, c.dx, c.gradients + Below::bias_offset);
    }
};

template <class In, class... Options>
struct average_pooling2d_stage : pooling2d_stage<kernels::parts_of_mean, In, Options...> {
    using base = pooling2d_stage<kernels::parts_of_mean, In, Options...>;

    static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

    template <class V> static void forward(forward_context<V> c) {
        kernels::average_pooling2d_forward<base::geometry>(c.x, c.y);
    }

    template <class V>
    using one_sample = kernels::one_sample::pooling2d<base::geometry, kernels::one_sample::average_of_window, V>;
};

template <class In, class... Options>
struct max_pooling2d_stage : pooling2d_stage<kernels::parts_of_maximum, In, Options...> {
    using base = pooling2d_stage<kernels::parts_of_maximum, In, Options...>;

    static constexpr stage_needs needs{.keeps_dy = true};

    template <class V> static void forward(forward_context<V> c) {
        kernels::max_pooling2d_forward<base::geometry>(c.x, c.y);
    }

    template <class V>
    using one_sample = kernels::one_sample::pooling2d<base::geometry, kernels::one_sample::maximum_of_window, V>;
};

/// The mean of each window; cells of the padding do not count (Keras: `AveragePooling2D`).
///
/// Shapes: rows x columns x channels to rows' x columns' x channels. Options: see pooling2d_options.
template <class... Options> struct AveragePooling2D {
    static_assert(known_but_for_causal<pooling2d_options<Options...>>,
                  "AveragePooling2D: unknown option; it takes Pool, Strides, Same and Valid");
    static_assert(pooling2d_options<Options...>::unique, "AveragePooling2D: an option is given twice");

    static constexpr std::string_view class_name = "AveragePooling2D";

    template <class In> struct on : average_pooling2d_stage<In, Options...> {
        static_assert(on::is_image,
                      "AveragePooling2D: the input must be rows x columns x channels; put Reshape before it");
        static_assert(on::fits, "AveragePooling2D: the pool is larger than the input; use Same or a smaller Pool");
    };
};

/// The largest cell of each window (Keras: `MaxPooling2D`).
///
/// Shapes: rows x columns x channels to rows' x columns' x channels. Options: see pooling2d_options.
template <class... Options> struct MaxPooling2D {
    static_assert(known_but_for_causal<pooling2d_options<Options...>>,
                  "MaxPooling2D: unknown option; it takes Pool, Strides, Same and Valid");
    static_assert(pooling2d_options<Options...>::unique, "MaxPooling2D: an option is given twice");

    static constexpr std::string_view class_name = "MaxPooling2D";

    template <class In> struct on : max_pooling2d_stage<In, Options...> {
        static_assert(on::is_image, "MaxPooling2D: the input must be rows x columns x channels; put Reshape before it");
        static_assert(on::fits, "MaxPooling2D: the pool is larger than the input; use Same or a smaller Pool");
    };
};

/// The pool that is as large as the image.
template <class In> using whole_image = Pool<image_extents<In>[0], image_extents<In>[1]>;

/// The options that global pools take.
template <class... Options>
using global_pooling_options = typename option_list<Options...>::template with_defaults<DropDims>;

/// What is left of an image: its channels, or with KeepDims 1 x 1 x channels.
template <class In, class... Options>
using channels_of = std::conditional_t<global_pooling_options<Options...>::template has<KeepDims>,
                                       shape<1, 1, image_extents<In>[2]>, shape<image_extents<In>[2]>>;

/// The mean of each channel (Keras: `GlobalAveragePooling2D`).
///
/// Shapes: rows x columns x channels to channels, or to 1 x 1 x channels with the option KeepDims.
template <class... Options> struct GlobalAveragePooling2D {
    static_assert(global_pooling_options<Options...>::known,
                  "GlobalAveragePooling2D: unknown option; it takes KeepDims");
    static_assert(global_pooling_options<Options...>::unique, "GlobalAveragePooling2D: an option is given twice");

    static constexpr std::string_view class_name = "GlobalAveragePooling2D";

    template <class In> struct on : average_pooling2d_stage<In, whole_image<In>> {
        static_assert(on::is_image,
                      "GlobalAveragePooling2D: the input must be rows x columns x channels; put Reshape before it");
        using output = channels_of<In, Options...>;
    };
};

/// The largest cell of each channel (Keras: `GlobalMaxPooling2D`).
///
/// Shapes: rows x columns x channels to channels, or to 1 x 1 x channels with the option KeepDims.
template <class... Options> struct GlobalMaxPooling2D {
    static_assert(global_pooling_options<Options...>::known, "GlobalMaxPooling2D: unknown option; it takes KeepDims");
    static_assert(global_pooling_options<Options...>::unique, "GlobalMaxPooling2D: an option is given twice");

    static constexpr std::string_view class_name = "GlobalMaxPooling2D";

    template <class In> struct on : max_pooling2d_stage<In, whole_image<In>> {
        static_assert(on::is_image,
                      "GlobalMaxPooling2D: the input must be rows x columns x channels; put Reshape before it");
        using output = channels_of<In, Options...>;
    };
};

}  // namespace STRATA_ISA
}  // namespace strata
