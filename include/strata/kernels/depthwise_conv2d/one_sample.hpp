#pragma once

#include "strata/core/context.hpp"
#include "strata/core/data_format.hpp"
#include "strata/kernels/conv2d/geometry.hpp"
#include "strata/kernels/one_sample/activation.hpp"
#include "strata/kernels/one_sample/vectors.hpp"

#include <cstddef>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// Depthwise convolution of one sample, one filter for each channel: y = activation(x * w + bias). The lanes run over
/// channels, which lie last.
template <conv2d_geometry G, class Activation, bool Bias, class V> class depthwise_conv2d {
    static_assert(G.filters == G.channels);

public:
    using T = scalar_t<V>;
    static constexpr std::size_t scratch = 0;
    static constexpr bool reads_channels_first = false;
    static constexpr data_format output_format(data_format) { return data_format::channels_last; }

    template <data_format> static void run(forward_context<T> c) {
        const T *const x = c.x, *const w = c.parameters;
        T* const y = c.y;
        for (std::size_t row = 0; row < G.output.rows; ++row) {
            const auto rows = taps_of_row(G, row);
            for (std::size_t column = 0; column < G.output.columns; ++column) {
                const auto columns = taps_of_output(column * G.strides.columns, G.kernel.columns, G.dilation.columns,
                                                    G.before.columns, G.input.columns);
                for (std::size_t v = 0; v < vectors::count; ++v) {
                    const std::size_t channel = vectors::start(v);
                    V sum(T(0));
                    if constexpr (Bias) sum = load<V>(w + G.weight_count() + channel);
                    for (std::size_t i = rows.begin; i < rows.end; ++i) {
                        for (std::size_t k = columns.begin; k < columns.end; ++k) {
                            const std::size_t from =
                                column * G.strides.columns + k * G.dilation.columns - G.before.columns;
                            sum = multiply_add(load<V>(w + G.weight(i, k, 0, channel)),
                                               load<V>(x + G.input_cell(G.input_row(row, i), from, channel)), sum);
                        }
                    }
                    vectors::store(sum, y + G.output_cell(row, column, channel));
                }
            }
        }
        if constexpr (!std::is_same_v<Activation, linear>)
            apply<Activation, V>(y, G.output.rows * G.output.columns * G.filters, y);
    }

private:
    using vectors = vectors_over<G.channels, V>;
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
