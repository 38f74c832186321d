#pragma once

#include "strata/core/last_activation.hpp"
#include "strata/core/stage.hpp"
#include "strata/model/graph.hpp"
#include "strata/model/memory_plan.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A list of steps with all that follows from it while compiling: where each one's values lie in the arena, and its
/// cells in a workspace.
template <class In, class Steps> class step_list {
public:
    using input = In;

    /// The number of steps. Step I makes activation I + 1; activation 0 is the input.
    static constexpr std::size_t depth = std::tuple_size_v<Steps>;
    static_assert(depth > 0);

    template <std::size_t I> using step = std::tuple_element_t<I, Steps>;
    template <std::size_t I> using stage = typename step<I>::stage;
    template <std::size_t I> static constexpr std::size_t layer_of = step<I>::layer;
    template <std::size_t I> static constexpr std::size_t input_count = step<I>::inputs.size();

protected:
    using every_step = std::make_index_sequence<depth>;
    using table = std::array<std::size_t, depth + 1>;

    template <class F> static constexpr void for_each_step(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (f(std::integral_constant<std::size_t, I>{}), ...);
        }(every_step{});
    }

    /// The sums of `count(step)` over the steps before each.
    template <class F> static constexpr table offsets_of(F&& count) {
        table offsets{};
        for_each_step([&](auto i) { offsets[i + 1] = offsets[i] + count(i); });
        return offsets;
    }

    /// What the graph calls each activation. (Those inside of fused stages have no place here.)
    static constexpr table names = []<std::size_t... I>(std::index_sequence<I...>) {
        return table{0, step<I>::output...};
    }(every_step{});

public:
    /// The activations that step I reads.
    template <std::size_t I>
    static constexpr auto inputs_of = [] {
        auto inputs = step<I>::inputs;
        for (std::size_t& a : inputs) {
            a = static_cast<std::size_t>(std::find(names.begin(), names.end(), a) - names.begin());
        }
        return inputs;
    }();

    /// The shape of activation A.
    template <std::size_t A> using shape_at = typename detail::activation_shape<In, A, Steps>::type;
    using output = shape_at<depth>;

    /// Cells of an activation.
    static constexpr table sizes = []<std::size_t... I>(std::index_sequence<I...>) {
        return table{In::size, stage<I>::output::size...};
    }(every_step{});

    /// Cells of the largest activation.
    static constexpr std::size_t widest = *std::max_element(sizes.begin(), sizes.end());

    /// The last stage, if it is an activation that a loss may take the place of.
    static constexpr last_activation ends_with = as_last<stage<depth - 1>>;
    static constexpr bool ends_with_activation = ends_with != last_activation::other;

    /// Whether a step's values are trained. Those of a frozen step lie behind all that are, as if they were state.
    template <std::size_t I>
    static constexpr bool is_trained = !step<I>::frozen && total_size(stage<I>::parameters) > 0;

private:
    static constexpr table trained_offsets =
        offsets_of([](auto i) { return step<i>::frozen ? 0 : total_size(stage<i>::parameters); });
    static constexpr table state_offsets = offsets_of([](auto i) {
        return total_size(state_of<stage<i>>) + (step<i>::frozen ? total_size(stage<i>::parameters) : 0);
    });

public:
    /// The values of the arena: those that are trained, then all others.
    static constexpr std::size_t parameter_count = trained_offsets[depth];
    static constexpr std::size_t state_count = state_offsets[depth];
    static constexpr std::size_t value_count = parameter_count + state_count;

    /// Where the parameters of step I start in the arena, and its state.
    template <std::size_t I>
    static constexpr std::size_t parameter_offset =
        step<I>::frozen ? parameter_count + state_offsets[I] : trained_offsets[I];
    template <std::size_t I>
    static constexpr std::size_t state_offset =
        parameter_count + state_offsets[I] + (step<I>::frozen ? total_size(stage<I>::parameters) : 0);

    /// Calls f(layer, parameter, offset in the arena, whether it is trained) for each parameter, and each state, of
    /// each step.
    template <class F> static constexpr void for_each_value(F&& f) {
        for_each_step([&](auto i) {
            const auto walk = [&](const auto& list, std::size_t offset, bool trained) {
                for (const parameter& p : list) {
                    f(layer_of<i>, p, offset, trained);
                    offset += p.size();
                }
            };
            walk(stage<i>::parameters, parameter_offset<i>, !step<i>::frozen);
            walk(state_of<stage<i>>, state_offset<i>, false);
        });
    }

    /// What step I asks for.
    template <std::size_t I, class V> static constexpr stage_needs needs = needs_of<stage<I>, V>;

    /// Whether step I has to see the whole batch while training.
    template <std::size_t I, class V> static constexpr bool is_coupled = needs<I, V>.collected > 0 && !step<I>::frozen;

    /// How many samples `predict` should get at a time. Several where a stage wants them and where parameters are more
    /// than an activation: it is them that caches do not hold.
    template <class V>
    static constexpr std::size_t samples_at_once = [] {
        std::size_t most = 1, largest = widest;
        for_each_step([&](auto i) {
            most = std::max(most, needs<i, V>.samples_at_once);
            largest = std::max(largest, needs<i, V>.kept);  // a fused stage keeps an activation there
        });
        return value_count > largest * lanes<V> ? most : 1;
    }();

    /// Cells for the gradient of a frozen step's parameters, where it computes one all the same. They lie behind its
    /// scratch.
    template <std::size_t I, class V>
    static constexpr std::size_t ignored_gradient_cells =
        step<I>::frozen && !has_input_gradient<stage<I>, V> ? packs_for<V>(total_size(stage<I>::parameters)) : 0;
    template <std::size_t I, class V>
    static constexpr std::size_t backward_scratch_cells = std::max(needs<I, V>.scratch, needs<I, V>.backward_scratch);

    /// Whether step I reads the network's input, perhaps in another shape.
    template <std::size_t I> static constexpr bool reads_input() {
        for (const std::size_t a : inputs_of<I>) {
            if (a == 0) return true;
        }
        if constexpr (input_count<I> == 1 && inputs_of<I>[0] > 0) {
            constexpr std::size_t before = inputs_of<I>[0] - 1;
            if constexpr (moves_nothing<stage<before>>) return reads_input<before>();
        }
        return false;
    }

    /// What a memory plan has to know of the steps.
    template <class V> static constexpr memory_facts<depth> facts_for(std::size_t samples) {
        std::array<step_facts, depth> all{};
        for_each_step([&](auto i) {
            constexpr stage_needs asked = needs<i, V>;
            static_assert(input_count<i> <= step_facts::most_inputs, "Sequential: a layer merges at most 8 branches");
            static_assert(input_count<i> == 1 || (!asked.in_place && !asked.dx_on_dy),
                          "Sequential: a stage with several inputs cannot work in place");
            static_assert(input_count<i> == 1 || asked.collected == 0,
                          "Sequential: a stage that sees the whole batch has one input");
            static_assert(asked.index_count == 0 || reads_input<i>(),
                          "Embedding: it must be the first layer of a network, or of a branch that is: nothing else "
                          "makes indices that are checked");
            step_facts& facts = all[i];
            facts.input_count = input_count<i>;
            std::copy(inputs_of<i>.begin(), inputs_of<i>.end(), facts.inputs.begin());
            facts.output_size = sizes[i + 1];
            facts.scratch = asked.scratch;
            if (samples > 1 && asked.samples_at_once == samples)
                facts.scratch = std::max(facts.scratch, (asked.joined_scratch + samples - 1) / samples);
            facts.backward_scratch = backward_scratch_cells<i, V> + ignored_gradient_cells<i, V>;
            facts.kept = asked.kept;
            facts.moves_nothing = moves_nothing<stage<i>>;
            facts.in_place = asked.in_place;
            facts.dx_on_dy = asked.dx_on_dy;
            facts.keeps_dy = asked.keeps_dy;
            facts.reads_x = asked.backward_reads_x;
            facts.reads_y = asked.backward_reads_y;
            facts.adds = asked.adds_inputs;
            facts.trained = is_trained<i>;
            facts.no_gradient = asked.no_gradient;
        });
        return {In::size, all};
    }

    /// Where everything lies in a workspace, in cells of V; while predicting, the cells of each of so many samples.
    template <class V, std::size_t Samples = 1>
    static constexpr auto inference = inference_plan<depth>(facts_for<V>(Samples));
    template <class V, bool InputGradient = false>
    static constexpr auto training = training_plan<depth>(facts_for<V>(1), InputGradient);

    /// Cells of a workspace for prediction, and of one for training.
    template <class V, std::size_t Samples = 1>
    static constexpr std::size_t inference_cells = Samples * inference<V, Samples>.cells;
    template <class V, bool InputGradient = false>
    static constexpr std::size_t training_cells = training<V, InputGradient>.cells;

    /// Where a stage with a joint gradient keeps its operands; the end of the table is the number of all these cells.
    template <class V>
    static constexpr table operand_offsets = offsets_of([](auto i) {
        if constexpr (is_trained<i> && has_joint_gradient<stage<i>, V>)
            return std::size_t{stage<i>::template joint_gradient<V>::cells};
        else
            return std::size_t{0};
    });

    /// Calls f(gradient, offset in the arena, offset in the operands) for each stage with a joint gradient, which is a
    /// value of its type joint_gradient<V>.
    template <class V, class F> static constexpr void for_each_joint_gradient(F&& f) {
        for_each_step([&](auto i) {
            if constexpr (is_trained<i> && has_joint_gradient<stage<i>, V>)
                f(typename stage<i>::template joint_gradient<V>{}, parameter_offset<i>, operand_offsets<V>[i]);
        });
    }

    /// How many cells of scratch joint gradients need.
    template <class V>
    static constexpr std::size_t joint_scratch = [] {
        std::size_t most = 0;
        for_each_joint_gradient<V>([&]<class Gradient>(Gradient, std::size_t, std::size_t) {
            most = std::max(most, std::size_t{Gradient::scratch});
        });
        return most;
    }();

    /// Of coupled steps: what a pack contributes on either way, and what is made of all packs' contributions.
    template <class V>
    static constexpr table collected_offsets =
        offsets_of([](auto i) { return is_coupled<i, V> ? needs<i, V>.collected : 0; });
    template <class V>
    static constexpr table combined_offsets =
        offsets_of([](auto i) { return is_coupled<i, V> ? needs<i, V>.combined : 0; });
    template <class V>
    static constexpr table collected_gradient_offsets =
        offsets_of([](auto i) { return is_coupled<i, V> ? needs<i, V>.collected_gradient : 0; });

    /// The number of coupled steps, and which they are: they cut a step of training into segments.
    template <class V>
    static constexpr std::size_t coupled_count = [] {
        std::size_t count = 0;
        for_each_step([&](auto i) { count += is_coupled<i, V>; });
        return count;
    }();
    template <class V>
    static constexpr auto coupled_steps = [] {
        std::array<std::size_t, coupled_count<V>> found{};
        std::size_t count = 0;
        for_each_step([&](auto i) {
            if constexpr (is_coupled<i, V>) found[count++] = i;
        });
        return found;
    }();

    /// Whether bytes in the input are taken as they are, not scaled to [0, 1]; and if inputs have to be whole numbers
    /// below a limit, that limit, else 0.
    template <class V>
    static constexpr bool raw_input = [] {
        bool raw = false;
        for_each_step(
            [&](auto i) { raw |= reads_input<i>() && (needs<i, V>.raw_input || needs<i, V>.index_count > 0); });
        return raw;
    }();
    template <class V>
    static constexpr std::size_t index_count = [] {
        std::size_t limit = 0;
        for_each_step([&](auto i) {
            if (reads_input<i>() && needs<i, V>.index_count > 0)
                limit = limit == 0 ? needs<i, V>.index_count : std::min(limit, needs<i, V>.index_count);
        });
        return limit;
    }();
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
