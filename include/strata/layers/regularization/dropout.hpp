#pragma once

#include "strata/core/number.hpp"
#include "strata/kernels/regularization/dropout.hpp"
#include "strata/layers/regularization/stage.hpp"

#include <cstddef>
#include <string_view>

/// Layers that drop cells at random while training. In inference, and in a Frozen, they pass on their input.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// Drops cells; cell i shares its fate with all cells i + k Draws.
template <class In, std::size_t Draws, kernels::dropping What>
struct dropping_stage : random_stage<In, (What.rate > 0), dropping_stage<In, Draws, What>> {
    template <class V> using kernel = kernels::dropout<In::size, Draws, What, V>;
    static constexpr stage_needs needs = dropping_stage::needs_with(kernel<double>::kept_cells);

    template <class V> static void run(forward_context<V> c) { kernel<V>::forward(c.random, c.x, c.y, c.kept); }
    template <class V> static void run_back(backward_context<V> c) { kernel<V>::backward(c.dy, c.dx, c.kept); }
};

/// Those that are kept become larger, so that the expected value stays the same.
template <number Rate> constexpr kernels::dropping inverted_dropping{.rate = Rate, .factor = 1 / (1 - Rate)};

/// The square root, while compiling, by Newton's method.
constexpr double square_root(double x) {
    double root = x > 1 ? x : 1;  // from above it only becomes smaller, until rounding ends that
    for (double next = (root + x / root) / 2; next < root; next = (root + x / root) / 2) root = next;
    return root;
}

}  // namespace detail

/// Sets each cell to zero with probability Rate while training, and multiplies the others by 1 / (1 - Rate) (Keras:
/// `Dropout`; Srivastava and others 2014): `Dropout<0.25>`. Shapes: any, unchanged.
template <number Rate> struct Dropout {
    static_assert(Rate >= 0 && Rate < 1, "Dropout: the rate must lie in [0, 1)");
    static constexpr std::string_view class_name = "Dropout";

    template <class In> struct on : detail::dropping_stage<In, In::size, detail::inverted_dropping<Rate>> {};
};

/// Dropout of whole channels of a sequence (Keras: `SpatialDropout1D`; Tompson and others 2014). Shapes: steps x
/// channels, unchanged.
template <number Rate> struct SpatialDropout1D {
    static_assert(Rate >= 0 && Rate < 1, "SpatialDropout1D: the rate must lie in [0, 1)");
    static constexpr std::string_view class_name = "SpatialDropout1D";

    template <class In>
    struct on : detail::dropping_stage<In, In::extents[In::rank - 1], detail::inverted_dropping<Rate>> {
        static_assert(In::rank == 2, "SpatialDropout1D: the input must be steps x channels");
    };
};

/// Dropout of whole channels of an image (Keras: `SpatialDropout2D`; Tompson and others 2014). Shapes: rows x columns x
/// channels, unchanged.
template <number Rate> struct SpatialDropout2D {
    static_assert(Rate >= 0 && Rate < 1, "SpatialDropout2D: the rate must lie in [0, 1)");
    static constexpr std::string_view class_name = "SpatialDropout2D";

    template <class In>
    struct on : detail::dropping_stage<In, In::extents[In::rank - 1], detail::inverted_dropping<Rate>> {
        static_assert(In::rank == 3, "SpatialDropout2D: the input must be rows x columns x channels");
    };
};

/// Dropout that keeps mean 0 and variance 1 of the input, for use with SELU: a dropped cell gets the least value of a
/// SELU, and all of them are moved and scaled (Keras: `AlphaDropout`; Klambauer, Unterthiner, Mayr, Hochreiter 2017).
/// Shapes: any, unchanged.
template <number Rate> struct AlphaDropout {
    static_assert(Rate >= 0 && Rate < 1, "AlphaDropout: the rate must lie in [0, 1)");
    static constexpr std::string_view class_name = "AlphaDropout";

    static constexpr double least = -1.0507009873554805 * 1.6732632423543772;
    static constexpr double factor = 1 / detail::square_root((1 - Rate) * (1 + Rate * least * least));
    static constexpr kernels::dropping what{.rate = Rate,
                                            .factor = factor,
                                            .added = -factor * least * Rate,
                                            .added_to_dropped = factor * least * (1 - Rate)};

    template <class In> struct on : detail::dropping_stage<In, In::size, what> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::AlphaDropout;
using authoring::Dropout;
using authoring::SpatialDropout1D;
using authoring::SpatialDropout2D;
}  // namespace strata
