#pragma once

#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/conv2d/direct/forward.hpp"
#include "strata/kernels/conv2d/direct/input_gradient.hpp"
#include "strata/kernels/conv2d/direct/weight_gradient.hpp"
#include "strata/kernels/conv2d/winograd/rows_forward.hpp"
#include "strata/kernels/conv2d/winograd/tiles.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// A convolution by Winograd's transformation along rows only: two neighbouring outputs take 6 products for each row of
/// 5 taps, where the definition takes 10. The direct kernels multiply, but for forward passes in registers
/// (conv2d_by_rows_forward). Rounding errors are at most 1.5 times the direct kernels' (docs/accuracy.md); by windows
/// of 6x6 pixels they would be twice.
///
/// The functions are those of conv2d (conv2d.hpp). Each overwrites `scratch`, of that many cells.
template <conv2d_geometry G, class V, bool InRegisters = by_rows_in_registers(G)> class conv2d_winograd_by_rows {
    static_assert(winograd_by_rows_fits(G));
    using T = scalar_t<V>;
    using matrices = winograd::matrices<G.kernel.columns>;
    static constexpr std::size_t window = matrices::window;
    static constexpr conv2d_geometry products = by_rows(G);
    static constexpr std::size_t windows = products.input.columns;
    static constexpr std::size_t inputs = products.input_cell(G.input.rows, 0, 0);
    static constexpr std::size_t outputs = products.output_cell(G.output.rows, 0, 0);
    static constexpr std::size_t row_of_outputs = InRegisters ? 0 : products.output_cell(1, 0, 0);

public:
    /// Cells: for the transformed images of both sides, and for the transformed weights or their gradient. The forward
    /// pass needs outputs transformed for one row only, or for none.
    static constexpr std::size_t scratch = inputs + outputs + packs_for<V>(products.weight_count());
    static constexpr std::size_t forward_scratch = scratch - outputs + row_of_outputs;

    template <class Activation, bool Bias>
    [[gnu::noinline]] static void forward(const V* x, const T* w, [[maybe_unused]] const T* bias, V* y, V* workspace) {
        const winograd::buffers<V> to(workspace, inputs, row_of_outputs);
        transform_input(x, to.inputs);
        transform_kernels(w, to.weights);
        if constexpr (InRegisters) {
            conv2d_by_rows_forward<G, Activation, Bias, V>::run(to.inputs, to.weights, bias, y);
        } else {
            for (std::size_t row = 0; row < G.output.rows; ++row) {
                V* const row_of_y = y + G.output_cell(row, 0, 0);
                conv2d_forward_pass<products, linear, false, V>::run_row(row, to.inputs, to.weights, nullptr,
                                                                         to.outputs);
                transform_outputs<Bias>(to.outputs, bias, row_of_y);
                activate<Activation>(row_of_y, G.output.columns * G.filters);
            }
        }
    }

    static void input_gradient(const V* dz, const T* w, V* dx, V* workspace) {
        transform_gradient(dz, winograd::buffers<V>(workspace, inputs, outputs).outputs);
        input_gradient_after_weights(w, dx, workspace);
    }

    /// The same for the dz that weight_gradient had, and the scratch that it left.
    [[gnu::noinline]] static void input_gradient_after_weights(const T* w, V* dx, V* workspace) {
        const winograd::buffers<V> to(workspace, inputs, outputs);
        transform_kernels(w, to.weights);
        conv2d_input_gradient<products, V>::run(to.outputs, to.weights, to.inputs);
        std::fill_n(dx, G.input_cell(G.input.rows, 0, 0), V(T(0)));
        for_each_window<G.input, window>(G.before.columns, [&](std::size_t number, std::size_t first, auto inside) {
            const V* const from = to.inputs + number * window * G.channels;
            for (std::size_t c = 0; c < G.channels; ++c) {
                V row[window], result[window];
                gather<G.channels>(from + c, row);
                matrices::to_window::apply(row, result);
#pragma GCC unroll 6
                for (std::size_t j = 0; j < window; ++j) {
                    if (inside(j)) dx[(first + j) * G.channels + c] = dx[(first + j) * G.channels + c] + result[j];
                }
            }
        });
    }

    [[gnu::noinline]] static void weight_gradient(const V* x, const V* dz, T* dw, V* workspace) {
        const winograd::buffers<V> to(workspace, inputs, outputs);
        transform_input(x, to.inputs);
        transform_gradient(dz, to.outputs);
        for (std::size_t row = 0; row < G.output.rows; row += rows_of_band) {
            std::fill_n(to.weights, products.weight_count(), T(0));
            weight_gradients::run(to.inputs, to.outputs, to.weights,
                                  {row, std::min(row + rows_of_band, G.output.rows)});
            add_weight_gradients(to.weights, dw);
        }
    }

private:
    /// The inverse transform to the weight gradients of 5 columns amplifies the rounding errors of the sums of products
    /// up to 2.3 times. So these sums are short: where lanes are filters, about 40 products in registers, and 512 in a
    /// band, some rows of outputs, or 128 with 16 lanes; where lanes are samples, 64 in each lane. Measured, that makes
    /// of 2.2 to 2.9 times the direct kernels' errors 0.8 to 1.5 times. It takes up to 7 % more time with 8 lanes; with
    /// 16, 128 in place of 512 takes up to 13 % more.
    static constexpr std::size_t longest_sum = 40, products_of_band = lanes<V> > 8 ? 128 : 512, products_of_lane = 64;

    using weight_gradients = conv2d_weight_gradient<products, V, longest_sum>;
    static constexpr bool lanes_are_samples =
        std::is_same_v<weight_gradients, conv2d_weight_gradient_by_samples<products, V>>;
    static constexpr std::size_t rows_of_band =
        std::max<std::size_t>((lanes_are_samples ? products_of_lane : products_of_band / lanes<V>) / windows, 1);

    /// Adds to dw what the gradient with respect to the transformed weights says of it.
    static void add_weight_gradients(const T* gradients, T* dw) {
        for_each_row_of_weights([&]<class U>(const U&, std::size_t weight, std::size_t transformed) {
            U row[window], result[G.kernel.columns];
#pragma GCC unroll 6
            for (std::size_t i = 0; i < window; ++i) row[i] = load<U>(gradients + transformed + i * G.filters);
            matrices::to_kernel::apply(row, result);
#pragma GCC unroll 6
            for (std::size_t j = 0; j < G.kernel.columns; ++j) {
                T* const sum = dw + weight + G.weight(0, j, 0, 0);
                store(load<U>(sum) + result[j], sum);
            }
        });
    }

    /// Calls body(number of the window, its first pixel, inside) for the windows of an image, `Size` pixels each, the
    /// first of them `before` pixels before a row; inside(j) says whether pixel first + j is one of that row.
    template <extent2d Image, std::size_t Size, class Body>
    static void for_each_window(std::size_t before, Body&& body) {
        std::size_t number = 0;
        for (std::size_t row = 0; row < Image.rows; ++row) {
            for (std::size_t i = 0; i < windows; ++i, ++number) {
                const std::size_t left = i * winograd::outputs - before, first = row * Image.columns + left;
                if (left < Image.columns && left + Size <= Image.columns)
                    body(number, first, [](std::size_t) { return true; });
                else  // before the row the difference wraps around
                    body(number, first, [left](std::size_t j) { return left + j < Image.columns; });
            }
        }
    }

    /// to[window][channels] of each window of an image = its transformed pixels; beyond the image they are zero.
    template <class Row, extent2d Image, std::size_t Channels, std::size_t Size>
    static void transform_image(const V* image, std::size_t before, V* to) {
        for_each_window<Image, Size>(before, [&](std::size_t number, std::size_t first, auto inside) {
            V* const transformed = to + number * window * Channels;
            for (std::size_t c = 0; c < Channels; ++c) {
                V row[Size], result[window];
#pragma GCC unroll 6
                for (std::size_t j = 0; j < Size; ++j) row[j] = inside(j) ? image[(first + j) * Channels + c] : V(T(0));
                Row::apply(row, result);
#pragma GCC unroll 6
                for (std::size_t i = 0; i < window; ++i) transformed[i * Channels + c] = result[i];
            }
        });
    }
    static void transform_input(const V* x, V* to) {
        transform_image<typename matrices::of_window, G.input, G.channels, window>(x, G.before.columns, to);
    }
    static void transform_gradient(const V* dz, V* to) {
        transform_image<typename matrices::of_outputs, G.output, G.filters, winograd::outputs>(dz, 0, to);
    }

    /// One row of y = the outputs of its transformed windows + bias.
    template <bool Bias> static void transform_outputs(const V* transformed, [[maybe_unused]] const T* bias, V* y) {
        constexpr extent2d row{1, G.output.columns};
        for_each_window<row, winograd::outputs>(0, [&](std::size_t number, std::size_t first, auto inside) {
            const V* const from = transformed + number * window * G.filters;
            for (std::size_t f = 0; f < G.filters; ++f) {
                V products_of_window[window], result[winograd::outputs];
                gather<G.filters>(from + f, products_of_window);
                matrices::to_outputs::apply(products_of_window, result);
#pragma GCC unroll 6
                for (std::size_t j = 0; j < winograd::outputs; ++j) {
                    if constexpr (Bias) result[j] = result[j] + V(bias[f]);
                    if (inside(j)) y[(first + j) * G.filters + f] = result[j];
                }
            }
        });
    }

    /// row = one channel of a transformed window.
    template <std::size_t Channels> static void gather(const V* from, V (&row)[window]) {
#pragma GCC unroll 6
        for (std::size_t i = 0; i < window; ++i) row[i] = from[i * Channels];
    }

    /// Calls body(U(), weight, transformed weight) for the first of each row of taps, with neighbouring filters in the
    /// lanes of U.
    template <class Body> static void for_each_row_of_weights(Body&& body) {
        for (std::size_t tap = 0; tap < G.kernel.rows; ++tap) {
            for (std::size_t c = 0; c < G.channels; ++c) {
                winograd::for_each_vector<G.filters, V>([&]<class U>(std::size_t f, const U& lanes_of_filters) {
                    body(lanes_of_filters, G.weight(tap, 0, c, f), products.weight(tap, 0, c, f));
                });
            }
        }
    }

    static void transform_kernels(const T* w, T* to) {
        for_each_row_of_weights([&]<class U>(const U&, std::size_t weight, std::size_t transformed) {
            U row[G.kernel.columns], result[window];
#pragma GCC unroll 6
            for (std::size_t j = 0; j < G.kernel.columns; ++j) row[j] = load<U>(w + weight + G.weight(0, j, 0, 0));
            matrices::of_kernel::apply(row, result);
#pragma GCC unroll 6
            for (std::size_t i = 0; i < window; ++i) store(result[i], to + transformed + i * G.filters);
        });
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
