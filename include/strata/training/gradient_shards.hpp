#pragma once

#include "strata/core/memory.hpp"
#include "strata/core/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace strata {

/// The gradient of a batch in parts that can be computed at the same time. How a batch is cut depends on the number of
/// its packs alone, and the parts are added in a fixed order: any number of threads gives the same bits.
template <class V> class gradient_shards {
    using T = scalar_t<V>;

public:
    static constexpr std::size_t max_shards = 16;

    /// For batches of at most `packs` packs.
    gradient_shards(std::size_t packs, std::size_t arena_size)
        : shards_(std::min(packs, max_shards), aligned_vector<T>(arena_size)) {}

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

}  // namespace strata
