#pragma once

#include "strata/core/memory.hpp"
#include "strata/core/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace strata::inline STRATA_ISA {

/// The gradient of a batch in parts that can be computed at the same time. How a batch is cut depends on the number of
/// its packs and the size of the network alone, and the parts are added in a fixed order: any number of threads gives
/// the same bits.
template <class V> class gradient_shards {
    using T = scalar_t<V>;

public:
    static constexpr std::size_t max_shards = 64;

    /// How many shards a batch of `packs` packs is cut into: one for each pack up to 16, then one for every two packs,
    /// since a shard has to be cleared and added. No more than fit into 32 MiB, the last cache of a few cores, but 16
    /// for large networks, too.
    static constexpr std::size_t shards_of(std::size_t packs, std::size_t arena_size) {
        constexpr std::size_t fewest = 16, bytes = std::size_t{32} << 20;
        const std::size_t fitting = std::clamp(bytes / (arena_size * sizeof(T) + 1), fewest, max_shards);
        return std::min({packs, std::max(fewest, packs / 2), fitting});
    }

    /// For batches of at most `packs` packs.
    gradient_shards(std::size_t packs, std::size_t arena_size)
        : shards_(shards_of(packs, arena_size), aligned_vector<T>(arena_size)) {}

    std::size_t capacity() const { return shards_.size(); }

    /// The arena of a shard, all zero.
    T* cleared(std::size_t shard) {
        std::fill(shards_[shard].begin(), shards_[shard].end(), T(0));
        return shards_[shard].data();
    }

    /// The sum of the first `count` shards for the parameters from k on.
    V sum(std::size_t count, std::size_t k) const {
        V total = load<V>(shards_[0].data() + k);
        for (std::size_t s = 1; s < count; ++s) total = total + load<V>(shards_[s].data() + k);
        return total;
    }

private:
    std::vector<aligned_vector<T>> shards_;
};

}  // namespace strata::inline STRATA_ISA
