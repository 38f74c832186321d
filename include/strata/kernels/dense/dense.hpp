#pragma once

#include "strata/kernels/bfloat16.hpp"
#include "strata/kernels/dense/products.hpp"
#include "strata/kernels/dense/weight_gradient.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The passes of a dense layer over the rows of inputs of one sample, or of several that lie one after the other. Where
/// V rounds_products, operands are rounded to bfloat16 in the passes that gain from it: not those of few units, nor,
/// but for the weight gradient, those whose weights no L2 holds, since each call rounds them. Pairs are
/// neighbouring inputs, in the input gradient neighbouring units, in the weight gradient neighbouring samples.
template <std::size_t RowsOfSample, std::size_t Inputs, std::size_t Units, class V, std::size_t Samples = 1>
class dense_rows {
    using T = scalar_t<V>;

    static constexpr std::size_t Rows = Samples * RowsOfSample;
    static constexpr std::size_t input_pairs = pairs_in(Inputs), unit_pairs = pairs_in(Units);
    // What is paired in the forward pass, and in the input gradient.
    static constexpr std::size_t x_pairs = Rows * input_pairs, forward_weights = input_pairs * Units;
    static constexpr std::size_t dz_pairs = Rows * unit_pairs, gradient_weights = Inputs * unit_pairs;

    /// Whether `products` multiply-adds for a row take less time than those of all inputs and units, where pairs and
    /// registers of weights have to be made for them. For one sample, so that others do not change its result.
    static constexpr bool is_faster(std::size_t products, std::size_t pairs, std::size_t registers) {
        return rounds_products<V> && !streams_weights<Inputs, Units, T> &&
               RowsOfSample * products + half_cycles_of_pair * (RowsOfSample * pairs + registers) <
                   RowsOfSample * Inputs * Units;
    }

public:
    /// Which passes round their operands.
    static constexpr bool rounds_forward =
        is_faster(forward_weights, input_pairs, registers_of_weights<V>(input_pairs, Units));
    static constexpr bool rounds_input_gradient =
        is_faster(gradient_weights, unit_pairs, registers_of_weights<V>(1, gradient_weights));
    static constexpr bool rounds_weight_gradient = rounds_products<V> && Units >= lanes<V>;

    using weight_gradients = dense_weight_gradient<Rows, Inputs, Units, V, rounds_weight_gradient>;

    /// How many cells the forward pass needs besides its arguments, and any of the passes.
    static constexpr std::size_t forward_scratch = rounds_forward ? x_pairs + cells_of_weights<V>(forward_weights) : 0;
    static constexpr std::size_t scratch =
        std::max({forward_scratch, rounds_input_gradient ? dz_pairs + cells_of_weights<V>(gradient_weights) : 0,
                  weight_gradients::cells});

    /// y = activation(x w + bias). `bias` is not read without Bias.
    template <class Activation, bool Bias>
    static void forward(const V* x, const T* w, const T* bias, V* y, [[maybe_unused]] V* workspace) {
        if constexpr (rounds_forward) {
            const paired_operands<V> to(workspace, x_pairs);
            pair_neighbours<Inputs>(x, Rows, to.cells);
            pair_neighbouring_rows<Inputs, Units, V>(w, to.weights);
            run_forward<Activation, Bias, input_pairs>(to.cells, to.weights, bias, y);
        } else {
            run_forward<Activation, Bias, Inputs>(x, w, bias, y);
        }
    }

    /// dx = the gradient with respect to x. `dz` is the gradient with respect to what the activation was applied to.
    static void input_gradient(const V* dz, const T* w, V* dx, [[maybe_unused]] V* workspace) {
        if constexpr (rounds_input_gradient) {
            const paired_operands<V> to(workspace, dz_pairs);
            pair_neighbours<Units>(dz, Rows, to.cells);
            pair_neighbours<Units, V>(w, Inputs, to.weights);
            run_input_gradient<unit_pairs>(to.cells, to.weights, dx);
        } else {
            run_input_gradient<Units>(dz, w, dx);
        }
    }

    /// Adds to dw the gradient with respect to w, summed over rows and lanes.
    static void weight_gradient(const V* x, const V* dz, T* dw, V* workspace) {
        weight_gradients::run(x, dz, dw, workspace);
    }

private:
    template <class Activation, bool Bias, std::size_t Terms, class X>
    static void run_forward(const X* x, const scalar_t<X>* w, const T* bias, V* y) {
        for_each_block<Rows, rows_at_once<Rows, Terms, Units, scalar_t<X>>>([&](auto rows, std::size_t row) {
            dense_forward<rows, Terms, Units, Activation, Bias>(x + row * Terms, w, bias, y + row * Units);
        });
    }

    template <std::size_t Terms, class X> static void run_input_gradient(const X* dz, const scalar_t<X>* w, V* dx) {
        for (std::size_t row = 0; row < Rows; ++row)
            dense_input_gradient<Inputs, Terms>(dz + row * Terms, w, dx + row * Inputs);
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
