#pragma once

#include "strata/layers/normalization/batch_normalization.hpp"
#include "strata/layers/normalization/group_normalization.hpp"
#include "strata/layers/normalization/layer_normalization.hpp"
#include "strata/layers/normalization/normalization.hpp"
#include "strata/layers/normalization/rms_normalization.hpp"
#include "strata/layers/normalization/unit_normalization.hpp"
#include "strata/onnx/step.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Normalizations as operators of ONNX.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The parameter of this name, or where the layer goes without it so many times `otherwise`.
STRATA_OUT_OF_LINE inline onnx_weight onnx_weight_or(onnx_step& to, std::string_view name, float otherwise,
                                                     std::size_t channels) {
    if (to.has(name)) return to.weight(name);
    return {std::string(name), {channels}, std::vector<float>(channels, otherwise)};
}

/// With the moving averages; those of a batch are for training. Before opset 14 nothing in the file says so, and ONNX'
/// reference implementation computes something else.
STRATA_OUT_OF_LINE inline onnx_value onnx_batch_normalization(onnx_step& to, double epsilon) {
    to.need_opset(14);
    const std::string x = to.channels_first();
    const std::size_t channels = to.extents().back();
    const std::string gamma = to.constant(onnx_weight_or(to, "gamma", 1, channels));
    const std::string beta = to.constant(onnx_weight_or(to, "beta", 0, channels));
    const std::string mean = to.constant(to.weight("moving_mean"));
    const std::string variance = to.constant(to.weight("moving_variance"));
    return {
        to.node("BatchNormalization", {x, gamma, beta, mean, variance}, onnx_attributes().number("epsilon", epsilon)),
        true};
}

STRATA_OUT_OF_LINE inline onnx_value onnx_layer_normalization(onnx_step& to, double epsilon) {
    to.need_opset(17);
    std::vector<std::string> inputs{to.channels_last(),
                                    to.constant(onnx_weight_or(to, "gamma", 1, to.extents().back()))};
    if (to.has("beta")) inputs.push_back(to.constant(to.weight("beta")));
    return {to.node("LayerNormalization", inputs, onnx_attributes().integer("axis", -1).number("epsilon", epsilon))};
}

/// Each group becomes a channel of an InstanceNormalization: GroupNormalization is an operator of opset 18.
STRATA_OUT_OF_LINE inline onnx_value onnx_group_normalization(onnx_step& to, std::size_t groups, double epsilon) {
    const std::size_t rank = to.extents().size(), channels = to.extents().back();
    const std::string rows = to.reshaped(to.channels_first(), {0, static_cast<std::int64_t>(groups), -1});
    const std::string ones = to.constant({"ones", {groups}, std::vector<float>(groups, 1.0f)});
    const std::string zeros = to.constant({"zeros", {groups}, std::vector<float>(groups, 0.0f)});
    const std::string normal =
        to.node("InstanceNormalization", {rows, ones, zeros}, onnx_attributes().number("epsilon", epsilon));
    std::vector<std::int64_t> shape{0, static_cast<std::int64_t>(channels)};
    for (std::size_t axis = 0; axis + 1 < rank; ++axis) shape.push_back(static_cast<std::int64_t>(to.extents()[axis]));
    std::string y = to.reshaped(normal, shape);
    if (to.has("gamma")) y = to.node("Mul", {y, to.per_channel(to.weight("gamma"), rank, true)});
    if (to.has("beta")) y = to.node("Add", {y, to.per_channel(to.weight("beta"), rank, true)});
    return {y, true};
}

/// RMSNormalization is an operator of opset 23.
STRATA_OUT_OF_LINE inline onnx_value onnx_rms_normalization(onnx_step& to, double epsilon) {
    const std::string x = to.channels_last();
    const std::string mean =
        to.node("ReduceMean", {to.node("Mul", {x, x})}, onnx_attributes().integers("axes", {to.extents().size()}));
    const std::string root = to.node("Sqrt", {to.node("Add", {mean, to.number(epsilon)})});
    return {to.node("Mul", {to.node("Div", {x, root}), to.constant(to.weight("scale"))})};
}

STRATA_OUT_OF_LINE inline onnx_value onnx_unit_normalization(onnx_step& to) {
    const std::string x = to.channels_last();
    const std::string length = to.node("ReduceL2", {x}, onnx_attributes().integers("axes", {to.extents().size()}));
    return {to.node("Div", {x, to.node("Max", {length, to.number(1e-12)})})};
}

/// (x - mean) / deviation, both of the data that the layer was adapted to.
STRATA_OUT_OF_LINE inline onnx_value onnx_normalization(onnx_step& to) {
    const onnx_value x = to.input();
    const std::size_t rank = to.extents().size();
    onnx_weight factor{"factor", to.weight("variance").extents, {}};
    for (const float variance : to.weight("variance").values)
        factor.values.push_back(1.0f / std::max(1e-7f, std::sqrt(variance)));
    const std::string centered = to.node("Sub", {x.name, to.per_channel(to.weight("mean"), rank, x.channels_first)});
    return {to.node("Mul", {centered, to.per_channel(factor, rank, x.channels_first)}), x.channels_first};
}

template <class Layer> inline constexpr double onnx_epsilon = Layer::options::template get<option::epsilon>::value;

}  // namespace detail

template <class... Options> struct onnx_form<BatchNormalization<Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_batch_normalization(to, Stage::epsilon);
    }
};
template <class... Options> struct onnx_form<LayerNormalization<Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_layer_normalization(to, detail::onnx_epsilon<LayerNormalization<Options...>>);
    }
};
template <class... Options> struct onnx_form<GroupNormalization<Options...>> {
    using options = typename GroupNormalization<Options...>::options;
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_group_normalization(to, options::template get<option::groups>::value,
                                                options::template get<option::epsilon>::value);
    }
};
template <class... Options> struct onnx_form<RMSNormalization<Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_rms_normalization(to, detail::onnx_epsilon<RMSNormalization<Options...>>);
    }
};
template <> struct onnx_form<UnitNormalization> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_unit_normalization(to); }
};
template <> struct onnx_form<Normalization> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_normalization(to); }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
