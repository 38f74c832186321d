#pragma once

#include "strata/model/coupled_pass.hpp"
#include "strata/model/network_pass.hpp"
#include "strata/simd/memory.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/batch_gradient.hpp"
#include "strata/training/batch_values.hpp"
#include "strata/training/pack_augmentation.hpp"
#include "strata/training/pack_loader.hpp"
#include "strata/training/pack_losses.hpp"
#include "strata/training/weight_penalties.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A batch on its way through a network and a loss, and back, on all threads of a team. Each thread takes some shards
/// of the batch, and packs of samples of each. A network whose steps have to see the whole batch keeps a workspace for
/// each pack, any other one for each thread. With AllGradients, for `gradients`, the gradient with respect to the
/// inputs is computed, too, and a batch may run as in inference; then no step sees the whole batch.
template <class Network, class Loss, class Metrics, class V, bool AllGradients = false> class batch_pass {
    using T = scalar_t<V>;
    using losses = pack_losses<Network, Loss, Metrics, V>;
    using pass = network_pass<Network, V, AllGradients>;
    static constexpr std::size_t steps = losses::steps;
    static constexpr bool is_coupled = Network::template coupled_count<V> > 0;
    static constexpr bool is_regularized = has_regularizers<Network>;

public:
    using sums = typename losses::sums;

    /// For batches of at most so many samples, and at most so many threads.
    batch_pass(std::size_t batch_size, std::size_t most_threads, bool training = true)
        : gradient_(packs_for<V>(batch_size)),
          threads_(std::min(most_threads, gradient_.shards())),
          workspaces_(waits(training) ? packs_for<V>(batch_size) : threads_,
                      aligned_vector<V>(std::max(pass::cells, Network::template joint_scratch<V>))),
          losses_(threads_),
          loader_(threads_, workspaces_.size()),
          coupled_(waits(training) ? packs_for<V>(batch_size) : 0, waits(training) ? threads_ : 0),
          shard_sums_(gradient_.shards()) {}

    /// Has samples changed while they are loaded.
    void augment(const pack_augmentation<V>& augmentation) { loader_.augment(augmentation); }

    /// How many threads have something to do.
    std::size_t threads() const { return threads_; }

    /// Computes one thread's part of the losses and of the gradient. The team has to meet at a barrier then.
    void run(team& all, std::size_t thread, const batch_values<T>& batch, const Loss& loss, const Metrics& metrics) {
        if constexpr (is_regularized) penalties_.compute(all, thread, batch.values);
        const std::size_t packs = packs_for<V>(batch.rows.size()), used = shards_of(packs);
        const auto mine = all.share(thread, used);
        const auto first_pack = [&](std::size_t shard) { return packs * shard / used; };
        std::array<T*, gradient_shards<V>::max_shards> arenas;
        for (std::size_t s = mine.begin; s < mine.end; ++s) {
            arenas[s] = gradient_.cleared(s);
            shard_sums_[s].clear();
        }
        const double share = share_of_counted(loss, batch.data->y, batch.rows);
        const auto shard_of = [&](std::size_t p) { return ((p + 1) * used - 1) / packs; };
        const auto pack = [&](std::size_t p) { return pack_of(batch, p, thread, arenas[shard_of(p)]); };
        const std::size_t begin = first_pack(mine.begin), end = first_pack(mine.end);
        if constexpr (is_coupled) {
            if (waits(batch.training)) {
                for (std::size_t p = begin; p < end; ++p) load(batch, p, thread, pack(p));
                coupled_.forward(all, thread, begin, end, packs, pack);
                for (std::size_t p = begin; p < end; ++p)
                    add_losses(batch, p, thread, pack(p), loss, share, metrics, shard_sums_[shard_of(p)]);
                coupled_.backward(all, thread, begin, end, packs, pack);
                if constexpr (AllGradients) {
                    for (std::size_t p = begin; p < end; ++p) store_input_gradient(batch, p, pack(p));
                }
                return;
            }
        }
        if constexpr (!is_coupled || AllGradients) {
            for (std::size_t p = begin; p < end; ++p)
                run_pack(batch, p, thread, pack(p), loss, share, metrics, shard_sums_[shard_of(p)]);
        }
    }

    /// The sum of the losses of a batch of so many samples, added in the order of the shards: the same for every
    /// thread. What regularizers add to the mean counts once for each sample.
    double loss(std::size_t samples) const {
        double sum = 0;
        for (std::size_t s = 0; s < shards_of(packs_for<V>(samples)); ++s) sum += shard_sums_[s].loss;
        if constexpr (is_regularized) sum += penalties_.sum() * static_cast<double>(samples);
        return sum;
    }

    /// Adds what was summed up over a batch of so many samples, in the order of the shards.
    void add_to(sums& totals, std::size_t samples) const {
        totals.loss += loss(samples);
        for (std::size_t s = 0; s < shards_of(packs_for<V>(samples)); ++s) totals.add_metrics(shard_sums_[s]);
    }

    /// Sums up one thread's part of the gradient and calls update(begin, end, gradients) for each piece of it.
    template <class Update>
    void for_share_of_gradient(const team& all, std::size_t thread, std::size_t samples, Update&& update) {
        const std::size_t packs = packs_for<V>(samples);
        const auto for_share = [&](auto&& f) {
            gradient_.for_share(all, thread, shards_of(packs), packs, workspaces_[thread].data(), f);
        };
        if constexpr (is_regularized)
            for_share([&](std::size_t begin, std::size_t end, T* gradients) {
                penalties_.add_gradient(begin, end, gradients);
                update(begin, end, gradients);
            });
        else
            for_share(update);
    }

    /// Lets steps that see the whole batch change their state, at the end of a step of training.
    void update_state(std::size_t thread, T* values) const {
        if constexpr (is_coupled) coupled_.update_state(thread, values);
    }

private:
    /// Whether steps wait for the whole batch.
    static constexpr bool waits(bool training) { return is_coupled && (!AllGradients || training); }

    std::size_t shards_of(std::size_t packs) const { return std::min(packs, gradient_.shards()); }

    pack_values<V> pack_of(const batch_values<T>& batch, std::size_t p, std::size_t thread, T* gradients) {
        pack_values<V> pack{.cells = workspaces_[workspace_of(batch, p, thread)].data(),
                            .values = batch.values,
                            .gradients = gradients,
                            .operands = gradient_.operands(p),
                            .samples = std::min(lanes<V>, batch.rows.size() - p * lanes<V>),
                            .batch_samples = batch.rows.size(),
                            .training = !AllGradients || batch.training,
                            .random = batch.random};
        pack.random.first_sample = static_cast<std::uint32_t>(p * lanes<V>);
        return pack;
    }

    /// Which workspace a pack has.
    static std::size_t workspace_of(const batch_values<T>& batch, std::size_t p, std::size_t thread) {
        return waits(batch.training) ? p : thread;
    }

    void load(const batch_values<T>& batch, std::size_t p, std::size_t thread, const pack_values<V>& pack) {
        loader_.load(batch, p, pack.samples, thread, workspace_of(batch, p, thread), pack.cells);
    }

    /// Also writes the gradient of the loss to the workspace.
    void add_losses(const batch_values<T>& batch, std::size_t p, std::size_t thread, const pack_values<V>& pack,
                    const Loss& loss, double share, const Metrics& metrics, sums& to) {
        const auto rows = pack_loader<Network, V>::of_pack(batch.rows, p, pack.samples);
        const T scale = static_cast<T>(share) / static_cast<T>(pack.batch_samples);
        losses_[thread].run(
            *batch.data, {rows.data(), pack.samples}, loader_.mixed(workspace_of(batch, p, thread)), loss, metrics,
            pass::template output_of<steps>(pack.cells), share, scale,
            pass::template output_gradient<steps>(pack.cells),
            [&] { return pass::template forward_range<steps, Network::depth>(pack); }, to);
    }

    /// A whole pack. Not inlined: trainers with other optimizers call the same code.
    [[gnu::noinline]] void run_pack(const batch_values<T>& batch, std::size_t p, std::size_t thread,
                                    const pack_values<V>& pack, const Loss& loss, double share, const Metrics& metrics,
                                    sums& to) {
        load(batch, p, thread, pack);
        pass::template forward_range<0, steps>(pack);
        add_losses(batch, p, thread, pack, loss, share, metrics, to);
        pass::template backward_range<0, steps>(pack);
        if constexpr (AllGradients) store_input_gradient(batch, p, pack);
    }

    static void store_input_gradient(const batch_values<T>& batch, std::size_t p, const pack_values<V>& pack) {
        constexpr std::size_t size = Network::input::size;
        const T* const gradient = as_lanes(pass::input_gradient(pack.cells));
        T* to = batch.input_gradient + p * lanes<V> * size;
        for (std::size_t n = 0; n < pack.samples; ++n, to += size) {
            for (std::size_t i = 0; i < size; ++i) to[i] = gradient[i * lanes<V> + n];
        }
    }

    batch_gradient<Network, V> gradient_;
    std::size_t threads_;
    std::vector<aligned_vector<V>> workspaces_;
    std::vector<losses> losses_;
    pack_loader<Network, V> loader_;
    coupled_pass<Network, steps, V, AllGradients> coupled_;
    std::vector<sums> shard_sums_;
    [[no_unique_address]] weight_penalties<Network, T> penalties_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
