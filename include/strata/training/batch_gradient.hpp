#pragma once

#include "strata/simd/memory.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/gradient_shards.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The gradient of a batch, on its way from the packs to the update: shards, and for joint gradients
/// (has_joint_gradient) what the packs keep of their operands. Either way the sums have a fixed order.
template <class Network, class V> class batch_gradient {
    using T = scalar_t<V>;
    static constexpr std::size_t arena_size = round_up(Network::parameter_count, lanes<V>);
    static constexpr std::size_t operand_cells = Network::template operand_offsets<V>[Network::depth];

    /// Batches of more packs have no joint gradients: what they keep would fill the caches.
    static constexpr std::size_t most_packs = gradient_shards<V>::max_shards;

public:
    /// For batches of at most `packs` packs.
    explicit batch_gradient(std::size_t packs)
        : joint_(operand_cells > 0 && packs <= most_packs),
          shards_(packs, arena_size, values_in_shards()),
          operands_(joint_ ? packs * operand_cells : 0) {}

    /// The largest number of shards.
    std::size_t shards() const { return shards_.capacity(); }

    /// The arena that the packs of a shard add to, all zero but for joint gradients.
    T* cleared(std::size_t shard) {
        for_each_range([&](std::size_t begin, std::size_t end) { shards_.clear(shard, begin, end); });
        return shards_.arena(shard);
    }

    /// Where a pack keeps the operands of its joint gradients; null where they are added to its shard.
    V* operands(std::size_t pack) { return joint_ ? operands_.data() + pack * operand_cells : nullptr; }

    /// Sums up one thread's part of the gradient, piece by piece, and calls update(begin, end, gradients) for each
    /// piece, the parameters begin, ..., end - 1. A thread's pieces of a joint gradient all lie in the same place,
    /// which stays in its cache, at the start of its share of the first shard's arena. `scratch` is the thread's own,
    /// joint_scratch<V> cells of the network.
    template <class Update>
    void for_share(const team& all, std::size_t thread, std::size_t shards, std::size_t packs, V* scratch,
                   Update&& update) {
        T* const sum = shards_.arena(0);
        for_each_range([&](std::size_t begin, std::size_t end) {
            const auto mine = all.share(thread, end - begin, alignment / sizeof(T));
            for (std::size_t k = mine.begin; k < mine.end; k += values_at_a_time) {
                const std::size_t first = begin + k, last = begin + std::min(k + values_at_a_time, mine.end);
                shards_.add_up(shards, first, last);
                update(first, last, sum + first);
            }
        });
        if (!joint_) return;
        Network::template for_each_joint_gradient<V>(
            [&]<class Gradient>(Gradient, std::size_t offset, std::size_t operand_offset) {
                constexpr std::size_t size = Gradient::weights_of_block, part = Gradient::count / Gradient::parts;
                const auto mine = all.share(thread, Gradient::blocks);
                for (std::size_t block = mine.begin; block < mine.end; block += Gradient::blocks_at_once) {
                    const std::size_t after = std::min(block + Gradient::blocks_at_once, mine.end);
                    const std::size_t first = block * size, last = std::min(after * size, part);
                    T* const piece = sum + offset + mine.begin * size * Gradient::parts;
                    Gradient::compute(operands_.data() + operand_offset, operand_cells, packs, block, after, piece,
                                      scratch);
                    for (std::size_t p = 0; p < Gradient::parts; ++p)
                        update(offset + p * part + first, offset + p * part + last, piece + p * (last - first));
                }
            });
    }

private:
    /// Calls f(begin, end) for the ranges of parameters whose gradients are in the shards.
    template <class F> void for_each_range(F&& f) const {
        std::size_t begin = 0;
        if (joint_) {
            Network::template for_each_joint_gradient<V>(
                [&]<class Gradient>(Gradient, std::size_t offset, std::size_t) {
                    if (begin < offset) f(begin, offset);
                    begin = offset + Gradient::count;
                });
        }
        if (begin < Network::parameter_count) f(begin, Network::parameter_count);
    }

    std::size_t values_in_shards() const {
        std::size_t sum = 0;
        for_each_range([&](std::size_t begin, std::size_t end) { sum += end - begin; });
        return sum;
    }

    bool joint_;
    gradient_shards<V> shards_;
    aligned_vector<V> operands_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
