#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/text.hpp"
#include "strata/io/onnx_graph.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// How a layer is written as operators of ONNX. A specialization has
///
///     template <class Stage> static onnx_value write(onnx_step& step);
///
/// which adds operators to the step's graph and says what they compute. `Stage` is the layer on the shape of its input.
/// A layer without one has no form in ONNX.
template <class Layer> struct onnx_form;

/// A layer that `save_onnx` can write.
template <class Layer>
concept has_onnx_form = requires { sizeof(onnx_form<Layer>); };

/// What a graph computes for a layer: the name of a value, and the order of its axes. ONNX's convolutions have the
/// channels before rows and columns, strata has them last.
struct onnx_value {
    std::string name;
    bool channels_first = false;
};

/// An activation of a network in a graph, in one order of its axes or in both. `extents` are those of a sample as in
/// strata, channels last. What has one axis is the same in both.
struct onnx_activation {
    std::vector<std::size_t> extents;
    std::string last{}, first{};
};

/// The values of a parameter, or state, of a layer, in row-major order.
struct onnx_weight {
    std::string name;
    std::vector<std::size_t> extents;
    std::vector<float> values;

    /// The same with its axes in another order: axis i is what axis order[i] was.
    STRATA_OUT_OF_LINE onnx_weight permuted(const std::vector<std::size_t>& order) const {
        onnx_weight result{name, {}, {}};
        std::vector<std::size_t> strides(extents.size(), 1), walked, index(order.size());
        for (std::size_t d = extents.size(); d-- > 1;) strides[d - 1] = strides[d] * extents[d];
        for (const std::size_t axis : order) {
            result.extents.push_back(extents[axis]);
            walked.push_back(strides[axis]);
        }
        std::size_t at = 0;
        while (result.values.size() < values.size()) {
            result.values.push_back(values[at]);
            for (std::size_t d = order.size(); d-- > 0;) {
                at += walked[d];
                if (++index[d] < result.extents[d]) break;
                at -= walked[d] * result.extents[d];
                index[d] = 0;
            }
        }
        return result;
    }

    /// The same with the last axis as the first one.
    STRATA_OUT_OF_LINE onnx_weight channels_first() const {
        std::vector<std::size_t> order{extents.size() - 1};
        for (std::size_t axis = 0; axis + 1 < extents.size(); ++axis) order.push_back(axis);
        return permuted(order);
    }

    /// The same of another shape.
    onnx_weight reshaped(std::vector<std::size_t> shape) const { return {name, std::move(shape), values}; }
};

/// One step of a network that is being written: a layer, or the activation behind it. What it reads, its weights, and
/// the graph that it adds to.
class onnx_step {
public:
    onnx_step(onnx_graph& graph, std::string layer, std::vector<onnx_activation*> inputs,
              std::vector<onnx_weight> weights)
        : graph_{&graph}, layer_{std::move(layer)}, inputs_{std::move(inputs)}, weights_{std::move(weights)} {}

    std::size_t input_count() const { return inputs_.size(); }

    /// The shape of a sample that is read, as in strata.
    const std::vector<std::size_t>& extents(std::size_t input = 0) const { return inputs_[input]->extents; }

    /// What is read, in the order of axes that is there.
    onnx_value input(std::size_t k = 0) const {
        const bool first = inputs_[k]->last.empty();
        return {first ? inputs_[k]->first : inputs_[k]->last, first};
    }

    /// The same, in an order in which all inputs are there, or channels last.
    STRATA_OUT_OF_LINE std::vector<std::string> inputs_in_one_order(bool& channels_first) {
        channels_first = true;
        for (const onnx_activation* each : inputs_) channels_first = channels_first && !each->first.empty();
        std::vector<std::string> names;
        for (std::size_t k = 0; k < inputs_.size(); ++k)
            names.push_back(channels_first ? inputs_[k]->first : channels_last(k));
        return names;
    }

    /// What is read, with the axes as in strata; transposed if it is not there.
    STRATA_OUT_OF_LINE std::string channels_last(std::size_t k = 0) {
        onnx_activation& x = *inputs_[k];
        if (x.last.empty()) {
            std::vector<std::size_t> order{0};
            for (std::size_t axis = 2; axis <= x.extents.size(); ++axis) order.push_back(axis);
            order.push_back(1);
            x.last = transposed(x.first, order);
        }
        return x.last;
    }

    /// What is read, with the channels as the first axis of a sample.
    STRATA_OUT_OF_LINE std::string channels_first(std::size_t k = 0) {
        onnx_activation& x = *inputs_[k];
        if (x.first.empty()) {
            std::vector<std::size_t> order{0, x.extents.size()};
            for (std::size_t axis = 1; axis < x.extents.size(); ++axis) order.push_back(axis);
            x.first = x.extents.size() == 1 ? x.last : transposed(x.last, order);
        }
        return x.first;
    }

    bool has(std::string_view name) const { return find(name) != nullptr; }

    /// A parameter, or state, of the layer.
    const onnx_weight& weight(std::string_view name) const {
        const onnx_weight* const found = find(name);
        if (found == nullptr) raise<value_error>({"save_onnx: ", layer_, " has no ", name});
        return *found;
    }

    // What operators are given: their names.

    /// Weights, under the name that files have them by.
    std::string constant(const onnx_weight& values) {
        return graph_->floats(concat({layer_, "/", values.name}), values.extents, values.values);
    }

    /// A number.
    std::string number(double value) {
        const auto single = static_cast<float>(value);
        return graph_->floats(concat({layer_, "/number"}), {}, {&single, 1});
    }

    /// Whole numbers: a shape, axes, the sizes of parts.
    std::string integers(std::string_view name, const std::vector<std::int64_t>& values) {
        return graph_->integers(concat({layer_, "/", name}), values);
    }

    std::string integer(std::string_view name, std::int64_t value) {
        return graph_->integer(concat({layer_, "/", name}), value);
    }

    /// One value for each channel, for an operator between it and what has these axes. `rank`: of a sample.
    STRATA_OUT_OF_LINE std::string per_channel(const onnx_weight& values, std::size_t rank, bool channels_first) {
        std::vector<std::size_t> extents{values.values.size()};
        if (channels_first) extents.resize(rank, 1);
        return constant(values.reshaped(extents));
    }

    /// Adds an operator, of whose outputs one is taken.
    std::string node(std::string_view type, std::vector<std::string> inputs, const onnx_attributes& attributes = {},
                     std::size_t output = 0, std::size_t outputs = 1) {
        return graph_->node(type, layer_, std::move(inputs), attributes, output, outputs);
    }

    std::string transposed(const std::string& x, const std::vector<std::size_t>& order) {
        return node("Transpose", {x}, onnx_attributes().integers("perm", order));
    }

    /// A value of another shape; 0 stands for an extent that stays, -1 for the one that is left.
    std::string reshaped(const std::string& x, const std::vector<std::int64_t>& extents) {
        return node("Reshape", {x, integers("shape", extents)});
    }

    /// From index `begin` to before index `end` along these axes; the last index may be any large number.
    STRATA_OUT_OF_LINE std::string sliced(const std::string& x, const std::vector<std::int64_t>& begin,
                                          const std::vector<std::int64_t>& end, const std::vector<std::int64_t>& axes,
                                          const std::vector<std::int64_t>& steps = {}) {
        std::vector<std::string> inputs{x, integers("starts", begin), integers("ends", end), integers("axes", axes)};
        if (!steps.empty()) inputs.push_back(integers("steps", steps));
        return node("Slice", std::move(inputs));
    }

    /// Operators of this set are used.
    void need_opset(std::uint64_t opset) { graph_->need_opset(opset); }

    /// The same step for another input.
    onnx_step reading(onnx_activation& other) const { return {*graph_, layer_, {&other}, weights_}; }

private:
    const onnx_weight* find(std::string_view name) const {
        for (const onnx_weight& each : weights_) {
            if (each.name == name) return &each;
        }
        return nullptr;
    }

    onnx_graph* graph_;
    std::string layer_;
    std::vector<onnx_activation*> inputs_;
    std::vector<onnx_weight> weights_;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
