#pragma once

#include "strata/kernels/conv2d_winograd.hpp"

#include <cstddef>

namespace strata::inline STRATA_ISA::kernels {

/// The multiply-adds of a pair of channel and filter: taps on the padding are not counted.
constexpr std::size_t taps_on_pixels(const conv2d_geometry& g) {
    const auto along = [](std::size_t taps, std::size_t stride, std::size_t dilation, std::size_t before,
                          std::size_t inputs, std::size_t outputs) {
        std::size_t sum = 0;
        for (std::size_t o = 0; o < outputs; ++o) {
            const span_of_indices used = taps_of_output(o * stride, taps, dilation, before, inputs);
            sum += used.end - used.begin;
        }
        return sum;
    };
    return along(g.kernel.rows, g.strides.rows, g.dilation.rows, g.before.rows, g.input.rows, g.output.rows) *
           along(g.kernel.columns, g.strides.columns, g.dilation.columns, g.before.columns, g.input.columns,
                 g.output.columns);
}

/// Whether Winograd's convolution takes fewer half cycles than the direct one. Besides its multiply-adds it transforms
/// each window of each channel and filter, and each kernel; what that takes was measured.
constexpr bool winograd_pays(const conv2d_geometry& g) {
    if (!winograd_fits(g)) return false;
    constexpr std::size_t of_window = 128, of_kernel = 24;
    const std::size_t kernels = g.channels * g.filters;
    const std::size_t windows = winograd::tiling{g.input, g.channels, g.before, g.output}.squares();
    return windows * (winograd::positions * kernels + of_window * (g.channels + g.filters)) + of_kernel * kernels <
           taps_on_pixels(g) * kernels;
}

/// The passes of a convolution, each a direct one or Winograd's, whichever is faster. With V a plain number they are
/// direct ones: that is the reference.
template <conv2d_geometry G, class V> class conv2d {
    using T = scalar_t<V>;
    static constexpr bool by_winograd = lanes<V> > 1 && winograd_pays(G);

    static constexpr std::size_t cells_between() {
        if constexpr (by_winograd)
            return conv2d_winograd<G, V>::scratch;
        else
            return 0;
    }

public:
    /// How many cells each pass needs besides its arguments.
    static constexpr std::size_t scratch = cells_between();

    /// y = activation(x * w + bias). `bias` is not read without Bias.
    template <class Activation, bool Bias>
    static void forward(const V* x, const T* w, const T* bias, V* y, [[maybe_unused]] V* scratch) {
        if constexpr (by_winograd)
            conv2d_winograd<G, V>::template forward<Activation, Bias>(x, w, bias, y, scratch);
        else
            conv2d_forward_pass<G, Activation, Bias, V>::run(x, w, bias, y);
    }

    /// dx = the gradient with respect to x. `dz` is the gradient with respect to what the activation was applied to.
    static void input_gradient(const V* dz, const T* w, V* dx, [[maybe_unused]] V* scratch) {
        if constexpr (by_winograd)
            conv2d_winograd<G, V>::input_gradient(dz, w, dx, scratch);
        else
            conv2d_input_gradient<G, V>::run(dz, w, dx);
    }

    /// Adds to dw the gradient with respect to w, summed over pixels and lanes.
    static void weight_gradient(const V* x, const V* dz, T* dw, [[maybe_unused]] V* scratch) {
        if constexpr (by_winograd)
            conv2d_winograd<G, V>::weight_gradient(x, dz, dw, scratch);
        else
            conv2d_weight_gradient<G, V>::run(x, dz, dw);
    }
};

}  // namespace strata::inline STRATA_ISA::kernels
