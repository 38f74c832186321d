#pragma once

#include "strata/core/context.hpp"
#include "strata/core/data_format.hpp"
#include "strata/kernels/one_sample/activation.hpp"
#include "strata/kernels/one_sample/vectors.hpp"
#include "strata/kernels/tile.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// Fully connected: y = activation(x w + bias) for rows of inputs. The lanes run over units.
///
/// Each weight is read once and used once, so the weights' way from the cache is the bound: they are read in the order
/// in which they lie. Where the units are few vectors, neighbouring inputs have sums of their own, so that no
/// multiply-add waits for the one before.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, class Activation, bool Bias, class V> class dense {
public:
    using T = scalar_t<V>;
    static constexpr std::size_t scratch = 0;
    static constexpr bool reads_channels_first = false;
    static constexpr data_format output_format(data_format) { return data_format::channels_last; }

    template <data_format> static void run(forward_context<T> c) { run(c.x, c.parameters, c.y); }

    /// w: the weights, then the bias.
    static void run(const T* x, const T* w, T* y) {
        for (std::size_t row = 0; row < Rows; ++row) {
            for_each_block<vectors::count, block>([&](auto count, std::size_t first) {
                add_block<count>(first, x + row * Inputs, w, w + Inputs * Units, y + row * Units);
            });
        }
        if constexpr (!std::is_same_v<Activation, linear>) apply<Activation, V>(y, Rows * Units, y);
    }

private:
    using vectors = vectors_over<Units, V>;
    static constexpr std::size_t block = std::min(vectors::count, vector_registers / 2);

    template <std::size_t Count>
    static void add_block(std::size_t first, const T* x, const T* w, [[maybe_unused]] const T* bias, T* y) {
        constexpr std::size_t chains = std::min((fma_in_flight + Count - 1) / Count, Inputs);
        std::size_t start[Count];
        V sum[chains][Count];
#pragma GCC unroll 32
        for (std::size_t v = 0; v < Count; ++v) {
            start[v] = vectors::start(first + v);
#pragma GCC unroll 32
            for (std::size_t i = 0; i < chains; ++i) sum[i][v] = V(T(0));
            if constexpr (Bias) sum[0][v] = load<V>(bias + start[v]);
        }
        for_each_block<Inputs, chains>([&](auto block_inputs, std::size_t input) {
            constexpr std::size_t inputs = block_inputs;
#pragma GCC unroll 32
            for (std::size_t i = 0; i < inputs; ++i) {
                const V in(x[input + i]);
                const T* weights = w + (input + i) * Units;
#pragma GCC unroll 32
                for (std::size_t v = 0; v < Count; ++v) {
                    sum[i][v] = multiply_add(in, load<V>(weights + start[v]), sum[i][v]);
                }
            }
        });
#pragma GCC unroll 32
        for (std::size_t v = 0; v < Count; ++v) {
#pragma GCC unroll 32
            for (std::size_t i = 1; i < chains; ++i) sum[0][v] = sum[0][v] + sum[i][v];
            vectors::store(sum[0][v], y + start[v]);
        }
    }
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
