#pragma once

#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/embedding/embedding.hpp"
#include "strata/layers/masks.hpp"
#include "strata/layers/options.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct embeddings_initializer;
struct mask_zero;
}  // namespace option

/// How the rows of an Embedding start, RandomUniform by default (Keras: `embeddings_initializer`).
template <class Initializer>
struct EmbeddingsInitializer : initializer_option<option::embeddings_initializer, Initializer> {};

/// What the table of an Embedding adds to the loss, nothing by default (Keras: `embeddings_regularizer`).
template <class Regularizer>
struct EmbeddingsRegularizer : regularizer_option<option::embeddings_initializer, Regularizer> {};

/// What the table of an Embedding keeps to after each step, nothing by default (Keras: `embeddings_constraint`).
template <class Constraint>
struct EmbeddingsConstraint : constraint_option<option::embeddings_initializer, Constraint> {};

/// The number 0 stands for a step that is missing, and is left out by a mask: see Masking (Keras: `mask_zero=True`).
struct MaskZero {
    using option = option::mask_zero;
};

/// The number 0 is one like the others (Keras: `mask_zero=False`, the default).
struct NoMaskZero {
    using option = option::mask_zero;
};

namespace detail {

template <class Shape, std::size_t Last, class Axes> struct with_one_more_extent;
template <class Shape, std::size_t Last, std::size_t... I>
struct with_one_more_extent<Shape, Last, std::index_sequence<I...>> {
    using type = shape<Shape::extents[I]..., Last>;
};

}  // namespace detail

/// Turns whole numbers 0, ..., Count - 1 into rows of Units trained values (Keras: `Embedding`; Bengio, Ducharme,
/// Vincent, Jauvin 2003). The first layer of a network: the numbers have no gradient.
///
/// Shapes: any, with Units as one more, last extent; with MaskZero a row of steps. Parameters: `embeddings` (Count,
/// Units). Options, in any order: MaskZero, EmbeddingsInitializer<RandomUniform>.
template <std::size_t Count, std::size_t Units, class... Options> struct Embedding {
    using options =
        typename option_list<Options...>::template with_defaults<EmbeddingsInitializer<RandomUniform>, NoMaskZero>;
    static_assert(Count > 0, "Embedding: the number of rows must be at least 1");
    static_assert(Units > 0, "Embedding: the number of units must be at least 1");
    static_assert(options::known, "Embedding: unknown option; it takes MaskZero and EmbeddingsInitializer");
    static_assert(options::unique, "Embedding: an option is given twice");

    static constexpr std::string_view class_name = "Embedding";
    static constexpr bool mask_zero = options::template has<MaskZero>;
    using mask = std::conditional_t<mask_zero, mask_of_value<0>, void>;

    template <class In> struct on {
        static_assert(!mask_zero || In::rank == 1, "Embedding: with MaskZero the input must be a row of steps");
        static constexpr bool passes_mask = mask_zero;

        using output = typename detail::with_one_more_extent<In, Units, std::make_index_sequence<In::rank>>::type;
        static constexpr std::array parameters{parameter{"embeddings",
                                                         {Count, Units},
                                                         rules_of<options, option::embeddings_initializer>,
                                                         {double(Count), double(Units)}}};
        static constexpr stage_needs needs{.index_count = Count, .backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V> c) {
            kernels::look_up_rows<In::size, Units>(c.x, c.parameters, c.y);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            kernels::add_to_rows<In::size, Units>(c.x, c.dy, c.samples, c.gradients);
            if constexpr (InputGradient) std::fill_n(c.dx, In::size, V(scalar_t<V>(0)));
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Embedding;
using authoring::EmbeddingsConstraint;
using authoring::EmbeddingsInitializer;
using authoring::EmbeddingsRegularizer;
using authoring::MaskZero;
using authoring::NoMaskZero;
}  // namespace strata
