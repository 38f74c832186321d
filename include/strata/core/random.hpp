#pragma once

#include "strata/config.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Philox 4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as
/// 1, 2, 3" (SC 2011): four random words for each 128-bit counter and 64-bit key, without any state.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
        const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

/// A sequence of random numbers that is fixed by (seed, stream): the same on every compiler and machine. Give each use
/// (a parameter, an epoch's shuffle) a stream of its own; then no use changes what another one draws.
class random_stream {
public:
    random_stream(std::uint64_t seed, std::uint64_t stream)
        : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}, stream_{stream} {}

    /// 64 random bits.
    std::uint64_t bits() {
        if (!half_used_) {
            words_ = philox({static_cast<std::uint32_t>(position_), static_cast<std::uint32_t>(position_ >> 32),
                             static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)},
                            key_);
            ++position_;
        }
        const std::size_t at = half_used_ ? 2 : 0;
        half_used_ = !half_used_;
        return std::uint64_t{words_[at + 1]} << 32 | words_[at];
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

    /// Uniform in [-limit, limit).
    double symmetric(double limit) { return (2 * uniform() - 1) * limit; }

    /// Standard normal, by Box and Muller's transform.
    double normal() {
        const double u = 1 - uniform();  // in (0, 1]: its logarithm is finite
        return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * uniform());
    }

    /// Uniform in 0, ..., n - 1, without bias (Lemire, "Fast Random Integer Generation in an Interval", 2019); n <
    /// 2^32.
    std::uint32_t below(std::uint32_t n) {
        for (;;) {
            const std::uint64_t product = (bits() >> 32) * n;
            if (static_cast<std::uint32_t>(product) >= (0u - n) % n) return static_cast<std::uint32_t>(product >> 32);
        }
    }

private:
    std::array<std::uint32_t, 2> key_;
    std::uint64_t stream_;
    std::uint64_t position_ = 0;
    std::array<std::uint32_t, 4> words_{};
    bool half_used_ = false;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::random_stream;
}  // namespace strata
