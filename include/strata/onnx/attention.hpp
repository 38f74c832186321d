#pragma once

#include "strata/layers/attention/multi_head_attention.hpp"
#include "strata/onnx/step.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

/// Attention as operators of ONNX. (Attention is an operator of opset 23.)
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// What an attention is made of.
struct onnx_attention_plan {
    std::size_t queries, sources, heads, key, value;
    bool causal;
};

/// x kernel + bias along the last axis, the kernel as a matrix of so many rows.
STRATA_OUT_OF_LINE inline std::string onnx_projection(onnx_step& to, const std::string& x, const std::string& name,
                                                      std::size_t rows) {
    const onnx_weight& kernel = to.weight(name + "/kernel");
    const std::size_t columns = kernel.values.size() / rows;
    const std::string product = to.node("MatMul", {x, to.constant(kernel.reshaped({rows, columns}))});
    if (!to.has(name + "/bias")) return product;
    return to.node("Add", {product, to.constant(to.weight(name + "/bias").reshaped({columns}))});
}

/// The axes of a projection to heads in another order; at first they are samples, steps, heads, units.
STRATA_OUT_OF_LINE inline std::string onnx_heads(onnx_step& to, const std::string& x, std::size_t steps,
                                                 std::size_t heads, std::size_t units,
                                                 const std::vector<std::size_t>& order) {
    const auto extent = [](std::size_t value) { return static_cast<std::int64_t>(value); };
    return to.transposed(to.reshaped(x, {0, extent(steps), extent(heads), extent(units)}), order);
}

STRATA_OUT_OF_LINE inline onnx_value onnx_attention(onnx_step& to, const onnx_attention_plan& plan) {
    const std::size_t source = to.input_count() - 1;
    const std::string query_input = to.channels_last(0), source_input = to.channels_last(source);
    const std::size_t query_width = to.extents(0).back(), source_width = to.extents(source).back();
    const std::string q = onnx_projection(to, query_input, "query", query_width);
    const std::string k = onnx_projection(to, source_input, "key", source_width);
    const std::string v = onnx_projection(to, source_input, "value", source_width);

    const std::string scaled = to.node("Mul", {q, to.number(1 / std::sqrt(static_cast<double>(plan.key)))});
    const std::string by_query = onnx_heads(to, scaled, plan.queries, plan.heads, plan.key, {0, 2, 1, 3});
    const std::string by_key = onnx_heads(to, k, plan.sources, plan.heads, plan.key, {0, 2, 3, 1});
    std::string scores = to.node("MatMul", {by_query, by_key});
    if (plan.causal) {
        onnx_weight mask{"mask", {plan.queries, plan.sources}, {}};
        for (std::size_t i = 0; i < plan.queries; ++i) {
            for (std::size_t j = 0; j < plan.sources; ++j)
                mask.values.push_back(j > i ? -std::numeric_limits<float>::infinity() : 0.0f);
        }
        scores = to.node("Add", {scores, to.constant(mask)});
    }
    const std::string shares = to.node("Softmax", {scores}, onnx_attributes().integer("axis", -1));
    const std::string values = onnx_heads(to, v, plan.sources, plan.heads, plan.value, {0, 2, 1, 3});
    const std::string results = to.transposed(to.node("MatMul", {shares, values}), {0, 2, 1, 3});
    const std::size_t width = plan.heads * plan.value;
    const std::string rows =
        to.reshaped(results, {0, static_cast<std::int64_t>(plan.queries), static_cast<std::int64_t>(width)});
    return {onnx_projection(to, rows, "attention_output", width)};
}

}  // namespace detail

template <std::size_t Heads, std::size_t KeyUnits, class... Options>
struct onnx_form<MultiHeadAttention<Heads, KeyUnits, Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        constexpr auto form = Stage::form;
        return detail::onnx_attention(to, {form.queries, form.sources, form.heads, form.key, form.value, form.causal});
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
