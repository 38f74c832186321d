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

/// apply_step for settings that keep `Kept` slots; the rule sees zeros in the others.
template <std::size_t Kept, class V, class Optimizer, class Rule, class Gradient>
void apply_rule_keeping(const Rule& rule, std::size_t begin, std::size_t end, Gradient&& gradient,
                        optimizer_state<scalar_t<V>>& state, scalar_t<V>* parameters) {
    std::array<scalar_t<V>*, Kept> from;
    for (std::size_t s = 0; s < Kept; ++s) from[s] = state.slots[s].data();
    for (std::size_t k = begin; k < end; k += lanes<V>) {
        V w = load<V>(parameters + k);
        V slot[Optimizer::slots + 1];  // no array may be empty
        kernels::unroll<Optimizer::slots>([&](auto s) {
            if constexpr (s < Kept)
                slot[s] = load<V>(from[s] + k);
            else
                slot[s] = V(scalar_t<V>(0));
        });
        rule(w, gradient(k), slot);
        store<V>(w, parameters + k);
        kernels::unroll<Kept>([&](auto s) { store<V>(slot[s], from[s] + k); });
    }
}

}  // namespace detail

/// Applies one step's rule to the parameters begin, ..., end - 1 of an arena, a whole number of packs. `gradient(k)`
/// yields the gradient of the parameters from k on.
template <class V, class Optimizer, class Gradient>
void apply_step(const Optimizer& optimizer, std::uint64_t step, std::size_t begin, std::size_t end, Gradient&& gradient,
                optimizer_state<scalar_t<V>>& state, scalar_t<V>* parameters) {
    const auto rule = optimizer.template rule<V>(step);
    const std::size_t kept = std::min(optimizer.kept_slots(), Optimizer::slots);
    kernels::unroll<Optimizer::slots + 1>([&](auto s) {
        if (s == kept) detail::apply_rule_keeping<s, V, Optimizer>(rule, begin, end, gradient, state, parameters);
    });
}

}  // namespace strata::inline STRATA_ISA
