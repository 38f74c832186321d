#pragma once

#include "strata/kernels/pooling2d/pooling2d.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The passes of a subsampling, y = activation(w[channel] * the sum of a window + bias[channel]), with the functions of
/// kernels::conv2d but `gradients`. Windows lie inside of the input and do not overlap.
template <conv2d_geometry G, class V> class subsampling2d {
    static_assert(G.kernel == G.strides && G.channels == G.filters && !has_padding(G));
    using T = scalar_t<V>;

    static V sum_of_window(const V* x, span_of_indices rows, span_of_indices columns, std::size_t channel) {
        return fold_window<G.kernel.rows * G.kernel.columns>(
            rows, columns, V(T(0)),
            [&](std::size_t row, std::size_t column) { return x[G.input_cell(row, column, channel)]; },
            [](const V& a, const V& b) { return a + b; });
    }

    /// dw += the sum of dz * factor(sum of the window) over windows and lanes.
    template <class Factor> static void add_to_weights(const V* x, const V* dz, T* dw, const Factor& factor) {
        for (std::size_t c = 0; c < G.channels; ++c) {
            const V sum = sum_of<G.output.rows * G.output.columns>([&](std::size_t window) {
                const std::size_t row = window / G.output.columns * G.kernel.rows;
                const std::size_t column = window % G.output.columns * G.kernel.columns;
                return dz[window * G.filters + c] *
                       factor(sum_of_window(x, {row, row + G.kernel.rows}, {column, column + G.kernel.columns}, c));
            });
            dw[c] += sum_lanes(sum);
        }
    }

public:
    static constexpr std::size_t scratch = 0;

    template <class Activation, bool Bias> static void forward(const V* x, const T* w, const T* bias, V* y, V*) {
        detail::for_each_window<G>([&](std::size_t to, span_of_indices rows, span_of_indices columns) {
            for (std::size_t c = 0; c < G.channels; ++c) {
                const V start(Bias ? bias[c] : T(0));
                y[to + c] = multiply_add(V(w[c]), sum_of_window(x, rows, columns, c), start);
            }
        });
        activate<Activation>(y, G.output.rows * G.output.columns * G.filters);
    }

    static void input_gradient(const V* dz, const T* w, V* dx, V*) {
        if constexpr (!windows_partition_input(G))
            std::fill_n(dx, G.input.rows * G.input.columns * G.channels, V(T(0)));
        detail::for_each_window<G>([&](std::size_t from, span_of_indices rows, span_of_indices columns) {
            for (std::size_t row = rows.begin; row < rows.end; ++row) {
                for (std::size_t column = columns.begin; column < columns.end; ++column) {
                    for (std::size_t c = 0; c < G.channels; ++c)
                        dx[G.input_cell(row, column, c)] = dz[from + c] * V(w[c]);
                }
            }
        });
    }

    static void weight_gradient(const V* x, const V* dz, T* dw, V*) {
        add_to_weights(x, dz, dw, [](const V& sum) { return sum; });
    }

    /// The same for second derivatives: a weight meets the sum of each window by one connection.
    static void weight_curvature(const V* x, const V* dz, T* dw) {
        add_to_weights(x, dz, dw, [](const V& sum) { return sum * sum; });
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
