#pragma once

#include "strata/config.hpp"

#include <cstddef>

/// What kernels assume of the machine: all sizes, counts and latencies that they choose their forms by.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Vector registers of the instruction set that this translation unit is compiled for; sets the size of register tiles.
#if defined(__AVX512F__) || defined(__aarch64__)
inline constexpr std::size_t vector_registers = 32;
#else
inline constexpr std::size_t vector_registers = 16;
#endif

/// True if the core issues FMAs faster than its caches feed them: cores that do two of 512 bits a cycle (Intel's
/// servers, Zen 5). A Zen 4 does one, and with shorter registers the caches keep up. Any AVX-512 counts as two a cycle
/// unless the compiler was told of a Zen 4 (-march=native, -march=znver4).
#if defined(__AVX512F__) && !defined(STRATA_IS_ZEN4)
inline constexpr bool outruns_caches = true;
#else
inline constexpr bool outruns_caches = false;
#endif

/// FMAs in flight that hide the latency of one: two a cycle, four cycles each.
inline constexpr std::size_t fma_in_flight = 8;

/// Half of an L1 data cache, in bytes: what a block of operands may take while all others are streamed.
inline constexpr std::size_t half_l1 = 16 * 1024;

/// Lines of an L1 that lie `l1_period` bytes apart compete for the same set; so many of them it keeps besides what is
/// streamed.
inline constexpr std::size_t l1_ways = 6, l1_period = 4096;

/// What the L2 of a core holds, in bytes: today's have 1 to 2 MiB.
inline constexpr std::size_t l2_size = std::size_t{1} << 20;

/// How many values of an arena a thread takes at a time so that an L2 holds them with all that belongs to them.
inline constexpr std::size_t values_at_a_time = 16384;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
