#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/conv2d/conv2d.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The passes of a transposed convolution, with the functions of kernels::conv2d but `gradients`. G is the geometry of
/// the convolution whose input gradient it computes: x has the shape of that one's output, y of its input.
template <conv2d_geometry G, class V> class conv2d_transpose {
    using T = scalar_t<V>;
    using passes = conv2d<G, V>;

public:
    static constexpr std::size_t scratch = passes::scratch;

    template <class Activation, bool Bias>
    static void forward(const V* x, const T* w, [[maybe_unused]] const T* bias, V* y, V* workspace) {
        passes::input_gradient(x, w, y, workspace);
        constexpr std::size_t cells = G.input.rows * G.input.columns * G.channels;
        if constexpr (Bias) {
            for (std::size_t i = 0; i < cells; i += G.channels) {
                for (std::size_t c = 0; c < G.channels; ++c) y[i + c] = y[i + c] + V(bias[c]);
            }
        }
        activate<Activation>(y, cells);
    }

    static void input_gradient(const V* dz, const T* w, V* dx, V* workspace) {
        passes::template forward<linear, false>(dz, w, nullptr, dx, workspace);
    }

    static void weight_gradient(const V* x, const V* dz, T* dw, V* workspace) {
        passes::weight_gradient(dz, x, dw, workspace);
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
