#pragma once

#include "strata/kernels/conv2d/bfloat16/passes.hpp"
#include "strata/kernels/conv2d/winograd/rows.hpp"
#include "strata/kernels/conv2d/winograd/squares.hpp"

#include <cstddef>

/// What the forms of a convolution cost, and which of them each pass takes. All of it is known while compiling.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Whether Winograd's convolution takes fewer half cycles than the direct one. Besides its multiply-adds it transforms
/// each window of each channel and filter, and each kernel; what that takes was measured.
constexpr bool winograd_is_faster(const conv2d_geometry& g) {
    if (!winograd_fits(g)) return false;
    constexpr std::size_t of_window = 128, of_kernel = 24;
    const std::size_t kernels = g.channels * g.filters;
    const std::size_t windows = winograd::tiling{g.input, g.channels, g.before, g.output}.squares();
    return windows * (winograd::positions * kernels + of_window * (g.channels + g.filters)) + of_kernel * kernels <
           taps_on_pixels(g) * kernels;
}

/// How long Winograd's convolution by rows takes, measured, in quarters of a multiply-add of the direct one: for each
/// position in a window a product, and what it takes to transform a channel and a filter. Transformed images lie beyond
/// the L1, so that products take longer, too, where multiply-adds outrun it.
struct by_rows_costs {
    std::size_t product = 4, channel = 16, filter = 20;
};
inline constexpr by_rows_costs costs_of_fast_caches{};
inline constexpr by_rows_costs costs_of_slow_caches{.product = 5, .channel = 40, .filter = 50};
inline constexpr by_rows_costs costs_in_planes = outruns_caches ? costs_of_slow_caches : costs_of_fast_caches;
inline constexpr by_rows_costs costs_in_registers{.filter = 4};

/// Whether Winograd's convolution by rows takes less time than the direct one.
constexpr bool winograd_by_rows_is_faster(const conv2d_geometry& g, const by_rows_costs& costs = costs_in_planes) {
    if (!winograd_by_rows_fits(g)) return false;
    const conv2d_geometry products = by_rows(g);
    const std::size_t kernels = g.channels * g.filters, windows = products.output.columns;
    const std::size_t transforms =
        windows * (costs.channel * g.channels * g.input.rows + costs.filter * g.filters * g.output.rows);
    return products.groups * (costs.product * taps_on_pixels(products) * kernels + transforms) <
           4 * taps_on_pixels(g) * kernels;
}

/// The same for the forward pass, which takes less where it transforms its outputs in registers.
constexpr bool forward_by_rows_is_faster(const conv2d_geometry& g) {
    return winograd_by_rows_is_faster(g, by_rows_in_registers(g) ? costs_in_registers : costs_in_planes);
}

/// Like winograd_by_rows_is_faster, for the weight gradient, by the half cycles that the direct kernels count for their
/// tiles: those of one column have fewer cells in common from pixel to pixel, and groups of few filters leave lanes
/// idle.
template <conv2d_geometry G, class V> constexpr bool weight_gradient_by_rows_is_faster() {
    if constexpr (!winograd_by_rows_fits(G)) {
        return false;
    } else {
        constexpr std::size_t of_cell = outruns_caches ? 6 : 3;  // for each position, measured
        constexpr conv2d_geometry products = by_rows(G);
        constexpr auto half_cycles = []<conv2d_geometry P>() {
            return conv2d_weight_gradient<P, V>::half_cycles_of_pixel() * P.output.rows * P.output.columns;
        };
        return half_cycles.template operator()<products>() +
                   of_cell * (products.input_cell(G.input.rows, 0, 0) + products.output_cell(G.output.rows, 0, 0)) <
               half_cycles.template operator()<G>();
    }
}

/// Whether the forward pass gains more from weights in the order of its tiles than ordering them takes: there are more
/// of them than half of an L1 holds, as floats, and each is used at enough pixels.
constexpr bool ordering_is_faster(const conv2d_geometry& g) {
    return g.weight_count() * sizeof(float) > half_l1 && g.output.rows * g.output.columns >= 32;
}

/// The ways in which a pass of a convolution can be computed.
enum class conv2d_form { direct, winograd, winograd_by_rows, bfloat16 };

/// The form of each pass that is the fastest: on operands rounded to bfloat16 where V rounds_products, one of
/// Winograd's or the direct one. With V a plain number they are direct: that is the reference.
template <conv2d_geometry G, class V> class conv2d_forms {
    /// Rounding comes before Winograd, whose transformations take longer: measured, it is 1.1 to 1.7 times as fast, in
    /// the forward pass of few channels 0.9 to 1.2 times.
    static constexpr conv2d_form fastest(bool bfloat16_is_faster, bool by_rows_is_faster) {
        if (rounds_products<V> && bfloat16_is_faster) return conv2d_form::bfloat16;
        if (lanes<V> == 1) return conv2d_form::direct;
        if (winograd_is_faster(G)) return conv2d_form::winograd;
        return by_rows_is_faster ? conv2d_form::winograd_by_rows : conv2d_form::direct;
    }

    static constexpr bool weight_gradient_is_faster = [] {
        if constexpr (rounds_products<V>)
            return conv2d_bfloat16<G, V>::weight_gradient_is_faster;
        else
            return false;
    }();

public:
    static constexpr conv2d_form forward_form = fastest(paired::forward_is_faster(G), forward_by_rows_is_faster(G)),
                                 input_gradient_form =
                                     fastest(paired::input_gradient_is_faster(G), winograd_by_rows_is_faster(G)),
                                 weight_gradient_form =
                                     fastest(weight_gradient_is_faster, weight_gradient_by_rows_is_faster<G, V>());
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
