#pragma once

#include "strata/kernels/conv2d/bfloat16/passes.hpp"
#include "strata/kernels/conv2d/winograd/rows.hpp"
#include "strata/kernels/conv2d/winograd/squares.hpp"

#include <algorithm>
#include <cstddef>

namespace strata {
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

/// The passes of a convolution in one form. Each overwrites its scratch, of `scratch` cells; `forward` needs only
/// `forward_scratch` of them.
template <conv2d_form, conv2d_geometry G, class V> struct conv2d_passes {
    using T = scalar_t<V>;
    static constexpr bool orders_weights = lanes<V> > 1 && ordering_is_faster(G);
    static constexpr std::size_t scratch = orders_weights ? packs_for<V>(G.weight_count()) : 0;
    static constexpr std::size_t forward_scratch = scratch;

    template <class Activation, bool Bias>
    static void forward(const V* x, const T* w, const T* bias, V* y, [[maybe_unused]] V* scratch) {
        if constexpr (orders_weights) {
            using pass = conv2d_forward_pass<G, Activation, Bias, V, V, weight_order::tiles>;
            pass::order_by_tiles(w, as_lanes(scratch));
            pass::run(x, as_lanes(scratch), bias, y);
        } else {
            conv2d_forward_pass<G, Activation, Bias, V>::run(x, w, bias, y);
        }
    }
    static void input_gradient(const V* dz, const T* w, V* dx, V*) { conv2d_input_gradient<G, V>::run(dz, w, dx); }
    static void weight_gradient(const V* x, const V* dz, T* dw, V*) { conv2d_weight_gradient<G, V>::run(x, dz, dw); }
};
template <conv2d_geometry G, class V> struct conv2d_passes<conv2d_form::winograd, G, V> : conv2d_winograd<G, V> {
    static constexpr std::size_t forward_scratch = conv2d_winograd<G, V>::scratch;
};
template <conv2d_geometry G, class V>
struct conv2d_passes<conv2d_form::winograd_by_rows, G, V> : conv2d_winograd_by_rows<G, V> {};
template <conv2d_geometry G, class V> struct conv2d_passes<conv2d_form::bfloat16, G, V> : conv2d_bfloat16<G, V> {
    static constexpr std::size_t forward_scratch = conv2d_bfloat16<G, V>::scratch;
};

/// The passes of a convolution, each in the form that is the fastest: on operands rounded to bfloat16 where V
/// rounds_products, one of Winograd's or the direct one. With V a plain number they are direct: that is the reference.
template <conv2d_geometry G, class V> class conv2d {
    using T = scalar_t<V>;

    /// Rounding comes before Winograd, whose transformations take longer: measured, it is 1.1 to 1.7 times as fast, in
    /// the forward pass of few channels 0.9 to 1.2 times.
    static constexpr conv2d_form form(bool bfloat16_is_faster, bool by_rows_is_faster) {
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
    /// The form of each pass.
    static constexpr conv2d_form forward_form = form(paired::forward_is_faster(G), forward_by_rows_is_faster(G)),
                                 input_gradient_form =
                                     form(paired::input_gradient_is_faster(G), winograd_by_rows_is_faster(G)),
                                 weight_gradient_form =
                                     form(weight_gradient_is_faster, weight_gradient_by_rows_is_faster<G, V>());

private:
    using forward_passes = conv2d_passes<forward_form, G, V>;
    using input_gradient_passes = conv2d_passes<input_gradient_form, G, V>;
    using weight_gradient_passes = conv2d_passes<weight_gradient_form, G, V>;

public:
    /// How many cells each pass needs besides its arguments.
    static constexpr std::size_t scratch =
        std::max({forward_passes::forward_scratch, input_gradient_passes::scratch, weight_gradient_passes::scratch});

    /// y = activation(x * w + bias). `bias` is not read without Bias.
    template <class Activation, bool Bias>
    static void forward(const V* x, const T* w, const T* bias, V* y, V* scratch) {
        forward_passes::template forward<Activation, Bias>(x, w, bias, y, scratch);
    }

    /// dx = the gradient with respect to x. `dz` is the gradient with respect to what the activation was applied to.
    static void input_gradient(const V* dz, const T* w, V* dx, V* scratch) {
        input_gradient_passes::input_gradient(dz, w, dx, scratch);
    }

    /// Adds to dw the gradient with respect to w, summed over pixels and lanes.
    static void weight_gradient(const V* x, const V* dz, T* dw, V* scratch) {
        weight_gradient_passes::weight_gradient(x, dz, dw, scratch);
    }

    /// Both gradients; by rows dz is transformed once.
    static void gradients(const V* x, const V* dz, const T* w, T* dw, V* dx, V* scratch) {
        weight_gradient(x, dz, dw, scratch);
        if constexpr (weight_gradient_form == conv2d_form::winograd_by_rows &&
                      input_gradient_form == weight_gradient_form)
            input_gradient_passes::input_gradient_after_weights(w, dx, scratch);
        else
            input_gradient(dz, w, dx, scratch);
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata
