#pragma once

#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The gradient of a batch in parts that can be computed at the same time. How a batch is cut depends on the number of
/// its packs and the size of the network alone, and the parts are added in a fixed order: any number of threads gives
/// the same bits.
template <class V> class gradient_shards {
    using T = scalar_t<V>;

public:
    static constexpr std::size_t max_shards = 64;

    /// How many shards a batch of `packs` packs is cut into, of an arena of which `used` values are: one for each pack
    /// up to 16 and as far as an L2 holds all of them, then one for every two packs, since a shard has to be
    /// cleared and added. No more than fit into 32 MiB, but 16 for large networks, too.
    static constexpr std::size_t shards_of(std::size_t packs, std::size_t arena_size, std::size_t used) {
        constexpr std::size_t fewest = 16, bytes = std::size_t{32} << 20;
        const std::size_t fitting = std::clamp(bytes / (arena_size * sizeof(T) + 1), fewest, max_shards);
        const std::size_t cached = std::min(packs, l2_size / (used * sizeof(T) + 1));
        return std::min({packs, std::max({fewest, cached, packs / 2}), fitting});
    }

    /// For batches of at most `packs` packs. Nothing is written: ranges that are never cleared, those of joint
    /// gradients, take no memory but where their sums pass through.
    gradient_shards(std::size_t packs, std::size_t arena_size, std::size_t used)
        : shards_(shards_of(packs, arena_size, used)) {
        for (auto& shard : shards_) shard = unwritten_vector<T>(arena_size);
    }

    std::size_t capacity() const { return shards_.size(); }

    /// The arena of a shard.
    T* arena(std::size_t shard) { return shards_[shard].data(); }

    /// Sets the values begin, ..., end - 1 of a shard to zero.
    void clear(std::size_t shard, std::size_t begin, std::size_t end) {
        std::fill(arena(shard) + begin, arena(shard) + end, T(0));
    }

    /// Adds the values begin, ..., end - 1 of the other ones of the first `count` shards to those of the first.
    STRATA_OUT_OF_LINE void add_up(std::size_t count, std::size_t begin, std::size_t end) {
        T* const sum = arena(0);
        for (std::size_t k = begin; k < end; k += lanes<V>) {
            const std::size_t rest = end - k;
            if (rest >= lanes<V>) {
                V total = load<V>(sum + k);
                for (std::size_t s = 1; s < count; ++s) total = total + load<V>(shards_[s].data() + k);
                store<V>(total, sum + k);
            } else {
                for (std::size_t s = 1; s < count; ++s) {
                    for (std::size_t i = k; i < end; ++i) sum[i] += shards_[s][i];
                }
            }
        }
    }

private:
    std::vector<unwritten_vector<T>> shards_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
