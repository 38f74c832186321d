#pragma once

#include "strata/core/memory.hpp"
#include "strata/core/pack.hpp"
#include "strata/kernels/tile.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

/// An optimizer is a plain struct of its settings, with
///  - `slots`: how many values it keeps for each parameter at most;
///  - `kept_slots()`: how many of them, the first ones, these settings use: the others are neither read nor written,
///    and a summary does not count them;
///  - `rule<V>(t)`: a function object for step t = 1, 2, ... of all parameters together: rule(w, g, slot) changes the
///    parameter w and its slots for the gradient g.
namespace strata::inline STRATA_ISA {

/// What an optimizer remembers: its slots, each an arena like the parameters', and one count of steps.
template <class T> struct optimizer_state {
    std::vector<aligned_vector<T>> slots;
    std::uint64_t steps = 0;

    optimizer_state(std::size_t slot_count, std::size_t arena_size)
        : slots(slot_count, aligned_vector<T>(arena_size)) {}
};

namespace detail {

/// apply_rule for settings that keep `Kept` slots; the rule sees zeros in the others.
template <std::size_t Kept, class V, class Optimizer, class Rule>
void apply_rule_keeping(const Rule& rule, std::size_t begin, std::size_t end, const scalar_t<V>* gradients,
                        optimizer_state<scalar_t<V>>& state, scalar_t<V>* parameters) {
    std::array<scalar_t<V>*, Kept> slots;
    for (std::size_t s = 0; s < Kept; ++s) slots[s] = state.slots[s].data();
    const auto apply = [&](std::size_t k, const auto& read, const auto& write) {
        V w = read(parameters + k);
        V slot[Optimizer::slots + 1];  // no array may be empty
        kernels::unroll<Optimizer::slots>([&](auto s) {
            if constexpr (s < Kept)
                slot[s] = read(slots[s] + k);
            else
                slot[s] = V(scalar_t<V>(0));
        });
        rule(w, read(gradients + k), slot);
        write(w, parameters + k);
        kernels::unroll<Kept>([&](auto s) { write(slot[s], slots[s] + k); });
    };
    std::size_t k = begin;
    for (; k + lanes<V> <= end; k += lanes<V>) {
        apply(
            k, [](const scalar_t<V>* from) { return load<V>(from); },
            [](const V& value, scalar_t<V>* to) { store<V>(value, to); });
    }
    if (const std::size_t rest = end - k; rest > 0) {
        apply(
            k, [rest](const scalar_t<V>* from) { return load_first<V>(from, rest); },
            [rest](const V& value, scalar_t<V>* to) { store_first<V>(value, rest, to); });
    }
}

}  // namespace detail

/// Applies a rule of the optimizer, that of one step, to the parameters begin, ..., end - 1 of an arena. `gradients` is
/// an arena, too.
template <class V, class Optimizer, class Rule>
void apply_rule(const Optimizer& optimizer, const Rule& rule, std::size_t begin, std::size_t end,
                const scalar_t<V>* gradients, optimizer_state<scalar_t<V>>& state, scalar_t<V>* parameters) {
    const std::size_t kept = std::min(optimizer.kept_slots(), Optimizer::slots);
    kernels::unroll<Optimizer::slots + 1>([&](auto s) {
        if (s == kept) detail::apply_rule_keeping<s, V, Optimizer>(rule, begin, end, gradients, state, parameters);
    });
}

/// The same with the rule of step 1, 2, ...
template <class V, class Optimizer>
void apply_step(const Optimizer& optimizer, std::uint64_t step, std::size_t begin, std::size_t end,
                const scalar_t<V>* gradients, optimizer_state<scalar_t<V>>& state, scalar_t<V>* parameters) {
    apply_rule<V>(optimizer, optimizer.template rule<V>(step), begin, end, gradients, state, parameters);
}

}  // namespace strata::inline STRATA_ISA
