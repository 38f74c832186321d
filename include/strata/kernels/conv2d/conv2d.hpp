#pragma once

#include "strata/kernels/conv2d/cost.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The passes of a convolution in one form. Each overwrites its scratch, of `scratch` cells; `forward` needs only
/// `forward_scratch` of them.
template <conv2d_form, conv2d_geometry G, class V> struct conv2d_passes {
    using T = scalar_t<V>;
    static constexpr bool orders_weights = lanes<V> > 1 && ordering_is_faster(G);
    static constexpr std::size_t scratch = orders_weights ? packs_for<V>(G.weight_count()) : 0;
    static constexpr std::size_t forward_scratch = scratch;

    template <class Activation, bool Bias>
    static void forward(const V* x, const T* w, const T* bias, V* y, [[maybe_unused]] V* workspace) {
        if constexpr (orders_weights) {
            using pass = conv2d_forward_pass<G, Activation, Bias, V, V, weight_order::tiles>;
            pass::order_by_tiles(w, as_lanes(workspace));
            pass::run(x, as_lanes(workspace), bias, y);
        } else {
            conv2d_forward_pass<G, Activation, Bias, V>::run(x, w, bias, y);
        }
    }
    static void input_gradient(const V* dz, const T* w, V* dx, V*) { conv2d_input_gradient<G, V>::run(dz, w, dx); }
    static void weight_gradient(const V* x, const V* dz, T* dw, V*) { conv2d_weight_gradient<G, V>::run(x, dz, dw); }
};
template <conv2d_geometry G, class V> struct conv2d_passes<conv2d_form::winograd, G, V> : conv2d_winograd<G, V> {
    static constexpr std::size_t forward_scratch = conv2d_winograd<G, V>::scratch;
};
template <conv2d_geometry G, class V>
struct conv2d_passes<conv2d_form::winograd_by_rows, G, V> : conv2d_winograd_by_rows<G, V> {};
template <conv2d_geometry G, class V> struct conv2d_passes<conv2d_form::bfloat16, G, V> : conv2d_bfloat16<G, V> {
    static constexpr std::size_t forward_scratch = conv2d_bfloat16<G, V>::scratch;
};

/// The passes of a convolution, each in the form that is the fastest (conv2d_forms).
template <conv2d_geometry G, class V> class conv2d : public conv2d_forms<G, V> {
    using T = scalar_t<V>;
    using forms = conv2d_forms<G, V>;
    using forward_passes = conv2d_passes<forms::forward_form, G, V>;
    using input_gradient_passes = conv2d_passes<forms::input_gradient_form, G, V>;
    using weight_gradient_passes = conv2d_passes<forms::weight_gradient_form, G, V>;

public:
    /// How many cells each pass needs besides its arguments.
    static constexpr std::size_t scratch =
        std::max({forward_passes::forward_scratch, input_gradient_passes::scratch, weight_gradient_passes::scratch});

    /// y = activation(x * w + bias). `bias` is not read without Bias.
    template <class Activation, bool Bias>
    static void forward(const V* x, const T* w, const T* bias, V* y, V* workspace) {
        forward_passes::template forward<Activation, Bias>(x, w, bias, y, workspace);
    }

    /// dx = the gradient with respect to x. `dz` is the gradient with respect to what the activation was applied to.
    static void input_gradient(const V* dz, const T* w, V* dx, V* workspace) {
        input_gradient_passes::input_gradient(dz, w, dx, workspace);
    }

    /// Adds to dw the gradient with respect to w, summed over pixels and lanes.
    static void weight_gradient(const V* x, const V* dz, T* dw, V* workspace) {
        weight_gradient_passes::weight_gradient(x, dz, dw, workspace);
    }

    /// Both gradients; by rows dz is transformed once.
    static void gradients(const V* x, const V* dz, const T* w, T* dw, V* dx, V* workspace) {
        weight_gradient(x, dz, dw, workspace);
        if constexpr (forms::weight_gradient_form == conv2d_form::winograd_by_rows &&
                      forms::input_gradient_form == forms::weight_gradient_form)
            input_gradient_passes::input_gradient_after_weights(w, dx, workspace);
        else
            input_gradient(dz, w, dx, workspace);
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
