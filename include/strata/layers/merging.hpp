#pragma once

#include "strata/core/stage.hpp"
#include "strata/layers/masks.hpp"
#include "strata/simd/math.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

/// Layers that merge branches into one. composites.hpp has what branches are made of.
///
/// Masks: what is merged has one if each branch has, and leaves out the steps that all of them leave out. Multiply,
/// Maximum and Minimum take branches with the same mask, and treat its steps as all others.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// Branches and the layer that merges their results. Add and the others name it with their branches; without them they
/// are the layer.
template <class Layer, class... Branches> struct merge {
    static_assert(sizeof...(Branches) > 1,
                  "Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract: give two branches or more");
    using is_composite = void;
    template <class Graph> using expand = typename Graph::template merged<Layer, Branches...>;
};

/// What the merges have in common that work cell by cell on inputs of one shape.
template <class In, class... Others> struct merging_stage {
    static constexpr std::size_t count = 1 + sizeof...(Others);
    static_assert((std::is_same_v<In, Others> && ...),
                  "Add, Average, Maximum, Minimum, Multiply, Subtract: the branches end in different shapes; give "
                  "Residual a Shortcut whose layers end in the shape of the others");
    using output = In;
    static constexpr auto parameters = no_parameters;
    static constexpr bool passes_mask = true;
};

/// Of merges that would have to treat a step in another way which only some branches leave out.
struct same_mask {
    template <class... Masks> struct on {
        static_assert(sizeof...(Masks) == 0,
                      "Multiply, Maximum, Minimum: the branches must have the same mask; put Masking before them");
    };
};

/// What merges have in common that take the value of one branch, cell by cell: Choice::better of them. Where two are
/// equal, the first one gets the gradient.
template <class Choice, class... In> struct choosing_stage : merging_stage<In...> {
    static constexpr std::size_t count = sizeof...(In);
    static constexpr stage_needs needs{.keeps_dy = true};

    template <class V> static void forward(forward_context<V, count> c) {
        for (std::size_t i = 0; i < choosing_stage::output::size; ++i) {
            V best = c.x[0][i];
            for (std::size_t k = 1; k < count; ++k) best = Choice::better(best, c.x[k][i]);
            c.y[i] = best;
        }
    }

    template <bool InputGradient, class V> static void backward(backward_context<V, count> c) {
        const V zero(scalar_t<V>(0));
        for (std::size_t i = 0; i < choosing_stage::output::size; ++i) {
            V rest = c.dy[i];  // until a branch has taken it
            for (std::size_t k = 0; k < count; ++k) {
                c.dx[k][i] = math::select(c.x[k][i] == c.y[i], rest, zero);
                rest = math::select(c.x[k][i] == c.y[i], zero, rest);
            }
        }
    }
};

}  // namespace detail

/// The sum of branches that read the same (Keras: `Add`): `Add<Branch<Conv2D<8>>, Branch<>>`. Shapes: all the same.
template <class... Branches> struct Add : detail::merge<Add<>, Branches...> {};

template <> struct Add<> {
    static constexpr std::string_view class_name = "Add";
    using joined_mask = joined_masks;

    template <class... In> struct on : detail::merging_stage<In...> {
        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .adds_inputs = true};

        template <class V> static void forward(forward_context<V, on::count> c) {
            for (std::size_t i = 0; i < on::output::size; ++i) {
                V sum = c.x[0][i];
                for (std::size_t k = 1; k < on::count; ++k) sum = sum + c.x[k][i];
                c.y[i] = sum;
            }
        }
    };
};

/// The mean of branches (Keras: `Average`). Shapes: all the same.
template <class... Branches> struct Average : detail::merge<Average<>, Branches...> {};

template <> struct Average<> {
    static constexpr std::string_view class_name = "Average";
    using joined_mask = joined_masks;

    template <class... In> struct on : detail::merging_stage<In...> {
        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V, on::count> c) {
            using T = scalar_t<V>;
            const V share(T(1) / T(on::count));
            for (std::size_t i = 0; i < on::output::size; ++i) {
                V sum = c.x[0][i];
                for (std::size_t k = 1; k < on::count; ++k) sum = sum + c.x[k][i];
                c.y[i] = sum * share;
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V, on::count> c) {
            using T = scalar_t<V>;
            const V share(T(1) / T(on::count));
            for (std::size_t k = 0; k < on::count; ++k) {
                for (std::size_t i = 0; i < on::output::size; ++i) c.dx[k][i] = c.dy[i] * share;
            }
        }
    };
};

/// The largest value of branches, cell by cell (Keras: `Maximum`). Shapes: all the same. As in TensorFlow, equal values
/// of two branches leave the gradient to the first one.
template <class... Branches> struct Maximum : detail::merge<Maximum<>, Branches...> {};

template <> struct Maximum<> {
    static constexpr std::string_view class_name = "Maximum";
    using joined_mask = detail::same_mask;

    struct choose {
        template <class V> static V better(const V& a, const V& b) { return math::largest(a, b); }
    };
    template <class... In> struct on : detail::choosing_stage<choose, In...> {};
};

/// The smallest value of branches, cell by cell (Keras: `Minimum`). Shapes: all the same. As in TensorFlow, equal
/// values of two branches leave the gradient to the first one.
template <class... Branches> struct Minimum : detail::merge<Minimum<>, Branches...> {};

template <> struct Minimum<> {
    static constexpr std::string_view class_name = "Minimum";
    using joined_mask = detail::same_mask;

    struct choose {
        template <class V> static V better(const V& a, const V& b) { return -math::largest(V(-a), V(-b)); }
    };
    template <class... In> struct on : detail::choosing_stage<choose, In...> {};
};

/// The first of two branches less the second one, cell by cell (Keras: `Subtract`). Shapes: both the same.
template <class... Branches> struct Subtract : detail::merge<Subtract<>, Branches...> {};

template <> struct Subtract<> {
    static constexpr std::string_view class_name = "Subtract";
    using joined_mask = joined_masks;

    template <class... In> struct on : detail::merging_stage<In...> {
        static_assert(on::count == 2, "Subtract: it takes two branches");
        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V, on::count> c) {
            for (std::size_t i = 0; i < on::output::size; ++i) c.y[i] = c.x[0][i] - c.x[1][i];
        }

        template <bool InputGradient, class V> static void backward(backward_context<V, on::count> c) {
            for (std::size_t i = 0; i < on::output::size; ++i) {
                c.dx[0][i] = c.dy[i];
                c.dx[1][i] = -c.dy[i];
            }
        }
    };
};

/// The product of branches, cell by cell (Keras: `Multiply`). Shapes: all the same.
template <class... Branches> struct Multiply : detail::merge<Multiply<>, Branches...> {};

template <> struct Multiply<> {
    static constexpr std::string_view class_name = "Multiply";
    using joined_mask = detail::same_mask;

    template <class... In> struct on : detail::merging_stage<In...> {
        static constexpr stage_needs needs{.backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V, on::count> c) {
            for (std::size_t i = 0; i < on::output::size; ++i) {
                V product = c.x[0][i];
                for (std::size_t k = 1; k < on::count; ++k) product = product * c.x[k][i];
                c.y[i] = product;
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V, on::count> c) {
            for (std::size_t i = 0; i < on::output::size; ++i) {
                for (std::size_t k = 0; k < on::count; ++k) {
                    V product = c.dy[i];
                    for (std::size_t other = 0; other < on::count; ++other)
                        product = other == k ? product : V(product * c.x[other][i]);
                    c.dx[k][i] = product;
                }
            }
        }
    };
};

/// The results of branches that read the same, one behind the other along the last axis (Keras: `Concatenate`). Shapes:
/// all the same but for the last extent; the result has the sum of these.
template <class... Branches> struct Concatenate : detail::merge<Concatenate<>, Branches...> {};

template <> struct Concatenate<> {
    static constexpr std::string_view class_name = "Concatenate";
    using joined_mask = joined_masks;

    template <class In, class... Others> struct on {
        static constexpr std::size_t count = 1 + sizeof...(Others);
        static constexpr std::array<std::size_t, count> widths{In::extents[In::rank - 1],
                                                               Others::extents[Others::rank - 1]...};
        static constexpr std::size_t width = (widths[0] + ... + Others::extents[Others::rank - 1]);
        static constexpr std::size_t rows = In::size / widths[0];
        static_assert((std::is_same_v<with_last_extent<In, 1>, with_last_extent<Others, 1>> && ...),
                      "Concatenate: the branches end in shapes that differ in more than the last extent");

        using output = with_last_extent<In, width>;
        static constexpr auto parameters = no_parameters;
        static constexpr bool passes_mask = true;
        static constexpr stage_needs needs{.backward_reads_x = false, .backward_reads_y = false, .keeps_dy = true};

        template <class V> static void forward(forward_context<V, count> c) {
            V* y = c.y;
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t k = 0; k < count; ++k) {
                    for (std::size_t i = 0; i < widths[k]; ++i) *y++ = c.x[k][row * widths[k] + i];
                }
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V, count> c) {
            const V* dy = c.dy;
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t k = 0; k < count; ++k) {
                    for (std::size_t i = 0; i < widths[k]; ++i) c.dx[k][row * widths[k] + i] = *dy++;
                }
            }
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Add;
using authoring::Average;
using authoring::Concatenate;
using authoring::Maximum;
using authoring::Minimum;
using authoring::Multiply;
using authoring::Subtract;
}  // namespace strata
