#pragma once

#include "strata/core/stage.hpp"
#include "strata/kernels/pooling2d/one_sample.hpp"
#include "strata/kernels/pooling2d/pooling2d.hpp"
#include "strata/layers/axes.hpp"
#include "strata/layers/fusion/pool_after_activation.hpp"
#include "strata/layers/options.hpp"

#include <cstddef>
#include <type_traits>

/// What pools have in common. Those over steps x channels are pools of an image of one row.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The options that pools take, in any order: Pool<2>, Strides (as large as the pool, unless given), Valid or Same.
/// 1-D pools take one number in Pool and Strides.
template <class... Options> struct pooling_options {
    using list = typename option_list<Options...>::template with_defaults<Pool<2>, StridesOfPool, Valid>;
    static_assert(known_but_for_causal<list>, "pooling: unknown option; it takes Pool, Strides, Same and Valid");
    static_assert(list::unique, "pooling: an option is given twice");
};

/// The shape rule, the geometry and the backward pass that all pools share; Parts are those of a window's gradient.
template <template <class> class Parts, class In, std::size_t Axes, class Options>
struct pooling_stage : input_of_axes<In, Axes> {
private:
    using base = input_of_axes<In, Axes>;
    using pool_option = typename Options::list::template get<option::pool>;
    using strides_option = typename Options::list::template get<option::strides>;
    static_assert(Axes == 2 || (is_one_number<pool_option>() && is_one_number<strides_option>()),
                  "1-D pooling: Pool and Strides take one number");
    static constexpr extent2d pool = along_axes<Axes>(pool_option::value);
    static constexpr extent2d strides = along_axes<Axes>(strides_option::of_pool(pool));
    static constexpr bool same = Options::list::template has<Same>;
    static constexpr extent2d extents{kernels::window_outputs(same, base::input[0], pool.rows, strides.rows, 1),
                                      kernels::window_outputs(same, base::input[1], pool.columns, strides.columns, 1)};
    static_assert(!base::has_axes || (extents.rows > 0 && extents.columns > 0),
                  "pooling: the pool is larger than the input; use Same or a smaller Pool");

public:
    using output = output_shape<Axes, extents.rows, extents.columns, base::input[2]>;
    static constexpr auto parameters = no_parameters;
    static constexpr kernels::conv2d_geometry geometry{
        .input = {base::input[0], base::input[1]},
        .channels = base::input[2],
        .output = extents,
        .filters = base::input[2],
        .kernel = pool,
        .strides = strides,
        .before = {kernels::padding_before(same, base::input[0], pool.rows, strides.rows, 1),
                   kernels::padding_before(same, base::input[1], pool.columns, strides.columns, 1)}};

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

/// The mean of each window; cells of the padding do not count.
template <class In, std::size_t Axes, class Options>
struct average_pooling_stage : pooling_stage<kernels::parts_of_mean, In, Axes, Options> {
    using base = pooling_stage<kernels::parts_of_mean, In, Axes, Options>;

    static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

    template <class V> static void forward(forward_context<V> c) {
        kernels::average_pooling2d_forward<base::geometry>(c.x, c.y);
    }

    /// Where windows have padding, they are means of different numbers of cells, and this is left out.
    template <bool InputGradient, class V>
        requires(!kernels::has_padding(base::geometry))
    static void gauss_newton(gauss_newton_context<V> c) {
        base::template backward<InputGradient, V>(c);
        if constexpr (InputGradient) {
            constexpr extent2d pool = base::geometry.kernel;
            const V share(scalar_t<V>(1) / scalar_t<V>(pool.rows * pool.columns));
            for (std::size_t i = 0; i < In::size; ++i) c.dx[i] = c.dx[i] * share;
        }
    }

    template <class V>
    using one_sample = kernels::one_sample::pooling2d<base::geometry, kernels::one_sample::average_of_window, V>;
};

/// The largest cell of each window.
template <class In, std::size_t Axes, class Options>
struct max_pooling_stage : pooling_stage<kernels::parts_of_maximum, In, Axes, Options> {
    using base = pooling_stage<kernels::parts_of_maximum, In, Axes, Options>;

    static constexpr stage_needs needs{.keeps_dy = true};

    template <class V> static void forward(forward_context<V> c) {
        kernels::max_pooling2d_forward<base::geometry>(c.x, c.y);
    }

    template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
        base::template backward<InputGradient, V>(c);
    }

    template <class V>
    using one_sample = kernels::one_sample::pooling2d<base::geometry, kernels::one_sample::maximum_of_window, V>;
};

/// The pool that is as large as the input.
template <class In, std::size_t Axes>
using whole_input = pooling_options<Pool<input_extents<In, Axes>[Axes == 1 ? 1 : 0], input_extents<In, Axes>[1]>>;

/// A pool as large as the input, whose result is the channels, or with the option KeepDims 1 x 1 x channels, of steps
/// 1 x channels.
template <template <class, std::size_t, class> class Stage, class In, std::size_t Axes, class... Options>
struct global_pooling_stage : Stage<In, Axes, whole_input<In, Axes>> {
    using options = typename option_list<Options...>::template with_defaults<DropDims>;
    static_assert(options::known, "global pooling: unknown option; it takes KeepDims");
    static_assert(options::unique, "global pooling: an option is given twice");

    static constexpr std::size_t channels = input_extents<In, Axes>[2];
    using output =
        std::conditional_t<options::template has<KeepDims>, output_shape<Axes, 1, 1, channels>, shape<channels>>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
