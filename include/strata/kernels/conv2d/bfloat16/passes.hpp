#pragma once

#include "strata/kernels/bfloat16.hpp"
#include "strata/kernels/conv2d/direct/forward.hpp"
#include "strata/kernels/conv2d/direct/input_gradient.hpp"
#include "strata/kernels/conv2d/direct/weight_gradient.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Convolutions whose products are taken two by two: which two, and which geometry they leave. The kernels are the
/// direct ones, on cells of pairs.
namespace paired {

/// Neighbouring channels of each group.
constexpr conv2d_geometry channels(conv2d_geometry g) {
    g.channels = g.groups * pairs_in(g.group_channels());
    return g;
}

/// Neighbouring filters of each group.
constexpr conv2d_geometry filters(conv2d_geometry g) {
    g.filters = g.groups * pairs_in(g.group_filters());
    return g;
}

/// Two rows of the input, `distance` apart, become one: the rows that start in the padding and end in the image are
/// stored as well.
constexpr conv2d_geometry rows(conv2d_geometry g, std::size_t distance) {
    const std::size_t above = std::min(g.before.rows, distance);
    g.input.rows += above;
    g.before.rows -= above;
    return g;
}

/// Neighbouring rows of the kernel.
constexpr conv2d_geometry taps(const conv2d_geometry& original) {
    conv2d_geometry g = rows(original, original.dilation.rows);
    g.kernel.rows = pairs_in(g.kernel.rows);
    g.dilation.rows *= 2;
    return g;
}

/// Neighbouring rows of the output.
constexpr conv2d_geometry outputs(const conv2d_geometry& original) {
    conv2d_geometry g = rows(original, original.strides.rows);
    g.output.rows = pairs_in(g.output.rows);
    g.strides.rows *= 2;
    return g;
}

/// For the forward pass: taps where that leaves fewer multiply-adds (one channel, above all), channels otherwise.
constexpr bool by_taps(const conv2d_geometry& g) {
    return pairs_in(g.kernel.rows) * g.group_channels() < g.kernel.rows * pairs_in(g.group_channels());
}
constexpr conv2d_geometry forward(const conv2d_geometry& g) { return by_taps(g) ? taps(g) : channels(g); }

constexpr std::size_t inputs(const conv2d_geometry& g) { return g.input.rows * g.input.columns * g.channels; }
constexpr std::size_t results(const conv2d_geometry& g) { return g.output.rows * g.output.columns * g.filters; }
constexpr std::size_t multiply_adds(const conv2d_geometry& g) {
    return taps_on_pixels(g) * g.group_channels() * g.filters;
}

/// Whether a geometry with pairs takes less time than the original, where `cells` and `weights` have to be rounded.
constexpr bool is_faster(const conv2d_geometry& original, const conv2d_geometry& g, std::size_t cells,
                         std::size_t weights) {
    constexpr std::size_t weights_at_once = 16;  // in a register
    return multiply_adds(g) + half_cycles_of_pair * (cells + weights / weights_at_once) < multiply_adds(original);
}
constexpr bool forward_is_faster(const conv2d_geometry& g) {
    return is_faster(g, forward(g), inputs(forward(g)), forward(g).weight_count());
}
constexpr bool input_gradient_is_faster(const conv2d_geometry& g) {
    return is_faster(g, filters(g), results(filters(g)), filters(g).weight_count());
}

}  // namespace paired

/// The passes of a convolution with operands rounded to bfloat16 and sums in float. Any geometry will do: what has no
/// partner is paired with zero. Whether a pass takes less time than in float say paired::forward_is_faster,
/// paired::input_gradient_is_faster and weight_gradient_is_faster: it does not where there is nothing to pair (one
/// filter, in the input gradient) or few products for each operand.
///
/// The functions are those of conv2d (conv2d.hpp). Each overwrites `scratch`, of that many cells.
template <conv2d_geometry G, class V> class conv2d_bfloat16 {
    using T = scalar_t<V>;
    using pairs = bfloat16_pairs<V>;
    using cell = bfloat16_cell<V>;

    static constexpr conv2d_geometry forward_pairs = paired::forward(G), filter_pairs = paired::filters(G),
                                     output_pairs = paired::outputs(G);

    using gradient_by_samples = conv2d_weight_gradient_by_samples<output_pairs, V, pairs>;
    using gradient_by_filters = conv2d_weight_gradient_by_filters<G, V, cell>;

    // Half cycles of the weight gradient in its two forms, and of that in float.
    static constexpr std::size_t half_cycles_by_samples =
        output_pairs.output.rows * G.output.columns * gradient_by_samples::half_cycles_of_pixel() +
        half_cycles_of_pair * (paired::inputs(output_pairs) + paired::results(output_pairs));
    static constexpr std::size_t half_cycles_by_filters =
        G.output.rows * G.output.columns * gradient_by_filters::half_cycles_of_pixel() +
        half_cycles_of_pair * cells_of_values(paired::inputs(G));
    static constexpr std::size_t half_cycles_in_float =
        G.output.rows * G.output.columns * conv2d_weight_gradient<G, V>::half_cycles_of_pixel();
    static constexpr bool over_filters = half_cycles_by_filters < half_cycles_by_samples;

    static constexpr std::size_t scratch_of_weight_gradient =
        over_filters ? cells_of_values(paired::inputs(G))
                     : paired::inputs(output_pairs) + paired::results(output_pairs);

public:
    static constexpr bool weight_gradient_is_faster =
        std::min(half_cycles_by_filters, half_cycles_by_samples) < half_cycles_in_float;

    /// Cells: for the pairs of the input or the gradient, and for those of the weights.
    static constexpr std::size_t scratch = std::max(
        {paired::inputs(forward_pairs) + cells_of_weights<V>(forward_pairs.weight_count()),
         paired::results(filter_pairs) + cells_of_weights<V>(filter_pairs.weight_count()), scratch_of_weight_gradient});

    template <class Activation, bool Bias>
    [[gnu::noinline]] static void forward(const V* x, const T* w, const T* bias, V* y, V* workspace) {
        const paired_operands<V> to(workspace, paired::inputs(forward_pairs));
        if constexpr (paired::by_taps(G)) {
            pair_input_rows<G.dilation.rows>(x, to.cells);
            pair_neighbouring_rows<G.kernel.rows, G.weight(1, 0, 0, 0), V>(w, to.weights);
        } else {
            pair_neighbours<G.group_channels()>(x, paired::inputs(G) / G.group_channels(), to.cells);
            constexpr std::size_t taps = G.kernel.rows * G.kernel.columns;
            for (std::size_t tap = 0; tap < taps; ++tap) {
                pair_neighbouring_rows<G.group_channels(), G.filters, V>(
                    w + tap * G.weight(0, 1, 0, 0), to.weights + tap * forward_pairs.weight(0, 1, 0, 0));
            }
        }
        conv2d_forward_pass<forward_pairs, Activation, Bias, V, pairs>::run(to.cells, to.weights, bias, y);
    }

    [[gnu::noinline]] static void input_gradient(const V* dz, const T* w, V* dx, V* workspace) {
        const paired_operands<V> to(workspace, paired::results(filter_pairs));
        pair_neighbours<G.group_filters()>(dz, paired::results(G) / G.group_filters(), to.cells);
        pair_neighbours<G.group_filters(), V>(w, G.weight_count() / G.group_filters(), to.weights);
        conv2d_input_gradient<filter_pairs, V, pairs>::run(to.cells, to.weights, dx);
    }

    [[gnu::noinline]] static void weight_gradient(const V* x, const V* dz, T* dw, V* workspace) {
        if constexpr (over_filters) {
            cell* const cells = reinterpret_cast<cell*>(workspace);
            round_cells(x, paired::inputs(G), cells);
            gradient_by_filters::run(cells, dz, dw);
        } else {
            pairs* const cells = reinterpret_cast<pairs*>(workspace);
            pairs* const gradients = cells + paired::inputs(output_pairs);
            pair_input_rows<G.strides.rows>(x, cells);
            pair_neighbouring_rows<G.output.rows, G.output.columns * G.filters, V>(dz, gradients);
            gradient_by_samples::run(cells, gradients, dw);
        }
    }

private:
    /// The rows of paired::rows.
    template <std::size_t Distance> static void pair_input_rows(const V* x, pairs* to) {
        constexpr std::size_t row = G.input.columns * G.channels, above = std::min(G.before.rows, Distance);
        for (std::size_t r = 0; r < G.input.rows + above; ++r, to += row) {
            // Before the image the differences wrap around to large numbers.
            const auto row_at = [&](std::size_t at) { return at < G.input.rows ? x + at * row : nullptr; };
            pair_rows(row_at(r - above), row_at(r - above + Distance), row, to);
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
