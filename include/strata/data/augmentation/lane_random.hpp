#pragma once

#include "strata/core/random_cells.hpp"
#include "strata/simd/pack.hpp"
#include "strata/simd/words.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
        std::uint32_t start[4][L];
        for (std::size_t n = 0; n < L; ++n) {
            const std::uint64_t sample = keys.samples[std::min(n, keys.samples.size() - 1)];
            start[0][n] = static_cast<std::uint32_t>(sample);
            start[1][n] = static_cast<std::uint32_t>(sample >> 32);
            start[2][n] = static_cast<std::uint32_t>(keys.epoch);
            start[3][n] = static_cast<std::uint32_t>(keys.epoch >> 32);
        }
        // Apart from the keys of random_stream and random_cells.
        const auto key = static_cast<std::uint32_t>(0xC2B2AE35u * (place + 1));
        philox_lanes(start, static_cast<std::uint32_t>(keys.seed), static_cast<std::uint32_t>(keys.seed >> 32) ^ key);
        std::memcpy(state_, start, sizeof(start));
        state_[3] |= 1;  // all zeros would stay zeros
    }

    /// 32 random bits in each lane.
    [[gnu::always_inline]] words<V> bits() {
        words<V> t = state_[0] ^ state_[0] << 11;
        t ^= t >> 8;
        const words<V> last = state_[3];
        state_[0] = state_[1];
        state_[1] = state_[2];
        state_[2] = last;
        return state_[3] = last ^ last >> 19 ^ t;
    }

    /// Uniform in [lower, upper), from 24 bits, which a float holds: the same number in every precision.
    V uniform(double lower, double upper) {
        const V share = from_words<V>(bits() >> 8) * V(T(0x1p-24));
        return multiply_add(share, V(static_cast<T>(upper - lower)), V(static_cast<T>(lower)));
    }

    /// Nearly standard normal: the sum of four random bytes, with a cubic term for its tails. Its quantiles are those
    /// of the normal distribution within 0.03 up to three deviations; none is above 4.1.
    [[gnu::always_inline]] V normal() {
        const words<V> drawn = bits(), pairs = (drawn & 0x00ff00ff) + (drawn >> 8 & 0x00ff00ff);
        const V sum = from_words<V>((pairs & 0xffff) + (pairs >> 16));
        const V s = (sum - V(T(510))) * V(T(0.0067657963));  // of variance 1: (2^16 - 1) / 12 for each byte
        return s * multiply_add(V(T(0.019171)), s * s, V(T(0.947760)));
    }

    /// Uniform among the integers 0, ..., n - 1, for n up to 65536; their probabilities differ by 2^-16 at most.
    V below(std::uint32_t n) { return from_words<V>((bits() >> 16) * n >> 16); }

private:
    words<V> state_[4];
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
