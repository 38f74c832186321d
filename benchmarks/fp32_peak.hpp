#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <strata/kernels/tile.hpp>
#include <strata/simd/pack.hpp>

/// What one core can do at most: floating-point operations a second, in billions, of fused multiply-adds in registers.
///
/// As many independent chains as half of the registers, which is enough to hide the latency of a multiply-add; nothing
/// is read from memory. The best of several runs, since whatever else the machine does only makes one slower.
inline double fp32_peak_gflops() {
    using V = strata::authoring::pack<float>;
    constexpr std::size_t chains = strata::authoring::vector_registers / 2, steps = 200'000;
    volatile float almost_one = 0.999f;  // volatile: the compiler must not know the values
    const V factor(almost_one);
    double best = 0;
    for (int run = 0; run < 50; ++run) {
        V sum[chains];
        for (std::size_t i = 0; i < chains; ++i) sum[i] = V(0.1f * static_cast<float>(i));
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t step = 0; step < steps; ++step) {
            strata::authoring::kernels::unroll<chains>(
                [&](auto i) { sum[i] = strata::authoring::multiply_add(sum[i], factor, factor); });
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        for (std::size_t i = 1; i < chains; ++i) sum[0] = sum[0] + sum[i];
        almost_one = 0.999f + 0 * strata::authoring::sum_lanes(sum[0]);  // a use of the result: the loop stays
        best = std::max(best, 2e-9 * double(chains * steps * strata::authoring::lanes<V>) / seconds.count());
    }
    return best;
}
