#pragma once

#include "strata/core/data_format.hpp"
#include "strata/core/stage.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

template <class Layer> struct TimeDistributed;

namespace detail {

/// The shape of one step of a sequence. Of a row, so that it is refused with one sentence alone, it is a row of one.
template <class Shape, class Others> struct step_shape;
template <class Shape, std::size_t... I> struct step_shape<Shape, std::index_sequence<I...>> {
    using type = shape<Shape::extents[I + 1]...>;
};
template <class Shape> struct step_shape<Shape, std::index_sequence<>> {
    using type = shape<1>;
};

/// So many steps of a shape.
template <std::size_t Steps, class Shape, class Axes> struct sequence_shape;
template <std::size_t Steps, class Shape, std::size_t... I>
struct sequence_shape<Steps, Shape, std::index_sequence<I...>> {
    using type = shape<Steps, Shape::extents[I]...>;
};

/// The stage behind a layer, repeated.
template <class Layer> struct hidden_time_distributed {
    using type = void;
};
template <has_hidden_stage Layer> struct hidden_time_distributed<Layer> {
    using type = TimeDistributed<typename Layer::then>;
};

/// What a repeated stage needs: a part of what is kept for each step.
constexpr stage_needs needs_of_steps(stage_needs one, std::size_t steps) {
    one.kept *= steps;
    one.samples_at_once = 1;
    one.joined_scratch = 0;
    return one;
}

}  // namespace detail

/// A layer, applied to each step of a sequence by itself, with the same parameters (Keras: `TimeDistributed`):
/// `TimeDistributed<Conv2D<6>>` of video, steps x rows x columns x channels.
///
/// Shapes: steps x rest to steps x what Layer makes of the rest. Parameters and state: those of Layer. Dense and other
/// layers that work along the last axis take sequences without this. Layer must not be made of others, nor have a
/// result that depends on the whole batch, as that of BatchNormalization does.
template <class Layer> struct TimeDistributed {
    static_assert(!composite<Layer>,
                  "TimeDistributed: the layer must not be made of others; write TimeDistributed around each of them");

    static_assert(!makes_mask<Layer>,
                  "TimeDistributed: the layer must not make a mask; Masking and Embedding take sequences as they are");

    static constexpr std::string_view class_name = "TimeDistributed";
    using then = typename detail::hidden_time_distributed<Layer>::type;

    template <class In> struct on {
        static_assert(In::rank >= 2, "TimeDistributed: the input must be steps x rest");

        static constexpr std::size_t steps = In::extents[0];
        using step = typename detail::step_shape<In, std::make_index_sequence<In::rank - 1>>::type;
        using inner = typename Layer::template on<step>;
        static constexpr std::size_t inputs = step::size, outputs = inner::output::size;

        using output = typename detail::sequence_shape<steps, typename inner::output,
                                                       std::make_index_sequence<inner::output::rank>>::type;
        static constexpr auto parameters = inner::parameters;
        static constexpr auto state = state_of<inner>;
        static constexpr bool passes_mask = true;
        static constexpr bool moves_nothing = authoring::moves_nothing<inner>;

        template <class V> static constexpr stage_needs needs = detail::needs_of_steps(needs_of<inner, V>, steps);
        static_assert(!coupled<inner, double>,
                      "TimeDistributed: the result of the layer must not depend on the whole batch");

        template <class V> static void forward(forward_context<V> c) {
            const random_cells random = c.random;
            for (std::size_t t = 0; t < steps; ++t, advance<V>(c)) {
                c.random = random.repeated(t);
                inner::forward(c);
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            const random_cells random = c.random;
            for (std::size_t t = 0; t < steps; ++t, advance<V>(c)) {
                c.random = random.repeated(t);
                inner::template backward<InputGradient>(c);
                c.dy += outputs;
                if constexpr (InputGradient) c.dx += inputs;
            }
        }

        /// Where Layer has one whose results have their channels last.
        template <class V>
            requires has_one_sample_form<inner, V> &&
                     (inner::template one_sample<V>::output_format(data_format::channels_last) ==
                      data_format::channels_last)
        struct one_sample {
            using T = scalar_t<V>;
            using form = typename inner::template one_sample<V>;
            static constexpr std::size_t scratch = form::scratch;
            static constexpr bool reads_channels_first = false;
            static constexpr data_format output_format(data_format) { return data_format::channels_last; }

            template <data_format> static void run(forward_context<T> c) {
                for (std::size_t t = 0; t < steps; ++t, c.x += inputs, c.y += outputs)
                    form::template run<data_format::channels_last>(c);
            }
        };

    private:
        template <class V, class Context> static void advance(Context& c) {
            c.x += inputs;
            c.y += outputs;
            if constexpr (needs_of<inner, V>.kept > 0) c.kept += needs_of<inner, V>.kept;
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::TimeDistributed;
}  // namespace strata
