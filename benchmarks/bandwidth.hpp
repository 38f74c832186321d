#pragma once

#include "measure.hpp"

#include <algorithm>
#include <cstddef>
#include <strata/kernels/tile.hpp>
#include <strata/simd/memory.hpp>
#include <strata/simd/pack.hpp>

/// What one core moves at most, in billions of bytes a second.
struct bandwidth {
    double read;
    double update;  // reads and writes back in place; both ways are counted
};

/// Measured over `bytes` of memory, again and again, so that it comes from the smallest cache that holds as much. The
/// best of several runs, since whatever else the machine does only makes one slower.
inline bandwidth measured_bandwidth(std::size_t bytes) {
    using V = strata::authoring::pack<float>;
    constexpr std::size_t streams = 8;  // sums that do not wait for each other
    constexpr std::size_t bytes_of_a_run = 128 << 20;
    const std::size_t count = std::max<std::size_t>(bytes / sizeof(V) / streams, 1) * streams;
    const std::size_t rounds = std::max<std::size_t>(bytes_of_a_run / (count * sizeof(V)), 1);
    strata::authoring::aligned_vector<V> memory(count, V(1.f));
    V* const cells = memory.data();
    // Without this the compiler would do many rounds on one cell at a time.
    const auto between_rounds = [&] { asm volatile("" : : "r"(cells) : "memory"); };

    const auto read = [&] {
        V sum[streams];
        for (V& s : sum) s = V(0.f);
        for (std::size_t round = 0; round < rounds; ++round, between_rounds()) {
            for (std::size_t i = 0; i < count; i += streams) {
                strata::authoring::kernels::unroll<streams>([&](auto s) { sum[s] = sum[s] + cells[i + s]; });
            }
        }
        for (const V& s : sum) cells[0] = cells[0] + s * V(0.f);  // a use of the sums: the loop stays
    };
    const auto update = [&] {
        for (std::size_t round = 0; round < rounds; ++round, between_rounds()) {
            for (std::size_t i = 0; i < count; ++i) cells[i] = cells[i] + V(1.f);
        }
    };
    const double gigabytes = 1e-9 * static_cast<double>(rounds * count * sizeof(V));
    bandwidth best{};
    for (int run = 0; run < 10; ++run) {
        best.read = std::max(best.read, gigabytes / measure::processor_seconds_of(read));
        best.update = std::max(best.update, 2 * gigabytes / measure::processor_seconds_of(update));
    }
    return best;
}
