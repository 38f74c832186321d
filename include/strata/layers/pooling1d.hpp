#pragma once

#include "strata/layers/masks.hpp"
#include "strata/layers/pooling_stage.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <string_view>
#include <type_traits>

/// Pools over steps x channels.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The mean of the steps that a mask does not leave out.
template <class In, class... Options> struct masked_mean_stage {
    static constexpr std::size_t steps = In::extents[0], channels = In::size / steps;

    using output = typename global_pooling_stage<average_pooling_stage, In, 1, Options...>::output;
    static constexpr auto parameters = no_parameters;
    static constexpr stage_needs needs{.backward_reads_y = false, .keeps_dy = true};

    template <class V> static void forward(forward_context<V, 2> c) {
        const V count = count_of(c.x[1]), zero(scalar_t<V>(0));
        for (std::size_t k = 0; k < channels; ++k) {
            const V sum = kernels::sum_of<steps>(
                [&](std::size_t t) { return V(math::select(is_present(c.x[1][t]), c.x[0][t * channels + k], zero)); });
            c.y[k] = math::divide(sum, count);
        }
    }

    template <bool InputGradient, class V> static void backward(backward_context<V, 2> c) {
        if constexpr (InputGradient) {
            const V count = count_of(c.x[1]);
            for (std::size_t t = 0; t < steps; ++t) {
                const V share = math::divide(c.x[1][t], count);
                for (std::size_t k = 0; k < channels; ++k) c.dx[0][t * channels + k] = c.dy[k] * share;
            }
        }
    }

private:
    /// How many steps there are, or one.
    template <class V> static V count_of(const V* mask) {
        return math::max(V(scalar_t<V>(1)), kernels::sum_of<steps>([&](std::size_t t) { return mask[t]; }));
    }
};

/// The mean of each window; cells of the padding do not count (Keras: `AveragePooling1D`).
///
/// Shapes: steps x channels to steps' x channels. Options: see pooling_options.
template <class... Options> struct AveragePooling1D {
    static constexpr std::string_view class_name = "AveragePooling1D";

    template <class In> struct on : average_pooling_stage<In, 1, pooling_options<Options...>> {};
};

/// The largest cell of each window (Keras: `MaxPooling1D`).
///
/// Shapes: steps x channels to steps' x channels. Options: see pooling_options.
template <class... Options> struct MaxPooling1D {
    static constexpr std::string_view class_name = "MaxPooling1D";

    template <class In> struct on : max_pooling_stage<In, 1, pooling_options<Options...>> {};
};

/// The mean of each channel, over the steps that a mask does not leave out (Keras: `GlobalAveragePooling1D`). Where it
/// leaves out all of them, the mean is zero; Keras' is no number then.
///
/// Shapes: steps x channels to channels, or to 1 x channels with the option KeepDims.
template <class... Options> struct GlobalAveragePooling1D {
    static constexpr std::string_view class_name = "GlobalAveragePooling1D";
    static constexpr bool reads_mask = true;

    template <class In, class... Mask>
    struct on : std::conditional_t<sizeof...(Mask) == 0, global_pooling_stage<average_pooling_stage, In, 1, Options...>,
                                   masked_mean_stage<In, Options...>> {};
};

/// The largest cell of each channel (Keras: `GlobalMaxPooling1D`).
///
/// Shapes: steps x channels to channels, or to 1 x channels with the option KeepDims.
template <class... Options> struct GlobalMaxPooling1D {
    static constexpr std::string_view class_name = "GlobalMaxPooling1D";

    template <class In> struct on : global_pooling_stage<max_pooling_stage, In, 1, Options...> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::AveragePooling1D;
using authoring::GlobalAveragePooling1D;
using authoring::GlobalMaxPooling1D;
using authoring::MaxPooling1D;
}  // namespace strata
