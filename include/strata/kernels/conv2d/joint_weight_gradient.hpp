#pragma once

#include "strata/kernels/conv2d/conv2d.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The gradient of a convolution with respect to its weights, for all packs of a batch at once (has_joint_gradient): a
/// pack keeps x and dz. Weights are cut into slices of channels, each of them those of a smaller convolution, and the
/// gradient of a slice is summed up over the packs in their order.
template <conv2d_geometry G, class V> class conv2d_joint_gradient {
    using T = scalar_t<V>;

    static constexpr std::size_t inputs = G.input_cell(G.input.rows, 0, 0),
                                 outputs = G.output_cell(G.output.rows, 0, 0);

    /// The channels of a slice, which divide all: enough of them that what transforming dz takes for each slice counts
    /// little, and no more, so that many threads find a slice.
    static constexpr std::size_t fewest_channels = 16, most_channels = 64;
    static constexpr std::size_t channels = [] {
        std::size_t divisor = std::min(most_channels, G.channels);
        while (G.channels % divisor > 0) --divisor;
        return divisor;
    }();
    static constexpr conv2d_geometry slice = [] {
        conv2d_geometry g = G;
        g.channels = channels;
        return g;
    }();
    static constexpr std::size_t cells_of_slice = slice.input_cell(G.input.rows, 0, 0);
    using passes = conv2d<slice, V>;

public:
    static constexpr std::size_t cells = inputs + outputs, count = G.weight_count();

    /// A block is a slice: some channels of each tap.
    static constexpr std::size_t parts = G.kernel.rows * G.kernel.columns, blocks = G.channels / channels,
                                 weights_of_block = channels * G.filters, blocks_at_once = 1;

    /// Whether what a pack keeps takes less memory than a gradient of its own.
    static constexpr bool is_faster =
        lanes<V> > 1 && G.groups == 1 && channels >= fewest_channels && 2 * lanes<V>* cells < count;

    static constexpr std::size_t scratch = cells_of_slice + passes::scratch;

    /// Writes down what the gradient of a pack is made of.
    static void keep(const V* x, const V* dz, V* kept) { std::copy_n(dz, outputs, std::copy_n(x, inputs, kept)); }

    /// Writes the gradient of a slice to dw, tap by tap; `kept` holds what has been kept of the first pack, `distance`
    /// cells further that of the next one.
    static void compute(const V* kept, std::size_t distance, std::size_t packs, std::size_t first, std::size_t, T* dw,
                        V* workspace) {
        std::fill_n(dw, slice.weight_count(), T(0));
        for (const V* const end = kept + packs * distance; kept != end; kept += distance) {
            V* to = workspace;
            for (std::size_t cell = first * channels; cell < inputs; cell += G.channels)
                to = std::copy_n(kept + cell, channels, to);
            passes::weight_gradient(workspace, kept + inputs, dw, to);
        }
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
