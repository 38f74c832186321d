#pragma once

#include "strata/config.hpp"
#include "strata/model/network_pass.hpp"
#include "strata/simd/memory.hpp"
#include "strata/system/parallel.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// What the coupled steps of a network collect from `packs` packs, and what each of `threads` threads makes of it.
/// Depends on no network, so that it is compiled once.
template <class T> struct coupled_values {
    struct of_thread {
        aligned_vector<T> batch, gradients;
    };
    aligned_vector<T> parts, gradient_parts;
    std::vector<std::size_t> samples;
    std::vector<of_thread> threads;

    struct sizes {
        std::size_t collected, combined, collected_gradient;
    };
    STRATA_OUT_OF_LINE coupled_values(std::size_t pack_count, std::size_t thread_count, const sizes& size)
        : parts(pack_count * size.collected),
          gradient_parts(pack_count * size.collected_gradient),
          samples(pack_count),
          threads(thread_count, {aligned_vector<T>(size.combined), aligned_vector<T>(size.collected_gradient)}) {}
    STRATA_OUT_OF_LINE ~coupled_values() = default;
    coupled_values(const coupled_values&) = delete;
    coupled_values& operator=(const coupled_values&) = delete;
};

}  // namespace detail

/// The packs of a batch on their way through the first `End` steps of a network, and back, where some steps have to see
/// the whole batch. Those cut the list of steps into segments: each thread takes its packs through one, all meet, and
/// each adds up, in the order of the packs, what they have collected. The bits do not depend on the number of threads.
template <class Network, std::size_t End, class V, bool InputGradient = false> class coupled_pass {
    using T = scalar_t<V>;
    using pass = network_pass<Network, V, InputGradient>;
    static constexpr std::size_t count = Network::template coupled_count<V>;
    static constexpr std::size_t depth = Network::depth;
    static constexpr std::size_t collected = Network::template collected_offsets<V>[depth];
    static constexpr std::size_t combined = Network::template combined_offsets<V>[depth];
    static constexpr std::size_t collected_gradient = Network::template collected_gradient_offsets<V>[depth];

public:
    /// For batches of at most so many packs, and for so many threads.
    coupled_pass(std::size_t packs, std::size_t threads)
        : values_(packs, threads, {collected, combined, collected_gradient}) {}

    /// Takes the packs begin, ..., end - 1 of `packs` forward, as thread `thread` of a team; pack(p) is the pack_values
    /// of one.
    template <class Pack>
    void forward(team& all, std::size_t thread, std::size_t begin, std::size_t end, std::size_t packs, Pack&& pack) {
        for (std::size_t p = begin; p < end; ++p) values_.samples[p] = pack(p).samples;
        [&]<std::size_t... S>(std::index_sequence<S...>) {
            (forward_segment<S>(all, thread, begin, end, packs, pack), ...);
        }(std::make_index_sequence<count + 1>{});
    }

    /// And back, once the gradients with respect to the outputs of all packs are there.
    template <class Pack>
    void backward(team& all, std::size_t thread, std::size_t begin, std::size_t end, std::size_t packs, Pack&& pack) {
        [&]<std::size_t... S>(std::index_sequence<S...>) {
            (backward_segment<count - S>(all, thread, begin, end, packs, pack), ...);
        }(std::make_index_sequence<count + 1>{});
    }

    /// At the end of a step, for one thread: lets the coupled steps change their state in the arena.
    void update_state(std::size_t thread, T* values) const {
        pass::update_state(values_.threads[thread].batch.data(), values);
    }

private:
    static constexpr std::size_t coupled_step(std::size_t i) { return Network::template coupled_steps<V>[i]; }

    template <class Pack> pack_values<V> values_of(std::size_t thread, std::size_t p, Pack& pack) const {
        pack_values<V> values = pack(p);
        values.batch = values_.threads[thread].batch.data();
        values.batch_gradients = values_.threads[thread].gradients.data();
        return values;
    }

    /// Segment S starts with coupled step S - 1 and ends before coupled step S, which collects.
    template <std::size_t S, class Pack>
    void forward_segment(team& all, std::size_t thread, std::size_t begin, std::size_t end, std::size_t packs,
                         Pack& pack) {
        constexpr std::size_t first = [] { return S == 0 ? 0 : coupled_step(S - 1); }();
        constexpr std::size_t last = [] { return S == count ? End : coupled_step(S); }();
        for (std::size_t p = begin; p < end; ++p) {
            const pack_values<V> values = values_of(thread, p, pack);
            pass::template forward_range<first, last>(values);
            if constexpr (S < count) pass::template collect<last>(values, values_.parts.data() + p * collected);
        }
        if constexpr (S < count) {
            all.barrier();
            pass::template combine<last>(values_.parts.data(), packs, values_.samples.data(),
                                         values_.threads[thread].batch.data());
        }
    }

    /// In reverse: segment S ends with coupled step S, whose sums are there, and coupled step S - 1 collects.
    template <std::size_t S, class Pack>
    void backward_segment(team& all, std::size_t thread, std::size_t begin, std::size_t end, std::size_t packs,
                          Pack& pack) {
        constexpr std::size_t first = [] { return S == 0 ? 0 : coupled_step(S - 1) + 1; }();
        constexpr std::size_t last = [] { return S == count ? End : coupled_step(S) + 1; }();
        constexpr bool collects = [] {
            if constexpr (S > 0)
                return pass::template runs_backward<first - 1>;
            else
                return false;
        }();
        for (std::size_t p = begin; p < end; ++p) {
            const pack_values<V> values = values_of(thread, p, pack);
            pass::template backward_range<first, last>(values);
            if constexpr (collects)
                pass::template collect_gradient<first - 1>(values,
                                                           values_.gradient_parts.data() + p * collected_gradient);
        }
        if constexpr (collects) {
            all.barrier();
            pass::template combine_gradient<first - 1>(values_.gradient_parts.data(), packs,
                                                       values_.threads[thread].gradients.data());
        }
    }

    detail::coupled_values<T> values_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
