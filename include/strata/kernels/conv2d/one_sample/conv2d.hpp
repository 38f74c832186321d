#pragma once

#include "strata/core/context.hpp"
#include "strata/kernels/conv2d/one_sample/over_columns.hpp"
#include "strata/kernels/conv2d/one_sample/over_filters.hpp"
#include "strata/kernels/conv2d/one_sample/padding.hpp"
#include "strata/kernels/one_sample/activation.hpp"

#include <cstddef>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// Whether the lanes of a convolution run over columns. The rule: over filters, unless columns are neighbours in memory
/// and fill their vectors better.
constexpr bool lanes_over_columns(const conv2d_geometry& g, std::size_t lane_count) {
    const auto cells = [&](std::size_t n) { return (n + lane_count - 1) / lane_count * lane_count; };
    return g.strides.columns == 1 &&
           g.output.columns * cells(g.group_filters()) > g.group_filters() * cells(g.output.columns);
}

/// Convolution (cross-correlation, as in Keras) of one sample: y = activation(x * w + bias).
template <conv2d_geometry G, class Activation, bool Bias, class V> class conv2d {
    static constexpr bool over_columns = lanes_over_columns(G, lanes<V>);
    static constexpr extent2d padded = padded_extents(G);

public:
    using T = scalar_t<V>;
    static constexpr std::size_t scratch =
        over_columns || padded != G.input ? padded.rows * padded.columns * G.channels : 0;

    static constexpr bool reads_channels_first = true;
    static constexpr data_format output_format(data_format) {
        return over_columns ? data_format::channels_first : data_format::channels_last;
    }

    /// p points to the weights and the bias behind them.
    template <data_format Format> static void run(forward_context<T> c) {
        const T *x = c.x, *const p = c.parameters;
        T *const y = c.y, *const copy = c.scratch;
        constexpr data_format read = over_columns ? data_format::channels_first : Format;
        if constexpr (padded != G.input || (read != Format && G.channels > 1)) {
            copy_padded<G, Format, read>(x, copy);
            x = copy;
        }
        if constexpr (over_columns)
            conv2d_columns<G, Bias, V>::run(x, p, p + G.weight_count(), y);
        else
            conv2d_filters<G, read, Bias, V>::run(x, p, p + G.weight_count(), y);
        if constexpr (!std::is_same_v<Activation, linear>)
            apply<Activation, V>(y, G.output.rows * G.output.columns * G.filters, y);
    }
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
