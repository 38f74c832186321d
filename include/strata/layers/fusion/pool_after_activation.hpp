#pragma once

#include "strata/core/stage.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {
/// That of a stage which has one; the stage is looked into only where this is used.
template <class Stage, class V> struct joint_gradient_of {
    using type = typename Stage::template joint_gradient<V>;
};
}  // namespace detail

/// Two stages as one: `First`, which ends with an activation and a bias, and a pool whose windows partition its result.
/// The backward pass goes from the pool's result to what the activation was applied to in one pass over memory.
template <class First, class Second> struct pool_after_activation {
    using output = typename Second::output;
    static constexpr auto parameters = First::parameters;

    template <class V>
    static constexpr stage_needs needs{
        .scratch = needs_of<First, V>.scratch,
        .backward_scratch =
            First::output::size + std::max(needs_of<First, V>.scratch, needs_of<First, V>.backward_scratch),
        .kept = First::output::size,
        .backward_reads_y = needs_of<Second, V>.backward_reads_y,
        .keeps_dy = needs_of<Second, V>.keeps_dy};

    template <class V>
        requires has_joint_gradient<First, V>
    using joint_gradient = typename detail::joint_gradient_of<First, V>::type;

    template <class V> static void forward(forward_context<V> c) {
        V* const pooled = c.y;
        c.y = c.kept;
        First::forward(c);
        Second::forward(forward_context<V>{.x = c.kept, .y = pooled});
    }

    template <bool InputGradient, class V> static void backward(backward_context<V> c) {
        V* const sums = c.scratch;
        Second::template backward_to_sums<First>(
            backward_context<V>{.x = c.kept, .y = c.y, .dy = c.dy, .dx = sums, .gradients = c.gradients});
        c.y = c.kept;
        c.dy = sums;
        c.scratch = sums + First::output::size;
        First::template backward_of_sums<InputGradient>(c);
    }
};

template <class First, class Second>
    requires std::same_as<typename First::ends_with_activation, First> && Second::takes_activation
struct fusion_rule<First, Second> {
    using type = pool_after_activation<First, Second>;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
