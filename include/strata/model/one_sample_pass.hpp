#pragma once

#include "strata/core/data_format.hpp"
#include "strata/core/stage.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace strata {
inline namespace STRATA_ISA {

/// The prediction of a single sample, in which the lanes of V run over its cells. Each stage reads one buffer and
/// writes the other; in which format is settled while compiling.
template <class Network, class V> class one_sample_pass {
    using T = scalar_t<V>;
    template <std::size_t I> using stage = typename Network::template stage<I>;
    template <std::size_t I> using shape_at = typename Network::template shape_at<I>;

    template <std::size_t I> static constexpr bool reads(data_format format) {
        if (format == data_format::channels_last || one_data_format<shape_at<I>>) return true;
        if constexpr (has_one_sample_form<stage<I>, V>)
            return stage<I>::template one_sample<V>::reads_channels_first;
        else
            return false;
    }

    template <std::size_t I> static constexpr data_format output_format(data_format input) {
        if constexpr (has_one_sample_form<stage<I>, V>)
            return stage<I>::template one_sample<V>::output_format(reads<I>(input) ? input
                                                                                   : data_format::channels_last);
        else
            return data_format::channels_last;
    }

    template <std::size_t I> static constexpr std::size_t scratch_of() {
        if constexpr (has_one_sample_form<stage<I>, V>)
            return stage<I>::template one_sample<V>::scratch;
        else
            return scratch_cells<stage<I>, T>;
    }

    using every_stage = std::make_index_sequence<Network::depth>;

    static constexpr std::size_t scratch = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::max({std::size_t{0}, scratch_of<I>()...});
    }(every_stage{});

    static constexpr std::size_t aligned(std::size_t values) { return round_up(values, alignment / sizeof(T)); }

    /// Stages may read two vectors beyond an activation.
    static constexpr std::size_t buffer = aligned(Network::widest + 2 * lanes<V>);

public:
    /// The format of each activation; activation I is the input of stage I.
    static constexpr auto formats = []<std::size_t... I>(std::index_sequence<I...>) {
        std::array<data_format, Network::depth + 1> table{};
        ((table[I + 1] = output_format<I>(table[I])), ...);
        return table;
    }(every_stage{});

    /// Values of a workspace.
    static constexpr std::size_t cells = 2 * buffer + scratch + 2 * lanes<V>;

    /// Runs all stages; the input lies at the start of a workspace, the output is returned.
    static const T* run(T* workspace, const T* parameters) {
        T* x = workspace;
        T* y = workspace + buffer;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (run_stage<I>(x, y, parameters, workspace + 2 * buffer), ...);
        }(every_stage{});
        if constexpr (!one_data_format<typename Network::output>) last_channels_of<Network::depth>(x, y);
        return x;
    }

private:
    /// Exchanges x and y where y has been written.
    template <std::size_t I> static void run_stage(T*& x, T*& y, const T* parameters, T* free) {
        if constexpr (!reads<I>(formats[I])) last_channels_of<I>(x, y);
        if constexpr (!moves_nothing<stage<I>>) {
            const T* p = parameters + Network::template parameter_offset<I>;
            if constexpr (has_one_sample_form<stage<I>, V>) {
                constexpr data_format format = reads<I>(formats[I]) ? formats[I] : data_format::channels_last;
                stage<I>::template one_sample<V>::template run<format>(x, p, y, free);
            } else {
                run_forward<stage<I>, T>(x, p, y, free);
            }
            std::swap(x, y);
        }
    }

    template <std::size_t I> static void last_channels_of(T*& x, T*& y) {
        if constexpr (formats[I] == data_format::channels_first) {
            channels_to_last<shape_at<I>>(x, y);
            std::swap(x, y);
        }
    }
};

}  // namespace STRATA_ISA
}  // namespace strata
