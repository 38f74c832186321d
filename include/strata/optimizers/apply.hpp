#pragma once

#include "strata/kernels/tile.hpp"
#include "strata/optimizers/optimizer.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

/// The step of an optimizer: its rule on every parameter, a register at a time.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What an optimizer remembers: its slots, each an arena like the parameters', and one count of steps.
template <class T> struct optimizer_state {
    std::vector<aligned_vector<T>> values;  ///< of each slot
    std::uint64_t steps = 0;
    bool has_average = false;  ///< of the parameters, in a slot of OptimizerWith

    optimizer_state(std::size_t slot_count, std::size_t arena_size)
        : values(slot_count, aligned_vector<T>(arena_size)) {}
};

namespace detail {

/// How many values from an address on lie before the next register's: none, or fewer than lanes<V>.
template <class V> std::size_t values_before_register(const scalar_t<V>* from) {
    const std::size_t past = reinterpret_cast<std::uintptr_t>(from) % sizeof(V) / sizeof(scalar_t<V>);
    return (lanes<V> - past) % lanes<V>;
}

/// apply_rule for settings that keep `Kept` slots; the rule sees zeros in the others.
template <std::size_t Kept, class V, class Optimizer, class Rule>
void apply_rule_keeping(const Rule& rule, std::size_t begin, std::size_t end, const scalar_t<V>* gradients,
                        optimizer_state<scalar_t<V>>& state, scalar_t<V>* parameters, bool non_temporal) {
    using T = scalar_t<V>;
    std::array<T*, Kept> kept;
    for (std::size_t s = 0; s < Kept; ++s) kept[s] = state.values[s].data();
    const auto apply = [&](std::size_t k, const auto& read, const auto& write, const auto& write_parameters) {
        V w = read(parameters + k);
        V slot[Optimizer::slot_count + 1];  // no array may be empty
        kernels::unroll<Optimizer::slot_count>([&](auto s) {
            if constexpr (s < Kept)
                slot[s] = read(kept[s] + k);
            else
                slot[s] = V(T(0));
        });
        rule(w, read(gradients + (k - begin)), slot);
        write_parameters(w, parameters + k);
        kernels::unroll<Kept>([&](auto s) { write(slot[s], kept[s] + k); });
    };
    const auto apply_first = [&](std::size_t k, std::size_t count) {
        if (count == 0) return;
        const auto write = [count](const V& value, T* to) { store_first<V>(value, count, to); };
        apply(
            k, [count](const T* from) { return load_first<V>(from, count); }, write, write);
    };
    const auto write = [](const V& value, T* to) { store<V>(value, to); };
    const auto write_parameters = [non_temporal](const V& value, T* to) {
        non_temporal ? store_non_temporal<V>(value, to) : store<V>(value, to);
    };
    std::size_t k = begin + std::min(values_before_register<V>(parameters + begin), end - begin);
    apply_first(begin, k - begin);
    for (; k + lanes<V> <= end; k += lanes<V>)
        apply(
            k, [](const T* from) { return load<V>(from); }, write, write_parameters);
    apply_first(k, end - k);
}

}  // namespace detail

/// Applies a rule of the optimizer, that of one step, to the parameters begin, ..., end - 1 of an arena, whose
/// gradients are `gradients`[0], ..., [end - begin - 1]. With non_temporal the parameters are written by
/// non-temporal stores: other threads, which read them next, see them after a barrier of their team.
template <class V, class Optimizer, class Rule>
void apply_rule(const Optimizer& optimizer, const Rule& rule, std::size_t begin, std::size_t end,
                const scalar_t<V>* gradients, optimizer_state<scalar_t<V>>& state, scalar_t<V>* parameters,
                bool non_temporal = false) {
    constexpr std::size_t least = least_slots<Optimizer>();
    static_assert(least <= Optimizer::slot_count, "an optimizer keeps at most `slot_count` values for each parameter");
    const std::size_t kept = std::clamp(kept_slots(optimizer), least, Optimizer::slot_count);
    kernels::unroll<Optimizer::slot_count + 1 - least>([&](auto s) {
        if (s + least == kept)
            detail::apply_rule_keeping<s + least, V, Optimizer>(rule, begin, end, gradients, state, parameters,
                                                                non_temporal);
    });
}

/// The same with the rule of step 1, 2, ...: a step by itself, for programs that train without a trainer.
template <class V, class Optimizer>
void apply_step(const Optimizer& optimizer, std::uint64_t step, std::size_t begin, std::size_t end,
                const scalar_t<V>* gradients, optimizer_state<scalar_t<V>>& state, scalar_t<V>* parameters) {
    apply_rule<V>(optimizer, optimizer.template rule<V>(step), begin, end, gradients, state, parameters);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
