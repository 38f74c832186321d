#pragma once

#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/kernels/weight_tile.hpp"
#include "strata/simd/memory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// A sum that is as long as it is fast.
inline constexpr std::size_t any_length = std::size_t{1} << 31;

/// The gradient of a convolution with respect to its weights, with lanes over filters.
///
/// The image is cut into blocks of pixels whose transposed gradients fit into the L1, while all weights are streamed.
/// So many products, about, are summed up before they are added to dw: `LongestSum` makes the blocks smaller, which is
/// slower and more exact.
/// The rows of a tile are neighbouring channels of one tap or, where there are few channels, those of a whole row of
/// the kernel; then pixels at the edge read a copy that has zeros in place of the padding.
/// X are the cells of x, as in weight_tile.
template <conv2d_geometry G, class V, class X = V, std::size_t LongestSum = any_length>
class conv2d_weight_gradient_by_filters {
public:
    using T = scalar_t<V>;

    /// For some rows of outputs.
    [[gnu::noinline]] static void run(const X* x, const V* dz, T* dw, span_of_indices rows = {0, G.output.rows}) {
        const std::size_t last = rows.end * G.output.columns;
        for (std::size_t group = 0; group < G.groups; ++group) {
            for (std::size_t first = rows.begin * G.output.columns; first < last; first += block) {
                for (std::size_t filter = 0; filter < G.group_filters(); filter += weights::width) {
                    add_block(x, dz, dw, group, first, std::min(block, last - first), filter);
                }
            }
        }
    }

    /// Half cycles for one pixel.
    static constexpr std::size_t half_cycles_of_pixel() {
        return G.groups *
               (G.kernel.rows * G.kernel.columns / taps * weights::half_cycles + weights::half_cycles_to_transpose);
    }

private:
    static constexpr bool whole_kernel_rows = G.group_channels() < lanes<V> && G.groups == 1 && G.dilation.columns == 1;
    static constexpr std::size_t taps = whole_kernel_rows ? G.kernel.columns : 1;
    static constexpr std::size_t pixels = G.output.rows * G.output.columns;

    using weights = weight_tile<taps * G.group_channels(), G.group_filters(), G.filters, V, X>;

    /// Pixels of a block: as many as fit into half of an L1, or make the longest sum.
    static constexpr std::size_t block =
        std::clamp<std::size_t>(half_l1 / (weights::transposed_size * sizeof(operand<X>)), 1,
                                std::clamp<std::size_t>(LongestSum / lanes<X>, 1, pixels));

    /// The gradients that are transposed next are fetched while the core is busy with multiply-adds. The tiles of all
    /// taps meet each pixel once; so many cells are fetched at a time that this is often enough.
    static constexpr std::size_t tiles = G.kernel.rows * G.kernel.columns / taps * weights::tiles;
    static constexpr std::size_t cells_of_line = std::max<std::size_t>(alignment / sizeof(V), 1);
    static constexpr std::size_t cells_at_a_time = round_up((weights::width + tiles - 1) / tiles, cells_of_line);
    static constexpr std::size_t times = (weights::width + cells_at_a_time - 1) / cells_at_a_time;
    /// From the last cells of one pixel to the first ones of the next, backwards where there are few filters.
    static constexpr std::ptrdiff_t to_next_pixel =
        static_cast<std::ptrdiff_t>(G.filters) - static_cast<std::ptrdiff_t>((times - 1) * cells_at_a_time);

    static void add_block(const X* x, const V* dz, T* dw, std::size_t group, std::size_t first, std::size_t count,
                          std::size_t filter) {
        std::array<operand<X>, block * weights::transposed_size> gradients;
        dz += first * G.filters + group * G.group_filters();
        for (std::size_t i = 0; i < count; ++i)
            weights::transpose_gradients(dz + i * G.filters, filter, gradients.data() + i * weights::transposed_size);
        const V* next =
            dz + (filter + weights::width < G.group_filters() ? filter + weights::width : block * G.filters);
        std::size_t fetches = 0;  // what they ask for may lie behind the last gradient: nothing is read
        const auto fetch_next = [&] {
            if (fetches == block * times) return;
#pragma GCC unroll 32
            for (std::size_t cell = 0; cell < cells_at_a_time; cell += cells_of_line) __builtin_prefetch(next + cell);
            next += ++fetches % times > 0 ? static_cast<std::ptrdiff_t>(cells_at_a_time) : to_next_pixel;
        };
        for (std::size_t row = 0; row < G.kernel.rows; ++row) {
            for (std::size_t tap = 0; tap < G.kernel.columns; tap += taps) {
                std::array<weight_term<X>, block> terms;
                std::array<X, whole_kernel_rows ? block * taps * G.group_channels() : 1> padded;
                X* copy = padded.data();
                std::size_t used = 0;
                // Before the image the differences wrap around to large numbers.
                std::size_t y = G.input_row(first / G.output.columns, row);
                std::size_t left = tap * G.dilation.columns - G.before.columns;
                std::size_t column = first % G.output.columns * G.strides.columns;
                for (std::size_t i = 0; i < count; ++i) {
                    if (const X* cells = cells_of(x, y, left + column, group, copy))
                        terms[used++] = {cells, gradients.data() + i * weights::transposed_size};
                    column += G.strides.columns;
                    if (column == G.output.columns * G.strides.columns) {
                        column = 0;
                        y += G.strides.rows;
                    }
                }
                weights::add({terms.data(), used}, filter, dw + G.weight(row, tap, 0, group * G.group_filters()),
                             fetch_next);
            }
        }
    }

    /// The cells that an output's taps read, or null where none of them is inside of the image.
    static const X* cells_of(const X* x, std::size_t y, std::size_t column, std::size_t group, X*& copy) {
        if (y >= G.input.rows) return nullptr;
        const X* line = x + G.input_cell(y, 0, 0);
        if constexpr (whole_kernel_rows) {
            if (column + taps > G.input.columns || column >= G.input.columns) {
                X* to = copy;
                for (std::size_t k = 0; k < taps; ++k) {
                    const bool inside = column + k < G.input.columns;
                    for (std::size_t c = 0; c < G.channels; ++c)
                        *copy++ = inside ? line[(column + k) * G.channels + c] : X(scalar_t<X>{});
                }
                return to;
            }
        } else if (column >= G.input.columns) {
            return nullptr;
        }
        return line + column * G.channels + group * G.group_channels();
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
