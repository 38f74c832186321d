#pragma once

#include "strata/config.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

/// Where activations, gradients and all other cells of a network lie in a workspace: plain functions, run by the
/// compiler.
///
/// Time is counted in moments. In training, moment i + 1 is step i forward, then comes the loss, then the steps in
/// reverse. Each piece of memory is needed from one moment to another, and pieces that are needed at the same time do
/// not overlap.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What a plan has to know of a step. Step i makes activation i + 1; activation 0 is the network's input.
struct step_facts {
    static constexpr std::size_t most_inputs = 8;

    std::array<std::size_t, most_inputs> inputs{};
    std::size_t input_count = 0;
    std::size_t output_size = 0;
    std::size_t scratch = 0, backward_scratch = 0, kept = 0;
    bool moves_nothing = false;
    bool in_place = false;
    bool dx_on_dy = false;
    bool keeps_dy = false;
    bool reads_x = true;
    bool reads_y = true;
    bool adds = false;         ///< y is the sum of the inputs
    bool trained = false;      ///< whether it has parameters that are trained
    bool no_gradient = false;  ///< no gradient goes back through it
};

/// How a step's gradient with respect to an input gets to where it belongs: not at all; it is the first one to be
/// written there; it is added to what is there, by way of temporary cells; it lies where the gradient of the step's
/// result lies.
enum class gradient_flow : unsigned char { none, write, add, shared };

/// Cells that are needed from moment `first` to moment `last`, both included.
struct memory_piece {
    std::size_t size = 0, first = 0, last = 0, offset = 0;

    constexpr bool meets(const memory_piece& other) const { return first <= other.last && other.first <= last; }
};

/// So many cells from an offset on.
struct memory_range {
    std::size_t offset = 0, size = 0;
};

/// Places the first `count` pieces, each as low as it goes: one of them first, at 0, then the largest of the others.
/// Returns where the last one ends.
template <std::size_t N>
constexpr std::size_t place(std::array<memory_piece, N>& pieces, std::size_t count, std::size_t first = N) {
    std::array<std::size_t, N> order{}, by_offset{};
    for (std::size_t i = 0; i < count; ++i) order[i] = i;
    std::sort(order.data(), order.data() + count, [&](std::size_t a, std::size_t b) {
        if (a == first || b == first) return a == first && b != first;
        return pieces[a].size != pieces[b].size ? pieces[a].size > pieces[b].size : a < b;
    });
    std::size_t end = 0;
    for (std::size_t placed = 0; placed < count; ++placed) {
        memory_piece& piece = pieces[order[placed]];
        if (piece.size == 0 && order[placed] != first) return end;  // so are the others
        for (std::size_t i = 0; i < placed; ++i) {
            const memory_piece& other = pieces[by_offset[i]];
            if (!piece.meets(other)) continue;
            if (piece.offset + piece.size <= other.offset) break;
            piece.offset = std::max(piece.offset, other.offset + other.size);
        }
        std::size_t at = placed;
        for (; at > 0 && pieces[by_offset[at - 1]].offset > piece.offset; --at) by_offset[at] = by_offset[at - 1];
        by_offset[at] = order[placed];
        end = std::max(end, piece.offset + piece.size);
    }
    return end;
}

/// The steps of a network, and what follows from them for its memory.
template <std::size_t Steps> struct memory_facts {
    static constexpr std::size_t activations = Steps + 1;
    using table = std::array<std::size_t, activations>;

    std::array<step_facts, Steps> steps{};
    table sizes{};
    table readers{};  ///< how many inputs of steps an activation is

    constexpr memory_facts(std::size_t input_size, const std::array<step_facts, Steps>& facts) : steps{facts} {
        sizes[0] = input_size;
        for (std::size_t i = 0; i < Steps; ++i) {
            sizes[i + 1] = steps[i].output_size;
            for (std::size_t k = 0; k < steps[i].input_count; ++k) ++readers[steps[i].inputs[k]];
        }
    }

    /// For each activation the one whose cells it has: a step that moves nothing, or works in place on cells that
    /// nobody reads later, takes over those of its input.
    constexpr table roots(bool training) const {
        table root{};
        for (std::size_t i = 0; i < Steps; ++i) {
            const std::size_t in = steps[i].inputs[0];
            const bool shares = steps[i].moves_nothing || (steps[i].in_place && may_overwrite(in, training));
            root[i + 1] = shares ? root[in] : i + 1;
        }
        return root;
    }

    /// For each activation, whether its gradient is needed: it depends on a trained parameter by way of derivatives.
    constexpr std::array<bool, activations> trained(bool input_gradient) const {
        std::array<bool, activations> needed{};
        needed[0] = input_gradient;
        for (std::size_t i = 0; i < Steps; ++i) {
            if (steps[i].no_gradient) continue;
            needed[i + 1] = steps[i].trained;
            for (std::size_t k = 0; k < steps[i].input_count; ++k) needed[i + 1] |= needed[steps[i].inputs[k]];
        }
        return needed;
    }

private:
    /// Whether a step may write over its input.
    constexpr bool may_overwrite(std::size_t a, bool training) const {
        for (;;) {
            if (readers[a] != 1) return false;
            if (a == 0) return !training;
            const step_facts& producer = steps[a - 1];
            if (!producer.moves_nothing) return !training || !producer.reads_y;
            a = producer.inputs[0];
        }
    }
};

/// Where everything lies while predicting: cells are used again once nobody reads them any more. The input lies at 0.
template <std::size_t Steps> struct inference_plan {
    typename memory_facts<Steps>::table activations{};
    std::array<std::size_t, Steps> scratch{}, kept{};
    std::size_t cells = 0;

    constexpr explicit inference_plan(const memory_facts<Steps>& facts) {
        const auto root = facts.roots(false);
        std::array<memory_piece, 3 * Steps + 1> pieces{};
        memory_piece* const scratch_pieces = pieces.data() + Steps + 1;
        memory_piece* const kept_pieces = scratch_pieces + Steps;
        for (std::size_t a = 0; a <= Steps; ++a) {
            if (root[a] == a) pieces[a] = {facts.sizes[a], a, a};
        }
        for (std::size_t i = 0; i < Steps; ++i) {
            const step_facts& step = facts.steps[i];
            for (std::size_t k = 0; k < step.input_count; ++k) {
                memory_piece& piece = pieces[root[step.inputs[k]]];
                piece.last = std::max(piece.last, i + 1);
            }
            scratch_pieces[i] = {step.scratch, i + 1, i + 1};
            kept_pieces[i] = {step.kept, i + 1, i + 1};
        }
        pieces[root[Steps]].last = Steps + 1;
        cells = place(pieces, pieces.size(), 0);
        for (std::size_t a = 0; a <= Steps; ++a) activations[a] = pieces[root[a]].offset;
        for (std::size_t i = 0; i < Steps; ++i) {
            scratch[i] = scratch_pieces[i].offset;
            kept[i] = kept_pieces[i].offset;
        }
    }
};

/// Where everything lies while training: an activation is kept until the backward pass has read it, a gradient until
/// the step has used it whose result it belongs to.
template <std::size_t Steps> struct training_plan {
    using facts_type = memory_facts<Steps>;
    using table = typename facts_type::table;

    std::array<bool, Steps + 1> needed{};  ///< whether an activation's gradient is
    table activations{}, gradients{};
    std::array<std::size_t, Steps> scratch{}, backward_scratch{}, kept{};
    std::array<std::array<gradient_flow, step_facts::most_inputs>, Steps> flows{};
    std::array<std::array<std::size_t, step_facts::most_inputs>, Steps> temporaries{};
    std::size_t cells = 0;

    /// What the forward pass leaves for the backward pass, for its steps: activations, then kept cells. All
    /// other cells hold nothing then.
    std::array<memory_range, 2 * Steps + 1> live_after_loss{};

    constexpr training_plan(const facts_type& facts, bool input_gradient) : needed{facts.trained(input_gradient)} {
        std::array<memory_piece, 6 * Steps + 2> pieces{};
        memory_piece* const activation_pieces = pieces.data();
        memory_piece* const gradient_pieces = activation_pieces + Steps + 1;
        memory_piece* const temporary_pieces = gradient_pieces + Steps + 1;
        memory_piece* const scratch_pieces = temporary_pieces + Steps;
        memory_piece* const backward_scratch_pieces = scratch_pieces + Steps;
        memory_piece* const kept_pieces = backward_scratch_pieces + Steps;

        const table activation_root = facts.roots(true);
        plan_activations(facts, activation_root, activation_pieces);
        const table gradient_root = plan_gradients(facts, gradient_pieces, temporary_pieces);
        for (std::size_t i = 0; i < Steps; ++i) {
            const step_facts& step = facts.steps[i];
            scratch_pieces[i] = {step.scratch, forward(i), forward(i)};
            kept_pieces[i] = {step.kept, forward(i), needed[i + 1] ? backward(i) : forward(i)};
            if (needed[i + 1])
                backward_scratch_pieces[i] = {std::max(step.scratch, step.backward_scratch), backward(i), backward(i)};
        }
        cells = place(pieces, pieces.size(), 0);
        for (std::size_t a = 0; a <= Steps; ++a) {
            activations[a] = activation_pieces[activation_root[a]].offset;
            gradients[a] = gradient_pieces[gradient_root[a]].offset;
        }
        const auto live = [](const memory_piece& piece) {
            return piece.last > loss ? memory_range{piece.offset, piece.size} : memory_range{};
        };
        for (std::size_t a = 0; a <= Steps; ++a) live_after_loss[a] = live(activation_pieces[a]);
        for (std::size_t i = 0; i < Steps; ++i) live_after_loss[Steps + 1 + i] = live(kept_pieces[i]);
        for (std::size_t i = 0; i < Steps; ++i) {
            scratch[i] = scratch_pieces[i].offset;
            backward_scratch[i] = backward_scratch_pieces[i].offset;
            kept[i] = kept_pieces[i].offset;
            for (std::size_t& temporary : temporaries[i]) temporary += temporary_pieces[i].offset;
        }
    }

private:
    static constexpr std::size_t forward(std::size_t step) { return step + 1; }
    static constexpr std::size_t loss = Steps + 1;
    static constexpr std::size_t backward(std::size_t step) { return 2 * Steps + 1 - step; }
    static constexpr std::size_t end = 2 * Steps + 2;

    constexpr void plan_activations(const facts_type& facts, const table& root, memory_piece* pieces) const {
        for (std::size_t a = 0; a <= Steps; ++a) {
            if (root[a] == a) pieces[a] = {facts.sizes[a], a, a};
            // A loss reads the last activation, or that before a Softmax.
            if (a + 1 >= Steps) pieces[root[a]].last = std::max(pieces[root[a]].last, loss);
        }
        for (std::size_t i = 0; i < Steps; ++i) {
            const step_facts& step = facts.steps[i];
            const bool runs_backward = needed[i + 1] && !step.adds && !step.moves_nothing;
            for (std::size_t k = 0; k < step.input_count; ++k) {
                std::size_t& last = pieces[root[step.inputs[k]]].last;
                last = std::max(last, runs_backward && step.reads_x ? backward(i) : forward(i));
            }
            if (runs_backward && step.reads_y)
                pieces[root[i + 1]].last = std::max(pieces[root[i + 1]].last, backward(i));
        }
    }

    /// Settles how gradients flow. For each activation, returns the one in the cells of whose gradient its own lies.
    constexpr table plan_gradients(const facts_type& facts, memory_piece* pieces, memory_piece* temporary_pieces) {
        table root{};
        for (std::size_t a = 0; a <= Steps; ++a) root[a] = a;
        std::array<bool, Steps + 1> reached{};
        reached[Steps] = true;
        pieces[Steps] = {facts.sizes[Steps], loss, loss};
        if (!needed[Steps]) pieces[Steps - 1] = {facts.sizes[Steps - 1], loss, loss};  // nothing is trained
        for (std::size_t i = Steps; i-- > 0;) {
            if (!needed[i + 1]) continue;
            const step_facts& step = facts.steps[i];
            for (std::size_t k = 0; k < step.input_count; ++k) {
                const std::size_t u = step.inputs[k];
                const auto use_temporary = [&] {
                    if (step.adds || step.moves_nothing) return;
                    temporaries[i][k] = temporary_pieces[i].size;
                    temporary_pieces[i] = {temporary_pieces[i].size + facts.sizes[u], backward(i), backward(i)};
                };
                if (!needed[u]) {  // a step with several inputs writes all of their gradients
                    if (step.input_count > 1) use_temporary();
                    continue;
                }
                if (reached[u]) {
                    flows[i][k] = gradient_flow::add;
                    use_temporary();
                } else if (step.moves_nothing || (step.adds && may_share(facts, i, k))) {
                    flows[i][k] = gradient_flow::shared;
                    root[u] = root[i + 1];
                } else {
                    flows[i][k] = gradient_flow::write;
                    root[u] = step.in_place || step.dx_on_dy ? root[i + 1] : u;
                    // The loss may start before a last Softmax.
                    if (root[u] == u) pieces[u] = {facts.sizes[u], u + 1 == Steps ? loss : backward(i), backward(i)};
                }
                reached[u] = true;
            }
        }
        for (std::size_t a = 0; a <= Steps; ++a) {
            if (needed[a]) pieces[root[a]].last = std::max(pieces[root[a]].last, a == 0 ? end : backward(a - 1));
        }
        return root;
    }

    /// Whether the gradient of a sum may serve as that of its input k as it is. It may for the input that was made
    /// first: whatever else the gradient serves as has been used by then. For another one, the step that made it must
    /// only read it, and before something else is added to the gradient of the first one.
    static constexpr bool may_share(const facts_type& facts, std::size_t i, std::size_t k) {
        const step_facts& sum = facts.steps[i];
        const std::size_t u = sum.inputs[k];
        std::size_t earliest = u;
        for (std::size_t j = 0; j < sum.input_count; ++j) {
            earliest = std::min(earliest, sum.inputs[j]);
            if (j != k && sum.inputs[j] == u) return false;
        }
        if (u == earliest) return true;
        const step_facts& maker = facts.steps[u - 1];
        // It must not pass the cells on to another gradient.
        const bool passes_on = maker.in_place || maker.dx_on_dy || maker.adds || maker.moves_nothing;
        if (facts.readers[u] != 1 || !maker.keeps_dy || passes_on) return false;
        for (std::size_t other = u; other < i; ++other) {
            for (std::size_t j = 0; j < facts.steps[other].input_count; ++j) {
                if (facts.steps[other].inputs[j] == earliest) return false;
            }
        }
        return true;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
