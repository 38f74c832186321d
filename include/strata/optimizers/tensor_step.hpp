#pragma once

#include "strata/core/parameter.hpp"
#include "strata/optimizers/apply.hpp"
#include "strata/optimizers/optimizer.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"
#include "strata/system/parallel.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

/// What optimizers need that have to see whole tensors, the norm of a gradient for instance.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// Where a tensor that is trained lies in the arenas, and its last two extents, which are 1 and its size below two
/// dimensions, and whether it is that of an Embedding.
struct tensor_place {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::size_t rank = 1;
    std::size_t rows = 1;
    std::size_t columns = 1;
    bool of_embedding = false;
};

/// The place of a parameter.
constexpr tensor_place place_of(const parameter& p, std::size_t offset) {
    if (p.rank < 2) return {offset, p.size(), p.rank, 1, p.size(), false};
    return {offset, p.size(), p.rank, p.extents[p.rank - 2], p.extents[p.rank - 1], p.name == "embeddings"};
}

/// The tensors of a model, and the gradient of a batch, summed up. The threads share blocks of the tensors, which do
/// not depend on their number; so sums over a tensor have the same bits with any number of threads.
template <class T> class whole_tensors {
public:
    static constexpr std::size_t block_size = 4096;

    /// A part of one tensor.
    struct block {
        std::size_t tensor, begin, end;
    };

    whole_tensors() = default;
    explicit whole_tensors(std::vector<tensor_place> places) : places_(std::move(places)) {
        std::size_t size = 0;
        for (std::size_t i = 0; i < places_.size(); ++i) {
            first_blocks_.push_back(blocks_.size());
            const std::size_t begin = places_[i].offset, end = begin + places_[i].size;
            for (std::size_t k = begin; k < end; k += block_size)
                blocks_.push_back({i, k, std::min(k + block_size, end)});
            size = std::max(size, end);
        }
        first_blocks_.push_back(blocks_.size());
        sums_.resize(blocks_.size());
        gradients_.resize(size);
    }

    const std::vector<tensor_place>& places() const { return places_; }
    const std::vector<block>& blocks() const { return blocks_; }
    T* gradients() { return gradients_.data(); }

    /// Up to two sums over each block, and over the blocks of the tensors first, ..., last - 1.
    using sums = std::array<double, 2>;
    std::vector<sums>& block_sums() { return sums_; }
    sums sums_of(std::size_t first, std::size_t last) const {
        sums total{};
        for (std::size_t i = first_blocks_[first]; i < first_blocks_[last]; ++i) {
            for (std::size_t s = 0; s < total.size(); ++s) total[s] += sums_[i][s];
        }
        return total;
    }

private:
    std::vector<tensor_place> places_;
    std::vector<block> blocks_;
    std::vector<std::size_t> first_blocks_;  // of each tensor
    std::vector<sums> sums_;
    unwritten_vector<T> gradients_;
};

/// Calls f(k, read, write) for k = 0, lanes<V>, ... below count: read(values + k) is a register of an array's values,
/// write(register, values + k) changes them. At the end of the arrays read fills up with zeros.
template <class V, class F> void for_each_register(std::size_t count, F&& f) {
    using T = scalar_t<V>;
    std::size_t k = 0;
    for (; k + lanes<V> <= count; k += lanes<V>)
        f(
            k, [](const T* from) { return load<V>(from); }, [](const V& value, T* to) { store<V>(value, to); });
    if (const std::size_t rest = count - k; rest > 0)
        f(
            k, [rest](const T* from) { return load_first<V>(from, rest); },
            [rest](const V& value, T* to) { store_first<V>(value, rest, to); });
}

/// The sum of the squares of so many values.
template <class V> double sum_of_squares(const scalar_t<V>* values, std::size_t count) {
    constexpr std::size_t at_once = 1024;  // in registers
    double total = 0;
    for (std::size_t begin = 0; begin < count; begin += at_once) {
        V sum(scalar_t<V>(0));
        for_each_register<V>(std::min(at_once, count - begin), [&](std::size_t k, auto read, auto) {
            const V x = read(values + begin + k);
            sum = multiply_add(x, x, sum);
        });
        total += static_cast<double>(sum_lanes(sum));
    }
    return total;
}

/// One thread's view of one step of an optimizer that sees whole tensors: step t = 1, 2, ... All threads of the team
/// run it, and meet at the barriers of the team. The gradient may be changed, each thread its parts.
template <class V> struct tensor_step {
    using T = scalar_t<V>;

    team& all;
    std::size_t thread;
    whole_tensors<T>& tensors;
    T* parameters;
    optimizer_state<T>& state;
    std::uint64_t t;

    T* gradients() const { return tensors.gradients(); }

    /// Calls f(tensor, begin, end) for each tensor of which a part falls to this thread, always the same one: the
    /// values begin, ..., end - 1 of the arenas.
    template <class F> void for_each_part(F&& f) const {
        const auto& blocks = tensors.blocks();
        const auto mine = all.share(thread, blocks.size());
        for (std::size_t first = mine.begin, last = first; first < mine.end; first = last) {
            while (last < mine.end && blocks[last].tensor == blocks[first].tensor) ++last;
            f(blocks[first].tensor, blocks[first].begin, blocks[last - 1].end);
        }
    }

    /// Keeps what f(begin, end) yields for each block, two numbers, and meets the other threads.
    template <class F> void sum_up(F&& f) const {
        all.barrier();  // the sums before may still be read
        const auto& blocks = tensors.blocks();
        const auto mine = all.share(thread, blocks.size());
        for (std::size_t i = mine.begin; i < mine.end; ++i) tensors.block_sums()[i] = f(blocks[i].begin, blocks[i].end);
        all.barrier();
    }

    /// The sums over one tensor of what sum_up has kept, and over all of them.
    auto sums_of(std::size_t tensor) const { return tensors.sums_of(tensor, tensor + 1); }
    auto sums_of_all() const { return tensors.sums_of(0, tensors.places().size()); }

    /// Applies a rule of an optimizer to the values begin, ..., end - 1.
    template <class Optimizer, class Rule>
    void apply(const Optimizer& optimizer, const Rule& rule, std::size_t begin, std::size_t end) const {
        apply_rule<V>(optimizer, rule, begin, end, gradients() + begin, state, parameters);
    }
};

/// Whether an optimizer sees whole tensors: whether it has `update`.
template <class Optimizer, class V>
concept updates_tensors =
    requires(const Optimizer& settings, const tensor_step<V>& step) { settings.template update<V>(step); };

/// How many values an optimizer has in a summary, those that Keras keeps: of tensors in these places, or if it does not
/// see any, of so many parameters.
template <class Optimizer>
std::size_t values_in_summary(const Optimizer& optimizer, const std::vector<tensor_place>& places,
                              std::size_t parameters) {
    if constexpr (requires { optimizer.counted_values(places, parameters); })
        return optimizer.counted_values(places, parameters);
    else
        return slots_in_summary(optimizer) * parameters + scalars_in_summary(optimizer);
}

/// One thread's part of a step, of any optimizer.
template <class V, class Optimizer> void update_tensors(const Optimizer& optimizer, const tensor_step<V>& step) {
    if constexpr (updates_tensors<Optimizer, V>) {
        optimizer.template update<V>(step);
    } else {
        const auto rule = optimizer.template rule<V>(step.t);
        step.for_each_part(
            [&](std::size_t, std::size_t begin, std::size_t end) { step.apply(optimizer, rule, begin, end); });
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
