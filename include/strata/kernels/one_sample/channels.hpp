#pragma once

#include "strata/core/context.hpp"
#include "strata/core/data_format.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// y = x factor + shift with one factor and one shift for each channel, for a stage that has them by
/// `Stage::scale_and_shift(c, factors, shifts)`. The lanes run over channels.
template <class Stage, std::size_t Pixels, std::size_t Channels, class V> struct scaled_channels {
    using T = scalar_t<V>;
    static constexpr std::size_t padded = round_up(Channels, lanes<V>);
    static constexpr std::size_t scratch = 2 * padded;
    static constexpr bool reads_channels_first = false;
    static constexpr data_format output_format(data_format) { return data_format::channels_last; }

    template <data_format> static void run(forward_context<T> c) {
        T *const factors = c.scratch, *const shifts = factors + padded;
        Stage::scale_and_shift(c, factors, shifts);
        // What a pixel writes beyond its channels, the next one writes again.
        for (std::size_t i = 0; i < Pixels * Channels; i += Channels) {
            for (std::size_t k = 0; k < Channels; k += lanes<V>) {
                store<V>(multiply_add(load<V>(c.x + i + k), load<V>(factors + k), load<V>(shifts + k)), c.y + i + k);
            }
        }
    }
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
