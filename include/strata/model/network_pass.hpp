#pragma once

#include "strata/model/network.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What all steps of one pack's way through a network share.
template <class V> struct pack_values {
    using T = scalar_t<V>;

    V* cells = nullptr;                  ///< the workspace
    const T* values = nullptr;           ///< the arena: parameters, then state
    T* gradients = nullptr;              ///< as the parameters
    V* operands = nullptr;               ///< of joint gradients; null where these are added to `gradients`
    const T* batch = nullptr;            ///< of coupled steps: what `combine` has made
    const T* batch_gradients = nullptr;  ///< and the sums of `collect_gradient`
    std::size_t samples = lanes<V>;      ///< lanes that hold a sample
    std::size_t batch_samples = lanes<V>;
    bool training = false;
    random_cells random{};
};

namespace detail {

/// Stage::forward, compiled once for training, evaluation and prediction.
template <class Stage, class Context> STRATA_OUT_OF_LINE void run_forward(Context c) { Stage::forward(c); }

/// What backward_range does with each step.
struct run_backward {
    template <class Step, bool InputGradient, class V, std::size_t Inputs>
    void run(backward_context<V, Inputs> c) const {
        using stage = typename Step::stage;
        if constexpr (Step::frozen && has_input_gradient<stage, V>)
            stage::input_gradient(c);
        else
            stage::template backward<InputGradient>(c);
    }
};

}  // namespace detail

/// Runs the steps of a network on a workspace, by its plans. With InputGradient the backward pass goes on to the
/// gradient with respect to the input, and a workspace has room for it.
template <class Network, class V, bool InputGradient = false> class network_pass {
    using T = scalar_t<V>;
    template <std::size_t I> using stage = typename Network::template stage<I>;
    template <std::size_t I> static constexpr auto inputs_of = Network::template inputs_of<I>;
    template <std::size_t I> static constexpr std::size_t input_count = Network::template input_count<I>;
    template <std::size_t I> static constexpr const stage_needs& needs = Network::template needs<I, V>;
    template <std::size_t I> static constexpr bool is_coupled = Network::template is_coupled<I, V>;
    static constexpr std::size_t depth = Network::depth;
    static constexpr const auto& training = Network::template training<V, InputGradient>;

public:
    /// Cells of a workspace for everything but `predict`.
    static constexpr std::size_t cells = training.cells;

    /// Runs the steps Begin, ..., End - 1 of so many samples in inference. The inputs lie one after the other at the
    /// start of `cells`, the outputs where the result points to.
    template <std::size_t Begin, std::size_t End, std::size_t Samples = 1>
    STRATA_OUT_OF_LINE static const V* predict_range(V* workspace, const T* values) {
        constexpr const auto& plan = Network::template inference<V, Samples>;
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (predict_step<Begin + I, Samples>(workspace, values), ...);
        }(std::make_index_sequence<End - Begin>{});
        return workspace + Samples * plan.activations[End];
    }

    /// Runs all steps. A last Softmax or Sigmoid is run apart, since evaluation leaves it out: what comes before it is
    /// compiled once.
    template <std::size_t Samples = 1> static const V* predict(V* workspace, const T* values) {
        if constexpr (Network::ends_with_activation && depth > 1)
            predict_range<0, depth - 1, Samples>(workspace, values);
        return predict_range < Network::ends_with_activation ? depth - 1 : 0, depth, Samples > (workspace, values);
    }

    /// Runs the steps Begin, ..., End - 1 and leaves what `backward_range` needs; returns the last activation.
    template <std::size_t Begin, std::size_t End> static const V* forward_range(const pack_values<V>& pack) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (forward_step<Begin + I>(pack), ...);
        }(std::make_index_sequence<End - Begin>{});
        return output_of<End>(pack.cells);
    }

    /// The result of the first `End` steps.
    template <std::size_t End> static const V* output_of(const V* workspace) {
        return workspace + training.activations[End];
    }

    /// Where the gradient with respect to that belongs before `backward_range` is called.
    template <std::size_t End> static V* output_gradient(V* workspace) { return workspace + training.gradients[End]; }

    /// Where the gradient with respect to the input is afterwards.
    static const V* input_gradient(const V* workspace) {
        static_assert(InputGradient);
        return workspace + training.gradients[0];
    }

    /// Runs the steps End - 1, ..., Begin in reverse: adds to pack.gradients. Steps that no parameter that is trained
    /// comes before, or is in, rest.
    /// (Or does something else with each of them: `step.run<Step, InputGradient>(c)`.)
    template <std::size_t Begin, std::size_t End, class Run = detail::run_backward>
    static void backward_range(const pack_values<V>& pack, const Run& step = {}) {
        [&]<std::size_t... Reverse>(std::index_sequence<Reverse...>) {
            (backward_step<End - 1 - Reverse>(pack, step), ...);
        }(std::make_index_sequence<End - Begin>{});
    }

    // The parts of coupled step I.

    /// What a pack contributes: written to its place in `parts`.
    template <std::size_t I> static void collect(const pack_values<V>& pack, T* parts) {
        stage<I>::collect(forward_context_of<I>(pack), parts + Network::template collected_offsets<V>[I]);
    }

    /// What becomes of all packs' parts.
    template <std::size_t I>
    static void combine(const T* parts, std::size_t packs, const std::size_t* samples, T* batch) {
        stage<I>::combine(parts + Network::template collected_offsets<V>[I],
                          Network::template collected_offsets<V>[depth], packs, samples,
                          batch + Network::template combined_offsets<V>[I]);
    }

    /// Whether the backward pass runs coupled step I: it has trained parameters, or some come before it.
    template <std::size_t I> static constexpr bool runs_backward = training.needed[I + 1];

    /// In the backward pass, the same for the gradient.
    template <std::size_t I> static void collect_gradient(const pack_values<V>& pack, T* parts) {
        stage<I>::collect_gradient(backward_context_of<I>(pack),
                                   parts + Network::template collected_gradient_offsets<V>[I]);
    }

    /// The sums of all packs' parts of a gradient.
    template <std::size_t I> static void combine_gradient(const T* parts, std::size_t packs, T* batch_gradients) {
        constexpr auto& offsets = Network::template collected_gradient_offsets<V>;
        for (std::size_t k = offsets[I]; k < offsets[I + 1]; ++k) {
            T sum = 0;
            for (std::size_t p = 0; p < packs; ++p) sum += parts[p * offsets[depth] + k];
            batch_gradients[k] = sum;
        }
    }

    /// Lets all coupled steps change their state at the end of a step of training.
    static void update_state(const T* batch, T* values) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (
                [&] {
                    if constexpr (is_coupled<I>) {
                        stage<I>::update(batch + Network::template combined_offsets<V>[I],
                                         values + Network::template state_offset<I>);
                    }
                }(),
                ...);
        }(std::make_index_sequence<depth>{});
    }

private:
    /// A pointer, or null where there is nothing behind it.
    template <class P> static P* if_any(bool any, P* pointer) { return any ? pointer : nullptr; }

    /// The pointers of a step's inputs: `pointer(k)` is that of input k.
    template <class Cell, std::size_t I, class F> static input_pointers<Cell, input_count<I>> pointers(F&& pointer) {
        if constexpr (input_count<I> == 1) {
            return pointer(0);
        } else {
            std::array<Cell*, input_count<I>> all;
            for (std::size_t k = 0; k < input_count<I>; ++k) all[k] = pointer(k);
            return all;
        }
    }

    /// What step I gets of the values of the model.
    template <std::size_t I, class Context> static void set_values(Context& c, const T* values) {
        c.parameters = if_any(total_size(stage<I>::parameters) > 0, values + Network::template parameter_offset<I>);
        c.state = if_any(total_size(state_of<stage<I>>) > 0, values + Network::template state_offset<I>);
    }

    template <std::size_t I> static random_cells random_of(const pack_values<V>& pack) {
        random_cells random;
        if constexpr (needs<I>.random) {
            random = pack.random;
            random.layer = Network::template layer_of<I>;
        }
        return random;
    }

    template <std::size_t I> static forward_context<V, input_count<I>> forward_context_of(const pack_values<V>& pack) {
        forward_context<V, input_count<I>> c{.x = pointers<const V, I>([&](std::size_t k) {
                                                 return pack.cells + training.activations[inputs_of<I>[k]];
                                             }),
                                             .y = pack.cells + training.activations[I + 1],
                                             .scratch = if_any(needs<I>.scratch > 0, pack.cells + training.scratch[I]),
                                             .kept = if_any(needs<I>.kept > 0, pack.cells + training.kept[I]),
                                             .samples = pack.samples,
                                             .training = pack.training && !Network::template step<I>::frozen,
                                             .random = random_of<I>(pack)};
        set_values<I>(c, pack.values);
        if constexpr (is_coupled<I>) {
            if (pack.training) c.batch = pack.batch + Network::template combined_offsets<V>[I];
        }
        return c;
    }

    template <std::size_t I>
    static backward_context<V, input_count<I>> backward_context_of(const pack_values<V>& pack) {
        constexpr std::size_t backward_scratch = Network::template backward_scratch_cells<I, V>;
        backward_context<V, input_count<I>> c{
            .x =
                pointers<const V, I>([&](std::size_t k) { return pack.cells + training.activations[inputs_of<I>[k]]; }),
            .y = pack.cells + training.activations[I + 1],
            .dy = pack.cells + training.gradients[I + 1],
            .dx = pointers<V, I>([&](std::size_t k) -> V* {
                const gradient_flow flow = training.flows[I][k];
                if (flow == gradient_flow::none && input_count<I> == 1) return nullptr;
                const bool passing = flow == gradient_flow::none || flow == gradient_flow::add;
                return pack.cells + (passing ? training.temporaries[I][k] : training.gradients[inputs_of<I>[k]]);
            }),
            .scratch = if_any(backward_scratch > 0, pack.cells + training.backward_scratch[I]),
            .kept = if_any(needs<I>.kept > 0, pack.cells + training.kept[I]),
            .samples = pack.samples,
            .batch_samples = pack.batch_samples,
            .training = pack.training && !Network::template step<I>::frozen,
            .random = random_of<I>(pack)};
        set_values<I>(c, pack.values);
        if constexpr (Network::template is_trained<I>) {
            c.gradients = pack.gradients + Network::template parameter_offset<I>;
            if constexpr (has_joint_gradient<stage<I>, V>) {
                if (pack.operands != nullptr) c.operands = pack.operands + Network::template operand_offsets<V>[I];
            }
        } else if constexpr (Network::template ignored_gradient_cells<I, V> > 0) {
            c.gradients = as_lanes(pack.cells + training.backward_scratch[I] + backward_scratch);
        }
        if constexpr (is_coupled<I>) {
            if (pack.training) {
                c.batch = pack.batch + Network::template combined_offsets<V>[I];
                c.batch_gradient = pack.batch_gradients + Network::template collected_gradient_offsets<V>[I];
            }
        }
        return c;
    }

    template <std::size_t I> static void forward_step(const pack_values<V>& pack) {
        if constexpr (!moves_nothing<stage<I>>) detail::run_forward<stage<I>>(forward_context_of<I>(pack));
    }

    template <std::size_t I, std::size_t Samples> static void predict_step(V* workspace, const T* values) {
        if constexpr (!moves_nothing<stage<I>>) {
            constexpr const auto& plan = Network::template inference<V, Samples>;
            constexpr bool joined = Samples > 1 && needs<I>.samples_at_once == Samples;
            forward_context<V, input_count<I>> c{
                .x = pointers<const V, I>(
                    [&](std::size_t k) { return workspace + Samples * plan.activations[inputs_of<I>[k]]; }),
                .y = workspace + Samples * plan.activations[I + 1],
                .scratch = if_any((joined ? needs<I>.joined_scratch : needs<I>.scratch) > 0,
                                  workspace + Samples * plan.scratch[I]),
                .kept = if_any(needs<I>.kept > 0, workspace + Samples * plan.kept[I])};
            set_values<I>(c, values);
            if constexpr (joined) {
                stage<I>::template forward<Samples>(c);
            } else {
                for (std::size_t s = 0; s < Samples; ++s) {
                    detail::run_forward<stage<I>>(c);
                    if constexpr (input_count<I> == 1) {
                        c.x += Network::sizes[inputs_of<I>[0]];
                    } else {
                        for (std::size_t k = 0; k < input_count<I>; ++k) c.x[k] += Network::sizes[inputs_of<I>[k]];
                    }
                    c.y += Network::sizes[I + 1];
                }
            }
        }
    }

    template <std::size_t I, class Run> static void backward_step(const pack_values<V>& pack, const Run& step) {
        if constexpr (training.needed[I + 1]) {
            const auto c = backward_context_of<I>(pack);
            constexpr bool passed_on = needs<I>.adds_inputs || moves_nothing<stage<I>>;
            if constexpr (!passed_on) {
                constexpr bool input_gradient = [] {
                    bool any = false;
                    for (const std::size_t a : inputs_of<I>) any |= training.needed[a];
                    return any;
                }();
                step.template run<typename Network::template step<I>, input_gradient>(c);
                if constexpr (is_coupled<I> && input_gradient) clear_unused_lanes<I>(c);
            }
            for (std::size_t k = 0; k < input_count<I>; ++k) {
                const std::size_t a = inputs_of<I>[k];
                V* const to = pack.cells + training.gradients[a];
                const V* const from = passed_on ? c.dy : pack.cells + training.temporaries[I][k];
                if (training.flows[I][k] == gradient_flow::add)
                    add_to(from, Network::sizes[a], to);
                else if (passed_on && training.flows[I][k] == gradient_flow::write)
                    std::copy_n(from, Network::sizes[a], to);
            }
        }
    }

    /// Lanes without a sample get no gradient from sums over the batch.
    template <std::size_t I, class Context> static void clear_unused_lanes(const Context& c) {
        if (c.samples == lanes<V>) return;
        for (std::size_t i = 0; i < Network::sizes[inputs_of<I>[0]]; ++i) {
            for (std::size_t n = c.samples; n < lanes<V>; ++n) as_lanes(c.dx + i)[n] = T(0);
        }
    }

    [[gnu::noinline]] static void add_to(const V* from, std::size_t count, V* to) {
        for (std::size_t i = 0; i < count; ++i) to[i] = to[i] + from[i];
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
