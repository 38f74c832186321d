#pragma once

#include "strata/core/random_cells.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What fixes the random numbers of an augmentation, besides the places of its operations: the seed, the epoch, and
/// which samples of the data lie in the lanes of a pack. At least one and at most as many as there are lanes; the
/// others repeat the last one.
struct augmentation_keys {
    std::uint64_t seed = 0;
    std::uint64_t epoch = 0;
    std::span<const std::size_t> samples{};
};

/// Random numbers for the samples of a pack, one in each lane. Each lane has a sequence of its own, which the seed, the
/// epoch, the sample's number in the data and the operation's place in its list fix: the same in any batch, on any
/// thread and however many lanes a register has.
///
/// One block of Philox (core/random.hpp) starts each sequence; it goes on with Marsaglia's xorshift of 128 bits
/// ("Xorshift RNGs", 2003), which takes six operations for a number.
template <class V> class lane_random {
    using T = scalar_t<V>;
    static constexpr std::size_t L = lanes<V>;

public:
    lane_random(const augmentation_keys& keys, std::size_t place) {
        for (std::size_t n = 0; n < L; ++n) {
            const std::uint64_t sample = keys.samples[std::min(n, keys.samples.size() - 1)];
            state_[0][n] = static_cast<std::uint32_t>(sample);
            state_[1][n] = static_cast<std::uint32_t>(sample >> 32);
            state_[2][n] = static_cast<std::uint32_t>(keys.epoch);
            state_[3][n] = static_cast<std::uint32_t>(keys.epoch >> 32);
        }
        // Apart from the keys of random_stream and random_cells.
        const auto key = static_cast<std::uint32_t>(0xC2B2AE35u * (place + 1));
        philox_lanes(state_, static_cast<std::uint32_t>(keys.seed), static_cast<std::uint32_t>(keys.seed >> 32) ^ key);
        for (std::size_t n = 0; n < L; ++n) state_[3][n] |= 1;  // all zeros would stay zeros
    }

    /// 32 random bits in each lane.
    [[gnu::always_inline]] void bits(std::uint32_t (&words)[L]) {
        for (std::size_t n = 0; n < L; ++n) {
            std::uint32_t t = state_[0][n] ^ state_[0][n] << 11;
            t ^= t >> 8;
            const std::uint32_t last = state_[3][n];
            state_[0][n] = state_[1][n];
            state_[1][n] = state_[2][n];
            state_[2][n] = last;
            words[n] = state_[3][n] = last ^ last >> 19 ^ t;
        }
    }

    /// Uniform in [lower, upper), from 24 bits, which a float holds: the same number in every precision.
    V uniform(double lower, double upper) {
        std::uint32_t words[L];
        bits(words);
        V values;
        for (std::size_t n = 0; n < L; ++n)
            as_lanes(&values)[n] = static_cast<T>(static_cast<std::int32_t>(words[n] >> 8)) * T(0x1p-24);
        return multiply_add(values, V(static_cast<T>(upper - lower)), V(static_cast<T>(lower)));
    }

    /// Nearly standard normal: the sum of four random bytes, with a cubic term for its tails. Its quantiles are those
    /// of the normal distribution within 0.03 up to three deviations; none is above 4.1.
    V normal() {
        std::uint32_t words[L];
        bits(words);
        V sum;
        for (std::size_t n = 0; n < L; ++n) {
            const std::uint32_t pairs = (words[n] & 0x00ff00ff) + (words[n] >> 8 & 0x00ff00ff);
            as_lanes(&sum)[n] = static_cast<T>(static_cast<std::int32_t>((pairs & 0xffff) + (pairs >> 16)));
        }
        const V s = (sum - V(T(510))) * V(T(0.0067657963));  // of variance 1: (2^16 - 1) / 12 for each byte
        return s * multiply_add(V(T(0.019171)), s * s, V(T(0.947760)));
    }

    /// Uniform among the integers 0, ..., n - 1, for n up to 65536; with a bias below n / 2^32.
    V below(std::uint32_t n) {
        std::uint32_t words[L];
        bits(words);
        V values;
        for (std::size_t lane = 0; lane < L; ++lane)
            as_lanes(&values)[lane] = static_cast<T>(static_cast<std::int32_t>(std::uint64_t{words[lane]} * n >> 32));
        return values;
    }

private:
    alignas(64) std::uint32_t state_[4][L];
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
