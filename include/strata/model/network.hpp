#pragma once

#include "strata/core/stage.hpp"
#include "strata/simd/memory.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace strata {
inline namespace STRATA_ISA {

/// A stage and the layer that it belongs to.
template <class Stage, std::size_t Layer> struct bound_stage {
    using type = Stage;
    static constexpr std::size_t layer = Layer;
};

namespace detail {

template <class Layer, class In> struct stage_on {
    using type = typename Layer::template on<In>;
    static_assert(stage<type>,
                  "Sequential: the template `on` of a layer needs `output`, a shape, and `parameters`, an array of "
                  "parameter; see core/stage.hpp");
};

template <class In, std::size_t Index, class Bound, class... Layers> struct bind_layers;

template <class In, std::size_t Index, class... Bound> struct bind_layers<In, Index, std::tuple<Bound...>> {
    using stages = std::tuple<Bound...>;
};

template <class In, std::size_t Index, class... Bound, class Layer, class... Rest>
    requires(!has_hidden_stage<Layer>)
struct bind_layers<In, Index, std::tuple<Bound...>, Layer, Rest...> {
    using stage = typename stage_on<Layer, In>::type;
    using stages = typename bind_layers<typename stage::output, Index + 1,
                                        std::tuple<Bound..., bound_stage<stage, Index>>, Rest...>::stages;
};

template <class In, std::size_t Index, class... Bound, class Layer, class... Rest>
    requires has_hidden_stage<Layer>
struct bind_layers<In, Index, std::tuple<Bound...>, Layer, Rest...> {
    using stage = typename stage_on<Layer, In>::type;
    using hidden = typename stage_on<typename Layer::then, typename stage::output>::type;
    using stages = typename bind_layers<typename hidden::output, Index + 1,
                                        std::tuple<Bound..., bound_stage<stage, Index>, bound_stage<hidden, Index>>,
                                        Rest...>::stages;
};

}  // namespace detail

/// A chain of layers with all that is known of it at compile time: a flat list of stages, where each one's parameters
/// lie in the arena and its cells in a workspace. Has no state.
template <class In, class... Layers> class network {
    using bound = typename detail::bind_layers<In, 0, std::tuple<>, Layers...>::stages;

public:
    /// The number of stages; activation I is the input of stage I, activation `depth` the output.
    static constexpr std::size_t depth = std::tuple_size_v<bound>;

    template <std::size_t I> using stage = typename std::tuple_element_t<I, bound>::type;

    template <std::size_t I> static constexpr std::size_t layer_of = std::tuple_element_t<I, bound>::layer;

    using input = In;
    using output = typename stage<depth - 1>::output;

    /// Whether the last stage turns logits into probabilities.
    static constexpr bool ends_with_softmax = requires { requires stage<depth - 1>::is_softmax; };

private:
    template <std::size_t I, class Default> struct shape_before {
        using type = typename stage<I - 1>::output;
    };
    template <class Default> struct shape_before<0, Default> {
        using type = Default;
    };

    using every_stage = std::make_index_sequence<depth>;
    using table = std::array<std::size_t, depth + 1>;

    template <class F> static constexpr void for_each_stage(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (f(std::integral_constant<std::size_t, I>{}), ...);
        }(every_stage{});
    }

    static constexpr table sizes = [] {
        table cells{};
        for_each_stage([&](auto i) { cells[i] = shape_before<i, In>::type::size; });
        cells[depth] = output::size;
        return cells;
    }();

public:
    /// Cells of the largest activation.
    static constexpr std::size_t widest = *std::max_element(sizes.begin(), sizes.end());

private:
    /// Where the parameters of a stage start.
    static constexpr table parameter_offsets = [] {
        table offsets{};
        for_each_stage([&](auto i) { offsets[i + 1] = offsets[i] + total_size(stage<i>::parameters); });
        return offsets;
    }();

    /// Where an activation starts while training: all are kept.
    static constexpr table training_offsets = [] {
        table offsets{};
        for_each_stage([&](auto i) { offsets[i + 1] = offsets[i] + (moves_nothing<stage<i>> ? 0 : sizes[i]); });
        return offsets;
    }();

    /// Where an activation starts during inference: two buffers take turns.
    static constexpr table inference_offsets = [] {
        table offsets{};
        for_each_stage([&](auto i) { offsets[i + 1] = moves_nothing<stage<i>> ? offsets[i] : widest - offsets[i]; });
        return offsets;
    }();

    /// The most cells that a stage needs as its scratch, and where they start.
    template <class V, std::size_t Samples = 1>
    static constexpr std::size_t scratch = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::max({scratch_cells<stage<I>, V, Samples>...});
    }(every_stage{});
    template <class V>
    static constexpr std::size_t scratch_in_training = []<std::size_t... I>(std::index_sequence<I...>) {
        return std::max({scratch_cells<stage<I>, V>..., backward_scratch_cells<stage<I>, V>...});
    }(every_stage{});
    static constexpr std::size_t inference_scratch = 2 * widest;
    static constexpr std::size_t training_scratch = training_offsets[depth] + sizes[depth] + 2 * widest;

public:
    static constexpr std::size_t parameter_count = parameter_offsets[depth];

    /// How many samples `predict` should get at a time. Several where a stage wants them and where parameters are more
    /// than an activation: it is them that caches do not hold.
    template <class V>
    static constexpr std::size_t samples_at_once = [] {
        std::size_t most = 1;
        for_each_stage([&](auto i) {
            if constexpr (takes_samples<stage<i>>) most = std::max(most, stage<i>::samples_at_once);
        });
        return parameter_count > widest * lanes<V> ? most : 1;
    }();

    /// Cells of a workspace for `predict`: two activations of each sample, and the scratch of one stage at a time.
    template <class V, std::size_t Samples = 1>
    static constexpr std::size_t inference_cells = Samples * inference_scratch + scratch<V, Samples>;

    /// Cells of a workspace for `forward` and `backward`: all activations, two gradients that take turns, and the
    /// scratch of one stage at a time.
    template <class V> static constexpr std::size_t training_cells = training_scratch + scratch_in_training<V>;

private:
    /// Where a stage with a joint gradient keeps its operands; the end of the table is the number of all these cells.
    template <class V>
    static constexpr table kept_offsets = [] {
        table offsets{};
        for_each_stage([&](auto i) {
            offsets[i + 1] = offsets[i];
            if constexpr (has_joint_gradient<stage<i>, V>)
                offsets[i + 1] += stage<i>::template joint_gradient<V>::cells;
        });
        return offsets;
    }();

public:
    /// Cells in which `backward` keeps, for one pack, the operands of joint gradients.
    template <class V> static constexpr std::size_t kept_cells = kept_offsets<V>[depth];

    /// Calls f(gradient, offset in the arena, offset in the kept cells) for each stage with a joint gradient, which is
    /// a value of its type joint_gradient<V>.
    template <class V, class F> static void for_each_joint_gradient(F&& f) {
        for_each_stage([&](auto i) {
            if constexpr (has_joint_gradient<stage<i>, V>)
                f(typename stage<i>::template joint_gradient<V>{}, parameter_offsets[i], kept_offsets<V>[i]);
        });
    }

    /// The shape of activation I.
    template <std::size_t I> using shape_at = typename shape_before<I, In>::type;

    /// Where the parameters of stage I start in the arena.
    template <std::size_t I> static constexpr std::size_t parameter_offset = parameter_offsets[I];

    /// Calls f(index, parameter, offset in the arena) for each parameter of each stage.
    template <class F> static void for_each_parameter(F&& f) {
        for_each_stage([&](auto i) {
            std::size_t offset = parameter_offsets[i];
            for (const parameter& p : stage<i>::parameters) {
                f(i, p, offset);
                offset += p.size();
            }
        });
    }

    /// Runs all stages; the inputs of the samples lie one after the other at the start of `cells`, their outputs where
    /// the result points to.
    template <std::size_t Samples = 1, class V> static const V* predict(V* cells, const scalar_t<V>* parameters) {
        run<0, depth, Samples>(cells, parameters, inference_offsets, cells + Samples * inference_scratch);
        return cells + Samples * inference_offsets[depth];
    }

    /// Runs the first `Stages` stages and keeps all activations for `backward`; returns the last one.
    template <std::size_t Stages, class V> static const V* forward(V* cells, const scalar_t<V>* parameters) {
        run<0, Stages, 1>(cells, parameters, training_offsets, cells + training_scratch);
        return cells + training_offsets[Stages];
    }

    /// Runs the stages that a `forward` of `Stages` stages has left out; returns the output.
    template <std::size_t Stages, class V> static const V* forward_last(V* cells, const scalar_t<V>* parameters) {
        run<Stages, depth, 1>(cells, parameters, training_offsets, cells + training_scratch);
        return cells + training_offsets[depth];
    }

    /// Where the gradient with respect to the output of `forward` belongs before `backward` is called.
    template <class V> static V* output_gradient(V* cells) { return cells + training_offsets[depth] + sizes[depth]; }

    /// Runs the first `Stages` stages in reverse: adds to `gradients`, the gradient with respect to the parameters.
    /// With InputGradient returns the gradient with respect to the input; without, stages before the first parameter
    /// rest. Where `kept` is not null, joint gradients are not added: their operands are written there.
    template <std::size_t Stages, bool InputGradient = false, class V>
    static const V* backward(V* cells, const scalar_t<V>* parameters, scalar_t<V>* gradients, V* kept = nullptr) {
        V* dy = output_gradient(cells);
        V* dx = dy + widest;
        [&]<std::size_t... Reverse>(std::index_sequence<Reverse...>) {
            (
                [&] {
                    constexpr std::size_t i = Stages - 1 - Reverse;
                    constexpr bool needed = InputGradient || parameter_offsets[i] > 0;
                    constexpr bool has_parameters = parameter_offsets[i + 1] > parameter_offsets[i];
                    if constexpr (!moves_nothing<stage<i>> && (needed || has_parameters)) {
                        backward_stage<i, Stages, needed>(cells, dy, parameters, gradients, dx, kept);
                        std::swap(dy, dx);
                    }
                }(),
                ...);
        }(std::make_index_sequence<Stages>{});
        return dy;
    }

private:
    /// Whether stage I's way back covers the first step of that of the stage before it.
    template <std::size_t I, std::size_t Stages, class V>
    static constexpr bool fuses_with_previous = [] {
        if constexpr (I > 0 && I < Stages)
            return fuses_backward<stage<I - 1>, stage<I>, V>;
        else
            return false;
    }();

    /// The way back through stage I of the first `Stages`.
    template <std::size_t I, std::size_t Stages, bool InputGradient, class V>
    static void backward_stage(V* cells, V* dy, const scalar_t<V>* parameters, scalar_t<V>* gradients, V* dx, V* kept) {
        const V *x = cells + training_offsets[I], *y = cells + training_offsets[I + 1];
        const scalar_t<V>* const p = parameters + parameter_offsets[I];
        scalar_t<V>* const g = gradients + parameter_offsets[I];
        V* const scratch_of_stage = cells + training_scratch;
        if constexpr (fuses_with_previous<I, Stages, V>) {
            stage<I>::template backward_to_sums<stage<I - 1>>(x, y, dy, gradients + parameter_offsets[I - 1], dx);
        } else if constexpr (fuses_with_previous<I + 1, Stages, V>) {
            stage<I>::template backward<InputGradient, true>(x, y, dy, p, g, dx, scratch_of_stage);
        } else {
            run_backward<stage<I>, InputGradient, V>(x, y, dy, p, g, dx, scratch_of_stage,
                                                     kept != nullptr ? kept + kept_offsets<V>[I] : nullptr);
        }
    }

    template <std::size_t Begin, std::size_t End, std::size_t Samples, class V>
    static void run(V* cells, const scalar_t<V>* parameters, const table& offsets, V* scratch_of_stage) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (
                [&] {
                    constexpr std::size_t i = Begin + I;
                    if constexpr (!moves_nothing<stage<i>>) {
                        run_forward<stage<i>, Samples, V>(cells + Samples * offsets[i], sizes[i],
                                                          parameters + parameter_offsets[i],
                                                          cells + Samples * offsets[i + 1], scratch_of_stage);
                    }
                }(),
                ...);
        }(std::make_index_sequence<End - Begin>{});
    }
};

}  // namespace STRATA_ISA
}  // namespace strata
