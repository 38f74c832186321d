#pragma once

#include "strata/simd/pack.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>

/// What an optimizer is: a plain struct of its settings, with
///
///  - `slot_count`: how many values it keeps for each parameter at most;
///  - `rule<V>(t)`: a function object for step t = 1, 2, ... of all parameters together. rule(w, g, slot) changes w, a
///    parameter in each lane, for the gradient g, and its slots slot[0], ..., slot[slot_count - 1], which start as
///    zeros;
///  - optionally `check()`: throws value_error where a setting makes no sense. `compile` and each `fit` call it;
///  - optionally `kept_slots()`: how many of the slots, the first ones, these settings use, all of them without it: the
///    others are neither read nor written;
///  - optionally `least_slots`, besides that: how many slots all settings use. Code for fewer is not compiled;
///  - optionally `gauss_newton_samples()`: before each epoch `fit` fills the first slot with the diagonal of the
///    Gauss-Newton matrix of the mean loss over so many training samples (training/gauss_newton.hpp);
///  - optionally `counted_slots()`: how many of the kept slots a summary counts, all of them without it;
///  - optionally `counted_scalars()`: how many single numbers Keras keeps besides them.
///
/// Settings may change between two steps: a rule is asked for at each one. A rule sees one parameter at a time;
/// optimizers/apply.hpp walks over all of them, while their gradients are still in the cache. A setting of type
/// LearningRate (optimizers/learning_rate.hpp) takes schedules, too; the rule asks it for learning_rate(t - 1).
///
/// An optimizer that has to see whole tensors, for the norm of a gradient say, has in place of `rule`
///
///  - `update<V>(step)`, which all threads call with a tensor_step<V> (optimizers/tensor_step.hpp): there are the
///    gradients, already summed up, the parameters, the slots, and ways to share the work and to sum over a tensor;
///  - optionally `finalize(state, parameters, count)`, which `fit` calls at its end;
///  - optionally `counted_values(places, parameters)`: how many values a summary counts of these tensors.
namespace strata::authoring {
inline namespace STRATA_ISA {

template <class Optimizer>
concept optimizer_type = requires {
    { Optimizer::slot_count } -> std::convertible_to<std::size_t>;
};

/// How many slots an optimizer uses with these settings.
template <class Optimizer> std::size_t kept_slots(const Optimizer& optimizer) {
    if constexpr (requires { optimizer.kept_slots(); })
        return optimizer.kept_slots();
    else
        return Optimizer::slot_count;
}

/// How many it uses with any settings.
template <class Optimizer> constexpr std::size_t least_slots() {
    if constexpr (requires { Optimizer::least_slots; })
        return Optimizer::least_slots;
    else if constexpr (requires(const Optimizer& optimizer) { optimizer.kept_slots(); })
        return 0;
    else
        return Optimizer::slot_count;
}

/// Whether an optimizer has a rule for parameters in registers of type V.
template <class Optimizer, class V>
concept has_rule = requires(const Optimizer& settings, V& w, const V& g, V* slot) {
    settings.template rule<V>(std::uint64_t{1})(w, g, slot);
};

/// Whether the first slot of an optimizer is the diagonal of a Gauss-Newton matrix.
template <class Optimizer>
concept uses_gauss_newton = requires(const Optimizer& settings) {
    { settings.gauss_newton_samples() } -> std::convertible_to<std::size_t>;
};

/// Throws value_error where a setting makes no sense.
template <class Optimizer> void check_settings(const Optimizer& optimizer) {
    if constexpr (requires { optimizer.check(); }) optimizer.check();
}

/// The single numbers in a summary: the step counter, a learning rate that is no schedule, counted_scalars.
template <class Optimizer> std::size_t scalars_in_summary(const Optimizer& optimizer) {
    std::size_t count = 2;
    if constexpr (requires { optimizer.learning_rate.is_schedule(); })
        if (optimizer.learning_rate.is_schedule()) --count;
    if constexpr (requires { optimizer.counted_scalars(); }) count += optimizer.counted_scalars();
    return count;
}

/// How many values an optimizer with these settings has for each parameter in a summary.
template <class Optimizer> std::size_t slots_in_summary(const Optimizer& optimizer) {
    if constexpr (requires { optimizer.counted_slots(); })
        return optimizer.counted_slots();
    else
        return kept_slots(optimizer);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
