#pragma once

#include "strata/kernels/conv2d/conv2d.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The passes of a convolution of which each filter sees only some channels, with the functions of kernels::conv2d but
/// `gradients`. Weights are kernel rows x kernel columns x connections; Connections::pairs holds channel * filters +
/// filter of each. They are written into a whole kernel of zeros, and the gradient is read from that of a whole kernel:
/// zeros are multiplied, too, but in the form that is the fastest.
template <conv2d_geometry G, class Connections, class V> class connected_conv2d {
    static_assert(G.groups == 1);
    using T = scalar_t<V>;
    using whole = conv2d<G, V>;
    static constexpr std::size_t kernel_cells = packs_for<V>(G.weight_count());

    /// Calls f(weight, weight of the whole kernel).
    template <class F> static void for_each_weight(const F& f) {
        constexpr std::size_t count = Connections::pairs.size();
        for (std::size_t tap = 0; tap < G.kernel.rows * G.kernel.columns; ++tap) {
            for (std::size_t k = 0; k < count; ++k)
                f(tap * count + k, tap * G.channels * G.filters + Connections::pairs[k]);
        }
    }

    static const T* whole_kernel(const T* w, V* cells) {
        std::fill_n(cells, kernel_cells, V(T(0)));
        T* const values = as_lanes(cells);
        for_each_weight([&](std::size_t from, std::size_t to) { values[to] = w[from]; });
        return values;
    }

public:
    static constexpr std::size_t scratch = kernel_cells + whole::scratch;

    template <class Activation, bool Bias>
    static void forward(const V* x, const T* w, const T* bias, V* y, V* workspace) {
        whole::template forward<Activation, Bias>(x, whole_kernel(w, workspace), bias, y, workspace + kernel_cells);
    }

    static void input_gradient(const V* dz, const T* w, V* dx, V* workspace) {
        whole::input_gradient(dz, whole_kernel(w, workspace), dx, workspace + kernel_cells);
    }

    static void weight_gradient(const V* x, const V* dz, T* dw, V* workspace) {
        std::fill_n(workspace, kernel_cells, V(T(0)));
        T* const gradient = as_lanes(workspace);
        whole::weight_gradient(x, dz, gradient, workspace + kernel_cells);
        for_each_weight([&](std::size_t to, std::size_t from) { dw[to] += gradient[from]; });
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
