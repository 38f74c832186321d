#pragma once

#include "strata/core/context.hpp"
#include "strata/core/parameter.hpp"
#include "strata/kernels/activation/apply.hpp"
#include "strata/kernels/dense/dense.hpp"
#include "strata/kernels/recurrent/cells.hpp"
#include "strata/simd/math.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::recurrent {

/// The steps of a recurrent layer, and what comes of them.
struct sequence_form {
    std::size_t steps = 1;
    std::size_t inputs = 1;
    bool bias = true;
    bool returns_all = false;  ///< the result is that of each step, not only of the last one
    bool backwards = false;    ///< the last row of the input comes first
    bool reverses = false;     ///< results stand in the order of the steps even where those go backwards
    bool masked = false;       ///< a second input has a cell for each row: where that is 0, the state stays as it is
    bool zeroes = false;       ///< with `returns_all`, the result of such a row is zero, not that of the step before

    /// The row of the input that a step reads.
    constexpr std::size_t row(std::size_t step) const { return backwards ? steps - 1 - step : step; }

    /// The row of the output that belongs to a row of the input.
    constexpr std::size_t output_row(std::size_t row) const { return backwards && reverses ? steps - 1 - row : row; }

    constexpr std::size_t input_count() const { return masked ? 2 : 1; }
};

/// The cells of the sequence, given the pointers of a context.
template <class Cell> Cell* sequence_of(Cell* x) { return x; }
template <class Cell> Cell* sequence_of(const std::array<Cell*, 2>& x) { return x[0]; }

/// Where the parameters of a layer of such cells lie, in the order in which Keras stores them.
template <sequence_form Form, class Cell> struct parameter_offsets {
    static constexpr std::size_t columns = Cell::gates * Cell::units;
    static constexpr std::size_t recurrent = Form.inputs * columns, bias = recurrent + Cell::units * columns,
                                 second_bias = bias + columns;
};

/// A recurrent layer: the way of Cell along the steps, and back. The products with the input are computed for all steps
/// at once, and so are the gradients of the weights; only the product with the state has to wait for the step before.
/// All rows lie in the order of the input, whatever the order of the steps.
template <sequence_form Form, class Cell, class V> class sequence {
    using T = scalar_t<V>;
    using offsets = parameter_offsets<Form, Cell>;
    static constexpr std::size_t steps = Form.steps, units = Cell::units, columns = offsets::columns;
    static constexpr bool recurrent_bias = Form.bias && Cell::second_bias;
    static constexpr bool skips_cell_state = Form.masked && Cell::has_cell_state;

    using of_inputs = dense_rows<steps, Form.inputs, columns, V>;
    using of_state = dense_rows<1, units, columns, V>;
    using of_states = dense_rows<(steps > 1 ? steps - 1 : 1), units, columns, V>;
    using of_all_kept = dense_rows<steps, units, columns, V>;

public:
    /// Whether the states are the output as it is.
    static constexpr bool states_are_output = Form.returns_all && !(Form.backwards && Form.reverses) && !Form.zeroes;

private:
    static constexpr std::size_t all_columns = steps * columns, all_units = steps * units,
                                 kept_of_step = Cell::kept * units, all_kept = steps * kept_of_step;
    static constexpr std::array kept_parts{
        cells_part{"gates", all_columns}, cells_part{"sums", Cell::keeps_sums ? all_columns : 0},
        cells_part{"kept", all_kept}, cells_part{"states", states_are_output ? 0 : all_units}};
    static constexpr std::array forward_parts{
        cells_part{"zeros", units}, cells_part{"sums", Cell::keeps_sums ? 0 : columns},
        cells_part{"products", std::max(of_inputs::forward_scratch, of_state::forward_scratch)}};
    static constexpr std::array backward_parts{
        cells_part{"zeros", units},
        cells_part{"gradient", units},
        cells_part{"kept gradient", units},
        cells_part{"passed on", Cell::passes_on ? units : 0},
        cells_part{"skipped", Form.masked ? units : 0},
        cells_part{"skipped kept gradient", skips_cell_state ? units : 0},
        cells_part{"products", std::max({of_inputs::scratch, of_state::scratch, of_states::scratch,
                                         Cell::multiplies_again ? of_all_kept::scratch : 0})}};

public:
    static constexpr std::size_t kept_cells = total_size(kept_parts), forward_scratch = total_size(forward_parts),
                                 backward_scratch = total_size(backward_parts);

    static void forward(forward_context<V, Form.input_count()> c) {
        const T *const w = c.parameters, *const recurrent = w + offsets::recurrent;
        const T* const second_bias = w + offsets::second_bias;
        V* const gates = c.kept + offset_of(kept_parts, "gates");
        V* const kept = c.kept + offset_of(kept_parts, "kept");
        V* const states = states_are_output ? c.y : c.kept + offset_of(kept_parts, "states");
        V* const zeros = c.scratch + offset_of(forward_parts, "zeros");
        V* const free = c.scratch + offset_of(forward_parts, "products");
        std::fill_n(zeros, units, V(T(0)));
        of_inputs::template forward<linear, Form.bias>(sequence_of(c.x), w, w + offsets::bias, gates, free);
        for (std::size_t t = 0; t < steps; ++t) {
            const std::size_t row = Form.row(t), row_before = Form.row(t - 1);
            const V* const before = t > 0 ? states + row_before * units : zeros;
            V* const sums = Cell::keeps_sums ? c.kept + offset_of(kept_parts, "sums") + row * columns
                                             : c.scratch + offset_of(forward_parts, "sums");
            V* const kept_here = kept + row * kept_of_step;
            const auto multiply = [&](const V* from) {
                of_state::template forward<linear, recurrent_bias>(from, recurrent, second_bias, sums, free);
            };
            if (t > 0) {
                multiply(before);
            } else {
                for (std::size_t k = 0; k < columns; ++k) sums[k] = recurrent_bias ? V(second_bias[k]) : V(T(0));
            }
            V* const state = states + row * units;
            const V* const kept_before = t > 0 ? kept + row_before * kept_of_step : zeros;
            Cell::template forward<samples_in_lanes<V>>(forward_step<T>{.gates = as_lanes(gates + row * columns),
                                                                        .sums = as_lanes(sums),
                                                                        .before = as_lanes(before),
                                                                        .state = as_lanes(state),
                                                                        .kept = as_lanes(kept_here),
                                                                        .kept_before = as_lanes(kept_before)},
                                                        [&] { multiply(kept_here); });
            if constexpr (Form.masked) {
                skip(c.x[1][row], before, state);
                if constexpr (skips_cell_state) skip(c.x[1][row], kept_before, kept_here);
            }
        }
        if constexpr (!states_are_output) {
            if constexpr (Form.returns_all) {
                for (std::size_t row = 0; row < steps; ++row) {
                    V* const y = c.y + Form.output_row(row) * units;
                    std::copy_n(states + row * units, units, y);
                    if constexpr (Form.zeroes) skip(c.x[1][row], zeros, y);
                }
            } else {
                std::copy_n(states + Form.row(steps - 1) * units, units, c.y);
            }
        }
    }

    template <bool InputGradient> static void backward(backward_context<V, Form.input_count()> c) {
        const T *const w = c.parameters, *const recurrent = w + offsets::recurrent;
        V* const gates = c.kept + offset_of(kept_parts, "gates");
        V* const sums = Cell::keeps_sums ? c.kept + offset_of(kept_parts, "sums") : gates;
        const V* const kept = c.kept + offset_of(kept_parts, "kept");
        const V* const states = states_are_output ? c.y : c.kept + offset_of(kept_parts, "states");
        V* const zeros = c.scratch + offset_of(backward_parts, "zeros");
        V* const gradient = c.scratch + offset_of(backward_parts, "gradient");
        V* const kept_gradient = c.scratch + offset_of(backward_parts, "kept gradient");
        V* const passed_on = c.scratch + offset_of(backward_parts, "passed on");
        [[maybe_unused]] V* const skipped = c.scratch + offset_of(backward_parts, "skipped");
        [[maybe_unused]] V* const skipped_kept_gradient =
            c.scratch + offset_of(backward_parts, "skipped kept gradient");
        V* const free = c.scratch + offset_of(backward_parts, "products");
        std::fill_n(zeros, units, V(T(0)));
        std::fill_n(gradient, units, V(T(0)));
        std::fill_n(kept_gradient, units, V(T(0)));
        const auto multiply = [&](const V* from, V* to) { of_state::input_gradient(from, recurrent, to, free); };
        for (std::size_t t = steps; t-- > 0;) {
            const std::size_t row = Form.row(t), row_before = Form.row(t - 1);
            if constexpr (Form.zeroes)
                add_present(c.x[1][row], c.dy + Form.output_row(row) * units, gradient);
            else if (Form.returns_all)
                add(c.dy + Form.output_row(row) * units, gradient);
            else if (t + 1 == steps)
                std::copy_n(c.dy, units, gradient);
            if constexpr (Form.masked) {
                split(c.x[1][row], gradient, skipped);
                if constexpr (skips_cell_state) split(c.x[1][row], kept_gradient, skipped_kept_gradient);
            }
            Cell::backward(backward_step<V>{.gates = gates + row * columns,
                                            .sums = sums + row * columns,
                                            .before = t > 0 ? states + row_before * units : zeros,
                                            .state = states + row * units,
                                            .kept = kept + row * kept_of_step,
                                            .kept_before = t > 0 ? kept + row_before * kept_of_step : zeros,
                                            .gradient = gradient,
                                            .kept_gradient = kept_gradient,
                                            .passed_on = passed_on},
                           multiply);
            if (t > 0) {
                multiply(sums + row * columns, gradient);
                if constexpr (Cell::passes_on) add(passed_on, gradient);
                if constexpr (Form.masked) add(skipped, gradient);
                if constexpr (skips_cell_state) add(skipped_kept_gradient, kept_gradient);
            }
        }
        add_weight_gradients(c, gates, sums, kept, states, free);
        if constexpr (InputGradient) of_inputs::input_gradient(gates, w, sequence_of(c.dx), free);
    }

private:
    static void add(const V* from, V* to) {
        for (std::size_t u = 0; u < units; ++u) to[u] = to[u] + from[u];
    }

    /// The same but for samples that the mask leaves a step out of.
    static void add_present(const V& mask, const V* from, V* to) {
        const auto is_left_out = mask == V(T(0));
        for (std::size_t u = 0; u < units; ++u) to[u] = math::select(is_left_out, to[u], V(to[u] + from[u]));
    }

    /// Puts what was before where the mask leaves a step out.
    static void skip(const V& mask, const V* before, V* values) {
        const auto is_left_out = mask == V(T(0));
        for (std::size_t u = 0; u < units; ++u) values[u] = math::select(is_left_out, before[u], values[u]);
    }

    /// Moves to `skipped` what belongs to the step before, where the mask leaves a step out.
    static void split(const V& mask, V* gradient, V* skipped) {
        const auto is_left_out = mask == V(T(0));
        const V zero(T(0));
        for (std::size_t u = 0; u < units; ++u) {
            skipped[u] = math::select(is_left_out, gradient[u], zero);
            gradient[u] = math::select(is_left_out, zero, gradient[u]);
        }
    }

    /// By now `gates` and `sums` hold the gradients of the products with the input and with the state.
    static void add_weight_gradients(backward_context<V, Form.input_count()> c, V* gates, [[maybe_unused]] V* sums,
                                     [[maybe_unused]] const V* kept, const V* states, V* free) {
        T* const recurrent = c.gradients + offsets::recurrent;
        if constexpr (Form.bias)
            activation_gradient<steps, columns, linear, true>(gates, gates, c.gradients + offsets::bias);
        if constexpr (recurrent_bias)
            activation_gradient<steps, columns, linear, true>(sums, sums, c.gradients + offsets::second_bias);
        of_inputs::weight_gradient(sequence_of(c.x), gates, c.gradients, free);
        if constexpr (steps > 1) {
            // Each product with a state has the row of the step after it.
            const V* const from = states + (Form.backwards ? units : 0);
            of_states::weight_gradient(from, sums + (Form.backwards ? 0 : columns), recurrent, free);
        }
        if constexpr (Cell::multiplies_again) {
            const std::size_t last = columns - units;
            for (std::size_t row = 0; row < steps; ++row) {
                std::fill_n(sums + row * columns, last, V(T(0)));
                std::copy_n(gates + row * columns + last, units, sums + row * columns + last);
            }
            of_all_kept::weight_gradient(kept, sums, recurrent, free);
        }
    }
};

}  // namespace kernels::recurrent
}  // namespace STRATA_ISA
}  // namespace strata::authoring
