#pragma once

#include "strata/kernels/conv2d/direct/input_gradient.hpp"
#include "strata/kernels/depthwise_conv2d/forward.hpp"
#include "strata/kernels/depthwise_conv2d/weight_gradient.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The passes of a depthwise convolution, with the functions of kernels::conv2d but `gradients`. Products are few for
/// each operand: nothing is rounded to bfloat16.
template <conv2d_geometry G, class V> class depthwise_conv2d {
    using T = scalar_t<V>;

    /// Without strides the input gradient of one filter for each channel is the convolution of dz with the taps in
    /// reverse order.
    static constexpr bool is_mirrored = G.filters == G.channels && G.strides == extent2d{1, 1} &&
                                        G.before.rows <= (G.kernel.rows - 1) * G.dilation.rows &&
                                        G.before.columns <= (G.kernel.columns - 1) * G.dilation.columns;
    static constexpr conv2d_geometry mirrored() {
        conv2d_geometry g = G;
        g.input = G.output;
        g.output = G.input;
        g.before = {(G.kernel.rows - 1) * G.dilation.rows - G.before.rows,
                    (G.kernel.columns - 1) * G.dilation.columns - G.before.columns};
        return g;
    }

public:
    static constexpr std::size_t scratch = depthwise_weight_gradient<G, V>::scratch;

    template <class Activation, bool Bias> static void forward(const V* x, const T* w, const T* bias, V* y, V*) {
        depthwise_forward_pass<G, Activation, Bias, V>::run(x, w, bias, y);
    }

    static void input_gradient(const V* dz, const T* w, V* dx, V*) {
        if constexpr (is_mirrored)
            depthwise_forward_pass<mirrored(), linear, false, V, true>::run(dz, w, nullptr, dx);
        else
            conv2d_input_gradient<G, V>::run(dz, w, dx);
    }

    static void weight_gradient(const V* x, const V* dz, T* dw, V* workspace) {
        depthwise_weight_gradient<G, V>::run(x, dz, dw, workspace);
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
