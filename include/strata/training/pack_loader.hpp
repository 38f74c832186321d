#pragma once

#include "strata/core/samples.hpp"
#include "strata/simd/memory.hpp"
#include "strata/training/batch_values.hpp"
#include "strata/training/pack_augmentation.hpp"
#include "strata/training/pack_samples.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Lays the samples of a batch into the cells of its packs, changed by an augmentation if there is one.
template <class Network, class V> class pack_loader {
    using T = scalar_t<V>;
    using numbers = std::array<std::size_t, lanes<V>>;

public:
    /// For at most so many threads, and packs in so many workspaces.
    pack_loader(std::size_t threads, std::size_t workspaces)
        : scratch_(threads), others_(threads), mixed_(workspaces) {}

    void augment(const pack_augmentation<V>& augmentation) { augmentation_ = augmentation; }

    /// Those of a batch's numbers that belong to its pack p.
    static numbers of_pack(std::span<const std::uint32_t> all, std::size_t p, std::size_t count) {
        numbers some;
        std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(p * lanes<V>), count, some.begin());
        return some;
    }

    /// Pack p of a batch, which has so many samples.
    void load(const batch_values<T>& batch, std::size_t p, std::size_t count, std::size_t thread, std::size_t workspace,
              V* cells) {
        const numbers rows = of_pack(batch.rows, p, count);
        if (!augmentation_) {
            load_samples(batch.data->x, Network::input::size, {rows.data(), count}, batch.scale_of_input, cells);
            return;
        }
        // An augmentation sees bytes in [0, 1], also where the network takes them as they are.
        const T scale = batch.data->x.holds_bytes() ? static_cast<T>(1.0 / 255) : batch.scale_of_input;
        const auto load_changed = [&](const numbers& at, const numbers& samples, V* to) {
            const augmentation_keys keys{batch.random.seed, batch.epoch, {samples.data(), count}};
            load_samples(batch.data->x, Network::input::size, {at.data(), count}, scale, to);
            augmentation_.apply(to, scratch_[thread], keys);
            return keys;
        };
        const numbers samples = of_pack(batch.samples, p, count);
        const augmentation_keys keys = load_changed(rows, samples, cells);
        if (augmentation_.mixes()) {
            mixed_samples<V>& mixed = mixed_[workspace];
            numbers other_samples = augmentation_.draw_others(keys, batch.rows.size());
            for (std::size_t n = 0; n < count; ++n) {
                mixed.rows[n] = batch.rows[other_samples[n]];
                other_samples[n] = batch.samples[other_samples[n]];
            }
            others_[thread].resize(Network::input::size);
            load_changed(mixed.rows, other_samples, others_[thread].data());
            mixed.own = augmentation_.mix(cells, others_[thread].data(), scratch_[thread], keys);
        }
        if constexpr (Network::template raw_input<V>) {
            if (scale != batch.scale_of_input)
                for (std::size_t i = 0; i < Network::input::size; ++i) cells[i] = cells[i] * V(T(255));
        }
    }

    /// What was mixed into the samples of the pack in a workspace; null where nothing was.
    const mixed_samples<V>* mixed(std::size_t workspace) const {
        return augmentation_.mixes() ? &mixed_[workspace] : nullptr;
    }

private:
    pack_augmentation<V> augmentation_;
    std::vector<aligned_vector<V>> scratch_, others_;  // of each thread
    aligned_vector<mixed_samples<V>> mixed_;           // of each workspace
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
