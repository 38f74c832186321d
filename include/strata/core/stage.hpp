#pragma once

#include "strata/core/context.hpp"
#include "strata/core/parameter.hpp"
#include "strata/core/shape.hpp"
#include "strata/simd/pack.hpp"

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

/// What a layer is.
///
/// A layer is a type with a name, `static constexpr std::string_view class_name`, and a template
/// `template <class In> struct on`: the layer once the shape of its input is known, called a stage. (A layer that
/// merges branches has `template <class... In> struct on`.) A stage has
///
///  - `output`: the shape of its result;
///  - `parameters`: a constexpr array of `parameter`;
///  - `forward(c)`, c a forward_context<V>: fills c.y from c.x and c.parameters;
///  - `backward<InputGradient>(c)`, c a backward_context<V>: adds to c.gradients, and overwrites c.dx, unless
///    InputGradient is false. It may use c.dy as scratch.
///
/// Both functions are static templates over the value type V of the cells. They see one sample; the machine sees
/// lanes<V> of them. A stage that asks for more says so in `needs`; one with values that training changes but no
/// optimizer (moving averages) lists them as `state`, an array of `parameter`, too.
///
/// Other forms that a stage may have, each of them optional: has_joint_gradient, has_one_sample_form, moves_nothing,
/// has_gauss_newton; and coupled, for a stage whose result depends on the whole batch.
///
/// Sequences may have a mask: one cell for each step, 0 where the step is left out, else 1. It is an activation like
/// any other, made by a step of its own that has no gradient, and it goes along beside what the layers make. A stage
/// with passes_mask hands it on, any other one ends it. A layer with reads_mask gets it, where there is one, as a
/// second input: it has `template <class In, class... Mask> struct on`, whose functions get a context of two inputs,
/// c.x[0] and the mask c.x[1]. A layer with makes_mask begins one. Nothing else knows of masks.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What a stage asks for, and what it promises: `static constexpr stage_needs needs{.kept = In::size, .random = true}`,
/// or where the numbers depend on the value type, `template <class V> static constexpr stage_needs needs{...}`.
struct stage_needs {
    // Cells, counted in V.
    std::size_t scratch = 0;           ///< at c.scratch in `forward`, and in `backward` unless that needs more
    std::size_t backward_scratch = 0;  ///< at c.scratch in `backward`, where more than `scratch`
    std::size_t kept = 0;              ///< at c.kept, from `forward` to `backward`

    // The whole batch: see coupled. Counted in scalar_t<V>.
    std::size_t collected = 0;
    std::size_t combined = 0;
    std::size_t collected_gradient = 0;

    bool random = false;  ///< c.random

    // Several packs of samples at once: `forward<Samples>` with so many is faster than one call for each. It needs
    // `joined_scratch` cells at c.scratch.
    std::size_t samples_at_once = 1;
    std::size_t joined_scratch = 0;

    // The input of the network, if the stage reads it.
    bool raw_input = false;       ///< bytes are taken as they are, not scaled to [0, 1]
    std::size_t index_count = 0;  ///< inputs are whole numbers in 0, ..., index_count - 1; 0: any numbers

    // Facts that save memory and passes over it. A wrong one is a wrong gradient: gradient_check finds it.
    bool backward_reads_x = true;
    bool backward_reads_y = true;
    bool in_place = false;     ///< works cell by cell, and backward does not read x: y may be x, dx may be dy
    bool dx_on_dy = false;     ///< dx may be dy, though y may not be x
    bool keeps_dy = false;     ///< `backward` only reads c.dy
    bool adds_inputs = false;  ///< y is the sum of the inputs: the network computes the backward pass itself

    bool gauss_newton_reads_gradient = false;  ///< see has_gauss_newton

    bool no_gradient = false;  ///< y has no derivative with respect to x, as a mask: `backward` is never called
};

namespace detail {
template <class Stage, class V>
concept has_needs_for = requires {
    { Stage::template needs<V>.scratch } -> std::convertible_to<std::size_t>;
};
template <class Stage>
concept has_needs = requires {
    { Stage::needs.scratch } -> std::convertible_to<std::size_t>;
};
}  // namespace detail

/// The needs of a stage for cells of type V.
template <class Stage, class V>
inline constexpr stage_needs needs_of = [] {
    if constexpr (detail::has_needs<Stage>)
        return Stage::needs;
    else if constexpr (detail::has_needs_for<Stage, V>)
        return Stage::template needs<V>;
    else
        return stage_needs{};
}();

/// The values of a stage that training changes, but no optimizer.
template <class Stage>
inline constexpr auto state_of = [] {
    if constexpr (requires { Stage::state; })
        return Stage::state;
    else
        return no_parameters;
}();

/// A stage with a member that is nearly named as one of those that a stage may leave out: it would go unnoticed.
template <class Stage>
concept has_misspelt_member =
    requires { Stage::need; } || requires { Stage::template need<double>; } || requires { Stage::states; };

template <class Stage>
concept stage = requires {
    { Stage::output::size } -> std::convertible_to<std::size_t>;
    { total_size(Stage::parameters) } -> std::convertible_to<std::size_t>;
};

/// A stage that has `input_gradient(c)`, a backward pass that computes no gradient of parameters: what a frozen layer
/// runs. (One without it runs `backward`, and what that adds to c.gradients is forgotten.)
template <class Stage, class V>
concept has_input_gradient = requires(backward_context<V> c) { Stage::input_gradient(c); };

/// A stage that has `gauss_newton<InputGradient>(c)`, c a gauss_newton_context: how second derivatives of the loss go
/// back through it, for optimizers that use them. In the diagonal Gauss-Newton approximation (LeCun, Bottou, Bengio,
/// Haffner 1998, appendix C) those with respect to input j, from those h_y with respect to the results, are
/// h_x[j] = sum_i h_y[i] (dy_i/dx_j)^2, without the second derivatives of the stage itself. Those with respect to a
/// parameter are the sum over its connections, each taken as if it had a parameter u of its own: of h_y[i] (dy_i/du)^2.
/// It may read what `backward` may, and writes where that does. One step of a network, behind which nothing is trained,
/// may read c.gradient, too: a stage that is an output, such as RBF, whose own second derivatives count. What it writes
/// and adds must not be negative.
template <class Stage, class V, std::size_t Inputs = 1>
concept has_gauss_newton = requires(gauss_newton_context<V, Inputs> c) { Stage::template gauss_newton<true>(c); };

/// A stage that only gives its input another shape; its output shares the cells of its input and nothing is called.
template <class Stage>
concept moves_nothing = requires { requires Stage::moves_nothing; };

template <class Stage, std::size_t Inputs>
concept has_forward = moves_nothing<Stage> || requires(forward_context<double, Inputs> c) { Stage::forward(c); };

template <class Stage, std::size_t Inputs>
concept has_backward = moves_nothing<Stage> || requires(backward_context<double, Inputs> c) {
    Stage::template backward<true>(c);
} || needs_of<Stage, double>.adds_inputs || needs_of<Stage, double>.no_gradient;

/// A stage whose result for one sample depends on the whole batch while training (BatchNormalization): its needs have
/// `collected`. In a step all packs reach it before any of them goes on:
///
///  - `collect(c, part)`: writes what one pack contributes, `collected` values, counting c.samples lanes. c.y is not
///    there yet; what it writes to c.kept, `forward` finds;
///  - `combine(parts, distance, packs, samples, batch)`: makes `combined` values of all packs' parts, in their order,
///    which start `distance` apart; samples[p] of the lanes of pack p count. `forward` finds them at c.batch;
///  - `collect_gradient(c, part)`: in the backward pass, `collected_gradient` values of one pack; they are added up in
///    the order of the packs. `backward` finds the sums at c.batch_gradient. It may change c.dy, which `backward` then
///    finds; gradients of parameters are added here or in `backward`, once;
///  - `update(batch, state)`: at the end of the step, changes the state.
///
/// The gradient of lanes without a sample is set to zero by the network, behind `backward`. In inference, and in a
/// frozen layer, only `forward` and `backward` are called, with c.training false and without c.batch.
template <class Stage, class V>
concept coupled = needs_of<Stage, V>.collected > 0;

/// A stage that can compute the gradient of its first parameter for all packs of a batch at once: then no pack needs a
/// gradient of that size, and threads share the parameter's values in place of the packs. Where c.operands is not null,
/// its `backward` writes there what the gradient is made of in place of adding it to c.gradients.
/// `joint_gradient<V>` has
///
///  - `is_faster`: whether that is less work;
///  - `cells`: how many cells `backward` keeps;
///  - `count`, `parts`: the values of the parameter, the equal parts that they are cut into first;
///  - `blocks`, `weights_of_block`, `blocks_at_once`: the blocks of neighbours that each part is cut into, how many
///    values of a part each block but the last one has, how many blocks to take at a time (1 with several parts);
///  - `scratch`: how many cells `compute` needs;
///  - `compute(kept, distance, packs, first, last, g, scratch)`: writes to g, part by part, the gradient of the blocks
///    first, ..., last - 1, for one or more packs that have kept their cells `distance` apart.
template <class Stage, class V>
concept has_joint_gradient = requires { requires Stage::template joint_gradient<V>::is_faster; };

/// A stage with a form for a single sample, `one_sample<V>`, whose cells are of type scalar_t<V>; the lanes of V run
/// over neighbouring cells. A stage without one runs its `forward` on plain numbers. The form has
///
///  - `reads_channels_first`: whether its input may have its channels first, too;
///  - `output_format(input_format)`: the format of its result;
///  - `scratch`: how many cells it needs besides input and output;
///  - `run<input_format>(c)`, c a forward_context of scalar_t<V>: fills c.y; may read two vectors beyond c.x and one
///    beyond its parameters, and write one beyond c.y.
template <class Stage, class V>
concept has_one_sample_form = requires {
    { Stage::template one_sample<V>::scratch } -> std::convertible_to<std::size_t>;
};

/// A stage that keeps the steps of a sequence, so that a mask goes on behind it (Keras: `supports_masking`).
template <class Stage>
concept passes_mask = requires { requires Stage::passes_mask; };

/// A layer whose stage gets the mask of its input as another input, if there is one.
template <class Layer>
concept reads_mask = requires { requires Layer::reads_mask; };

/// A layer that makes a mask of its input: `mask` has the stage that does, `mask::on<In>`. The layer reads it, too, if
/// it reads masks, and hands it on, if its stage does.
template <class Layer>
concept makes_mask = requires { typename Layer::mask; } && !std::same_as<typename Layer::mask, void>;

/// A merge that says how the masks of its branches are joined where these differ: `joined_mask::on<Masks...>`.
template <class Layer>
concept joins_masks = requires { typename Layer::joined_mask; };

/// A layer made of others: `expand<Graph>` is the graph with its steps behind it. See model/graph.hpp.
template <class Layer>
concept composite = requires { typename Layer::is_composite; };

template <class Layer>
concept layer = composite<Layer> || requires {
    { Layer::class_name } -> std::convertible_to<std::string_view>;
};

/// A layer that is followed by a hidden stage of its own, such as the Softmax of `Dense<10, Softmax>`.
template <class Layer>
concept has_hidden_stage = requires { typename Layer::then; } && !std::same_as<typename Layer::then, void>;

/// A rule that replaces two stages in a row, of which only the second one reads the result of the first, by one that
/// does the same in fewer passes over memory: `type`. Rules stand in layers/fusion/; the layer without which a rule
/// never applies includes it.
template <class First, class Second> struct fusion_rule {
    using type = void;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
