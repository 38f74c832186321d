#pragma once

#include "strata/core/number.hpp"
#include "strata/kernels/regularization/normal_noise.hpp"
#include "strata/layers/regularization/stage.hpp"

#include <string_view>

/// Layers that add noise while training. In inference, and in a Frozen, they pass on their input.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// y = x + n while training, n normal with mean 0 and standard deviation Deviation (Keras: `GaussianNoise`):
/// `GaussianNoise<0.1>`. Shapes: any, unchanged.
template <number Deviation> struct GaussianNoise {
    static_assert(Deviation >= 0, "GaussianNoise: the standard deviation must not be negative");
    static constexpr std::string_view class_name = "GaussianNoise";

    template <class In> struct on : detail::random_stage<In, (Deviation > 0), on<In>> {
        static constexpr stage_needs needs = on::needs_with(0);

        template <class V> static void run(forward_context<V> c) {
            kernels::add_noise<In::size, Deviation>(c.random, c.x, c.y);
        }
        template <class V> static void run_back(backward_context<V> c) { on::pass_on(c.dy, c.dx); }
    };
};

/// y = x n while training, n normal with mean 1 and variance Rate / (1 - Rate), as much as a Dropout of this rate has
/// (Keras: `GaussianDropout`; Srivastava and others 2014). Shapes: any, unchanged.
///
/// The backward pass draws n again, which takes time, but no memory.
template <number Rate> struct GaussianDropout {
    static_assert(Rate >= 0 && Rate < 1, "GaussianDropout: the rate must lie in [0, 1)");
    static constexpr std::string_view class_name = "GaussianDropout";

    static constexpr double variance = Rate / (1 - Rate);

    template <class In> struct on : detail::random_stage<In, (Rate > 0), on<In>> {
        static constexpr stage_needs needs = on::needs_with(0);

        template <class V> static void run(forward_context<V> c) {
            kernels::multiply_by_noise<In::size, variance>(c.random, c.x, c.y);
        }
        template <class V> static void run_back(backward_context<V> c) {
            kernels::multiply_by_noise<In::size, variance, V>(c.random, c.dy, c.dx);
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::GaussianDropout;
using authoring::GaussianNoise;
}  // namespace strata
