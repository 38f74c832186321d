#pragma once

#include "strata/core/random.hpp"
#include "strata/simd/pack.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Ten rounds of Philox, as philox() in core/random.hpp, on a counter in each lane: counters become random words.
template <std::size_t Lanes>
void philox_lanes(std::uint32_t (&words)[4][Lanes], std::uint32_t key0, std::uint32_t key1) {
    for (int round = 0; round < 10; ++round) {
        for (std::size_t n = 0; n < Lanes; ++n) {
            const std::uint64_t a = std::uint64_t{0xD2511F53} * words[0][n];
            const std::uint64_t b = std::uint64_t{0xCD9E8D57} * words[2][n];
            words[0][n] = static_cast<std::uint32_t>(b >> 32) ^ words[1][n] ^ key0;
            words[1][n] = static_cast<std::uint32_t>(b);
            words[2][n] = static_cast<std::uint32_t>(a >> 32) ^ words[3][n] ^ key1;
            words[3][n] = static_cast<std::uint32_t>(a);
        }
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
}

/// Random numbers for the cells of a pack, fixed by the seed, the step of training, the layer, the sample's place in
/// its batch, and the cell: whichever thread asks, in whatever order, however many lanes a register has.
struct random_cells {
    std::uint64_t seed = 0;
    std::uint64_t step = 0;
    std::uint32_t first_sample = 0;  ///< the place in the batch of the sample in lane 0
    std::uint32_t layer = 0;         ///< the number of the layer in its network
    std::uint32_t repetition = 0;    ///< which use of the layer, where it is used several times in a pass

    /// The numbers for the use t = 0, 1, ... of what has these. Where nothing is repeated yet, those of t = 0 are these
    /// themselves. The factor, 2^32 over the golden ratio, keeps the uses apart where what is repeated repeats, too.
    random_cells repeated(std::size_t t) const {
        random_cells result = *this;
        result.repetition = (repetition + static_cast<std::uint32_t>(t)) * 0x9E3779B1;
        return result;
    }

    /// 32 random bits for each of four cells of each lane: words[j][n] belongs to cell 4 block + j of the sample in
    /// lane n.
    template <std::size_t Lanes> void draw(std::uint32_t block, std::uint32_t (&words)[4][Lanes]) const {
        // No stream of random_stream has this key: those have the seed itself.
        const auto key0 = static_cast<std::uint32_t>(seed);
        const auto key1 = static_cast<std::uint32_t>(seed >> 32) ^ (0x85EBCA6Bu * (layer + 1));
        for (std::size_t n = 0; n < Lanes; ++n) {
            words[0][n] = block;
            words[1][n] = first_sample + static_cast<std::uint32_t>(n);
            words[2][n] = static_cast<std::uint32_t>(step);
            words[3][n] = static_cast<std::uint32_t>(step >> 32) ^ repetition;
        }
        philox_lanes(words, key0, key1);
    }

    /// Uniform in (0, 1), in each lane, for four cells: odd multiples of 2^-24, which a float holds.
    template <class V> std::array<V, 4> uniform(std::uint32_t block) const {
        using T = scalar_t<V>;
        std::uint32_t words[4][lanes<V>];
        draw(block, words);
        std::array<V, 4> values;
        for (std::size_t j = 0; j < 4; ++j) {
            for (std::size_t n = 0; n < lanes<V>; ++n)
                as_lanes(&values[j])[n] = static_cast<T>(words[j][n] >> 9 << 1 | 1) * T(0x1p-24);
        }
        return values;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
