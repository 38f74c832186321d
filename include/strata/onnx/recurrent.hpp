#pragma once

#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/recurrent/sequence.hpp"
#include "strata/layers/recurrent/gru.hpp"
#include "strata/layers/recurrent/lstm.hpp"
#include "strata/layers/recurrent/simple_rnn.hpp"
#include "strata/onnx/step.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Recurrent layers as operators of ONNX, each in one direction: a Bidirectional stands for two of them and a merge.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// An activation inside of ONNX' recurrent operators, and its settings.
struct onnx_cell_activation {
    std::string name;
    std::vector<double> alpha{}, beta{};
};

// Those that there are, an overload for each.

inline onnx_cell_activation onnx_inside(kernels::tanh) { return {"Tanh"}; }
inline onnx_cell_activation onnx_inside(kernels::sigmoid) { return {"Sigmoid"}; }
inline onnx_cell_activation onnx_inside(kernels::relu) { return {"Relu"}; }
inline onnx_cell_activation onnx_inside(kernels::linear) { return {"Affine", {1}, {0}}; }
inline onnx_cell_activation onnx_inside(kernels::hard_sigmoid) { return {"HardSigmoid", {1.0 / 6}, {0.5}}; }
inline onnx_cell_activation onnx_inside(kernels::sparse_sigmoid) { return {"HardSigmoid", {0.5}, {0.5}}; }
inline onnx_cell_activation onnx_inside(kernels::softplus) { return {"Softplus"}; }
template <number Slope> onnx_cell_activation onnx_inside(kernels::leaky_relu<Slope>) { return {"LeakyRelu", {Slope}}; }
template <number Alpha> onnx_cell_activation onnx_inside(kernels::scaled_elu<Alpha>) { return {"Elu", {Alpha}}; }

template <class Function>
concept has_onnx_inside = requires(Function f) { onnx_inside(f); };

namespace detail {

/// How a recurrent layer is written: the operator, its activations, and at which places of strata's order its gates
/// stand.
struct onnx_recurrent_plan {
    std::string_view type;
    std::vector<onnx_cell_activation> activations;
    std::vector<std::size_t> gates;
    bool reset_after = false;
};

/// The gates of one bias, or one row of a kernel, after those that were appended before.
STRATA_OUT_OF_LINE inline void append_onnx_gates(std::vector<float>& to, const float* from, std::size_t units,
                                                 const std::vector<std::size_t>& gates) {
    for (const std::size_t gate : gates) to.insert(to.end(), from + gate * units, from + (gate + 1) * units);
}

/// 1 x gates x inputs, of a kernel of inputs x gates.
STRATA_OUT_OF_LINE inline std::string onnx_gate_kernel(onnx_step& to, std::string_view name, std::size_t units,
                                                       const std::vector<std::size_t>& gates) {
    onnx_weight sorted = to.weight(name);
    const std::vector<float> given = std::exchange(sorted.values, {});
    const std::size_t inputs = sorted.extents[0], columns = sorted.extents[1];
    for (std::size_t row = 0; row < inputs; ++row)
        append_onnx_gates(sorted.values, given.data() + row * columns, units, gates);
    return to.constant(sorted.permuted({1, 0}).reshaped({1, columns, inputs}));
}

/// The bias of the input, and that of the state, which only a GRU with ResetAfter has in strata.
STRATA_OUT_OF_LINE inline std::string onnx_gate_bias(onnx_step& to, std::size_t units,
                                                     const std::vector<std::size_t>& gates) {
    const onnx_weight& bias = to.weight("bias");
    const std::size_t columns = gates.size() * units;
    onnx_weight both{bias.name, {1, 2 * columns}, {}};
    for (std::size_t row = 0; row < bias.values.size(); row += columns)
        append_onnx_gates(both.values, bias.values.data() + row, units, gates);
    both.values.resize(2 * columns);
    return to.constant(both);
}

STRATA_OUT_OF_LINE inline onnx_attributes onnx_recurrent_attributes(const onnx_recurrent_plan& plan, std::size_t units,
                                                                    bool backwards) {
    onnx_attributes attributes;
    attributes.integer("hidden_size", static_cast<std::int64_t>(units));
    std::vector<std::string> names;
    std::vector<double> alphas, betas;
    for (const onnx_cell_activation& each : plan.activations) {
        names.push_back(each.name);
        alphas.insert(alphas.end(), each.alpha.begin(), each.alpha.end());
        betas.insert(betas.end(), each.beta.begin(), each.beta.end());
    }
    attributes.texts("activations", names);
    if (!alphas.empty()) attributes.numbers("activation_alpha", alphas);
    if (!betas.empty()) attributes.numbers("activation_beta", betas);
    if (backwards) attributes.text("direction", "reverse");
    if (plan.reset_after) attributes.integer("linear_before_reset", 1);
    return attributes;
}

/// ONNX' operators want steps x samples x inputs, and give steps x directions x samples x units, or the state after the
/// last step as directions x samples x units. In reverse, results stand in the order of the input.
STRATA_OUT_OF_LINE inline onnx_value onnx_recurrent(onnx_step& to, const onnx_recurrent_plan& plan, std::size_t units,
                                                    const kernels::recurrent::sequence_form& form) {
    const std::string steps = to.transposed(to.channels_last(), {1, 0, 2});
    std::vector<std::string> inputs{steps, onnx_gate_kernel(to, "kernel", units, plan.gates),
                                    onnx_gate_kernel(to, "recurrent_kernel", units, plan.gates)};
    if (to.has("bias")) inputs.push_back(onnx_gate_bias(to, units, plan.gates));
    const std::string y =
        to.node(plan.type, inputs, onnx_recurrent_attributes(plan, units, form.backwards), form.returns_all ? 0 : 1);
    if (!form.returns_all) return {to.node("Squeeze", {y, to.integers("axes", {0})})};
    std::string all = to.node("Squeeze", {y, to.integers("axes", {1})});
    if (form.reverses) all = to.sliced(all, {-1}, {-1 - static_cast<std::int64_t>(form.steps)}, {0}, {-1});
    return {to.transposed(all, {1, 0, 2})};
}

template <class Options>
concept has_onnx_activations =
    has_onnx_inside<activation_function<Options>> && has_onnx_inside<recurrent_activation_function<Options>>;

}  // namespace detail

template <std::size_t Units, class... Options>
    requires has_onnx_inside<activation_function<simple_rnn_options<Options...>>>
struct onnx_form<SimpleRNN<Units, Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        const auto activation = onnx_inside(activation_function<simple_rnn_options<Options...>>{});
        return detail::onnx_recurrent(to, {"RNN", {activation}, {0}}, Units, Stage::form);
    }
};

/// ONNX has the gates in the order i, o, f, c.
template <std::size_t Units, class... Options>
    requires detail::has_onnx_activations<lstm_options<Options...>>
struct onnx_form<LSTM<Units, Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        const auto gate = onnx_inside(recurrent_activation_function<lstm_options<Options...>>{});
        const auto own = onnx_inside(activation_function<lstm_options<Options...>>{});
        return detail::onnx_recurrent(to, {"LSTM", {gate, own, own}, {0, 3, 1, 2}}, Units, Stage::form);
    }
};

template <std::size_t Units, class... Options>
    requires detail::has_onnx_activations<gru_options<Options...>>
struct onnx_form<GRU<Units, Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        using options = gru_options<Options...>;
        const auto gate = onnx_inside(recurrent_activation_function<options>{});
        const auto own = onnx_inside(activation_function<options>{});
        constexpr bool reset_after = options::template has<ResetAfter>;
        return detail::onnx_recurrent(to, {"GRU", {gate, own}, {0, 1, 2}, reset_after}, Units, Stage::form);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
