#pragma once

#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/layers/options.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace option {
struct shared_axes;
struct alpha_initializer;
}  // namespace option

/// Axes, counted from 1, along which cells have a parameter in common (Keras: `shared_axes`).
template <std::size_t... Axes> struct SharedAxes {
    using option = option::shared_axes;

    static constexpr bool holds(std::size_t axis) { return ((axis == Axes) || ...); }

    /// Whether all of them are axes of an array of so many.
    static constexpr bool fit(std::size_t rank) { return ((Axes >= 1 && Axes <= rank) && ...); }
};

/// How `alpha` starts, Zeros by default (Keras: `alpha_initializer`).
template <class Initializer> struct AlphaInitializer : initializer_option<option::alpha_initializer, Initializer> {};

/// What `alpha` adds to the loss, nothing by default (Keras: `alpha_regularizer`).
template <class Regularizer> struct AlphaRegularizer : regularizer_option<option::alpha_initializer, Regularizer> {};

/// What `alpha` keeps to after each step, nothing by default (Keras: `alpha_constraint`).
template <class Constraint> struct AlphaConstraint : constraint_option<option::alpha_initializer, Constraint> {};

/// y = x where x > 0, alpha x elsewhere, with an alpha for each cell that is trained (Keras: `PReLU`; He, Zhang, Ren,
/// Sun 2015): `PReLU<SharedAxes<1, 2>>` has one for each channel of an image.
///
/// Shapes: any, unchanged. Parameters: `alpha`, of the shape of the input, with extent 1 along shared axes. Options, in
/// any order: SharedAxes<>, AlphaInitializer<Zeros>.
template <class... Options> struct PReLU {
    using options = typename option_list<Options...>::template with_defaults<SharedAxes<>, AlphaInitializer<Zeros>>;
    static_assert(options::known, "PReLU: unknown option; it takes SharedAxes and AlphaInitializer");
    static_assert(options::unique, "PReLU: an option is given twice");

    static constexpr std::string_view class_name = "PReLU";

    template <class In> struct on {
        using shared = typename options::template get<option::shared_axes>;
        static_assert(shared::fit(In::rank), "PReLU: the shared axes must be axes of the input, counted from 1");

        using output = In;
        static constexpr bool passes_mask = true;
        static constexpr std::array parameters{[]<std::size_t... I>(std::index_sequence<I...>) {
            return parameter{"alpha",
                             {(shared::holds(I + 1) ? 1 : In::extents[I])...},
                             rules_of<options, option::alpha_initializer>};
        }(std::make_index_sequence<In::rank>{})};
        static constexpr std::size_t alphas = total_size(parameters), cells_of_alpha = In::size / alphas;

        static constexpr stage_needs needs{.backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V> c) {
            for_each_cell([&](std::size_t cell, std::size_t alpha) {
                const V x = c.x[cell];
                c.y[cell] = math::select(x > kernels::constant<V>(0), x, x * V(c.parameters[alpha]));
            });
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            const V zero = kernels::constant<V>(0);
            for (std::size_t alpha = 0; alpha < alphas; ++alpha) {
                V sum[1] = {zero};
                kernels::add_terms<cells_of_alpha>(sum, [&](std::size_t k, V(&to)[1]) {
                    const std::size_t cell = place<false>(alpha) + place<true>(k);
                    to[0] = multiply_add(c.dy[cell], math::min(zero, c.x[cell]), to[0]);
                });
                c.gradients[alpha] += sum_lanes(sum[0]);
            }
            if constexpr (InputGradient) input_gradient(c);
        }

        /// At zero Keras takes neither derivative.
        template <class V> static void input_gradient(backward_context<V> c) {
            const V zero = kernels::constant<V>(0), one = kernels::constant<V>(1);
            for_each_cell([&](std::size_t cell, std::size_t alpha) {
                const V x = c.x[cell], below = math::select(x < zero, V(c.parameters[alpha]), zero);
                c.dx[cell] = c.dy[cell] * math::select(x > zero, one, below);
            });
        }

    private:
        /// Calls f(cell, its alpha).
        template <class F> [[gnu::always_inline]] static void for_each_cell(const F& f) {
            for (std::size_t k = 0; k < cells_of_alpha; ++k) {
                for (std::size_t alpha = 0; alpha < alphas; ++alpha) f(place<false>(alpha) + place<true>(k), alpha);
            }
        }

        /// How far from the first cell number `index` is, if only the shared axes count, or only the others.
        template <bool Shared> static constexpr std::size_t place(std::size_t index) {
            std::size_t at = 0, stride = 1;
            for (std::size_t d = In::rank; d-- > 0; stride *= In::extents[d]) {
                if (shared::holds(d + 1) != Shared) continue;
                at += index % In::extents[d] * stride;
                index /= In::extents[d];
            }
            return at;
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::AlphaConstraint;
using authoring::AlphaInitializer;
using authoring::AlphaRegularizer;
using authoring::PReLU;
using authoring::SharedAxes;
}  // namespace strata
