#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/conv2d/direct/forward.hpp"
#include "strata/kernels/conv2d/direct/input_gradient.hpp"
#include "strata/kernels/conv2d/direct/weight_gradient.hpp"
#include "strata/kernels/conv2d/winograd/tiles.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Whether Winograd's convolution can compute this one: kernels of 3x3 taps, one pixel apart.
constexpr bool winograd_fits(const conv2d_geometry& g) {
    const auto is = [](extent2d e, std::size_t n) { return e.rows == n && e.columns == n; };
    return is(g.kernel, winograd::kernel) && is(g.strides, 1) && is(g.dilation, 1) && g.groups == 1 &&
           std::max(g.before.rows, g.before.columns) < winograd::kernel;
}

/// A convolution by Winograd's transformation: a few windows at a time are transformed, a direct convolution of 1x1
/// taps multiplies them for each of the 16 positions in a window, and the products are transformed back. What lies
/// between the steps stays in the L2. Rounding errors are a third of the direct kernels' with many channels.
///
/// The functions are those of conv2d (conv2d.hpp). Each overwrites `scratch`, of that many cells.
template <conv2d_geometry G, class V> class conv2d_winograd {
    static_assert(winograd_fits(G));
    using T = scalar_t<V>;

    using matrices = winograd::matrices<winograd::kernel>;
    using buffers = winograd::buffers<V>;
    static constexpr std::size_t plane_of_weights = G.channels * G.filters;
    static constexpr std::size_t weights = winograd::positions * plane_of_weights;

    /// What is done for each position: convolutions of `Squares` pixels in a row with kernels of one tap.
    template <std::size_t Squares> struct products {
        static constexpr conv2d_geometry geometry{.input = {1, Squares},
                                                  .channels = G.channels,
                                                  .output = {1, Squares},
                                                  .filters = G.filters,
                                                  .kernel = {1, 1}};
        using forward = conv2d_forward_pass<geometry, linear, false, V>;
        using input_gradient = conv2d_input_gradient<geometry, V>;
        using weight_gradient = conv2d_weight_gradient<geometry, V>;
    };

    // Of the input gradient, which is a convolution with the kernels rotated by 180 degrees, the input is dz.
    static constexpr extent2d before_gradient{winograd::kernel - 1 - G.before.rows,
                                              winograd::kernel - 1 - G.before.columns};
    static constexpr winograd::tiling input{G.input, G.channels, G.before, G.output};
    static constexpr winograd::tiling output{G.output, G.filters, {0, 0}, G.output};
    static constexpr winograd::tiling input_gradients{G.input, G.channels, {0, 0}, G.input};
    static constexpr winograd::tiling output_gradients{G.output, G.filters, before_gradient, G.input};

public:
    /// Cells: for the planes of two tilings, and for the transformed weights or their gradient.
    static constexpr std::size_t scratch = input.planes() + output.planes() + packs_for<V>(weights);

    template <class Activation, bool Bias>
    [[gnu::noinline]] static void forward(const V* x, const T* w, const T* bias, V* y, V* workspace) {
        const buffers to(workspace, input.planes(), output.planes());
        winograd::transform_kernels<plane_of_weights, V>(w, to.weights);
        for_each_block<input.squares(), input.squares_at_once>(
            [&](auto squares, std::size_t first) { forward_block<Activation, Bias, squares>(first, x, bias, y, to); });
    }

    [[gnu::noinline]] static void input_gradient(const V* dz, const T* w, V* dx, V* workspace) {
        const buffers to(workspace, input.planes(), output.planes());
        winograd::transform_kernels<plane_of_weights, V>(w, to.weights);
        for_each_block<input_gradients.squares(), input_gradients.squares_at_once>(
            [&](auto squares, std::size_t first) { input_gradient_block<squares>(first, dz, dx, to); });
    }

    [[gnu::noinline]] static void weight_gradient(const V* x, const V* dz, T* dw, V* workspace) {
        const buffers to(workspace, input.planes(), output.planes());
        std::fill_n(to.weights, weights, T(0));
        for_each_block<input.squares(), input.squares_at_once>(
            [&](auto squares, std::size_t first) { weight_gradient_block<squares>(first, x, dz, to); });
        winograd::add_kernel_gradients<plane_of_weights, V>(to.weights, dw);
    }

private:
    template <class Activation, bool Bias, std::size_t Squares>
    static void forward_block(std::size_t first, const V* x, [[maybe_unused]] const T* bias, V* y, const buffers& to) {
        winograd::transform_squares<input, winograd::window, matrices::of_window>(x, first, Squares, to.inputs);
        for (std::size_t p = 0; p < winograd::positions; ++p) {
            products<Squares>::forward::run(to.inputs + p * input.plane(), to.weights + p * plane_of_weights, nullptr,
                                            to.outputs + p * output.plane());
        }
        winograd::write_outputs<output>(to.outputs, first, Squares, y, [&](V cell, std::size_t filter) {
            if constexpr (Bias) cell = cell + V(bias[filter]);
            return Activation::apply(cell);
        });
    }

    template <std::size_t Squares>
    static void input_gradient_block(std::size_t first, const V* dz, V* dx, const buffers& to) {
        winograd::transform_squares<output_gradients, winograd::window, matrices::of_window>(dz, first, Squares,
                                                                                             to.outputs);
        for (std::size_t p = 0; p < winograd::positions; ++p) {
            products<Squares>::input_gradient::run(to.outputs + p * output.plane(),
                                                   to.weights + rotated_position(p) * plane_of_weights,
                                                   to.inputs + p * input.plane());
        }
        winograd::write_outputs<input_gradients>(to.inputs, first, Squares, dx,
                                                 [](V cell, std::size_t) { return cell; });
    }

    template <std::size_t Squares>
    static void weight_gradient_block(std::size_t first, const V* x, const V* dz, const buffers& to) {
        winograd::transform_squares<input, winograd::window, matrices::of_window>(x, first, Squares, to.inputs);
        winograd::transform_squares<output, winograd::outputs, matrices::of_outputs>(dz, first, Squares, to.outputs);
        for (std::size_t p = 0; p < winograd::positions; ++p) {
            products<Squares>::weight_gradient::run(to.inputs + p * input.plane(), to.outputs + p * output.plane(),
                                                    to.weights + p * plane_of_weights);
        }
    }

    /// Where a position lies when the kernel is rotated: the first and the last of its rows are exchanged, and
    /// the first and the last of its columns.
    static constexpr std::size_t rotated_position(std::size_t position) {
        constexpr std::size_t order[] = {3, 1, 2, 0};
        return order[position / winograd::window] * winograd::window + order[position % winograd::window];
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
