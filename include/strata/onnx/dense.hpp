#pragma once

#include "strata/layers/dense.hpp"
#include "strata/layers/merging.hpp"
#include "strata/layers/regularization/dropout.hpp"
#include "strata/layers/regularization/gaussian_noise.hpp"
#include "strata/layers/rescaling.hpp"
#include "strata/onnx/activations.hpp"
#include "strata/onnx/step.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Dense, merges, and what does nothing while predicting, as operators of ONNX.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// A layer whose activation has a form in ONNX, too.
template <class Layer>
concept has_onnx_activation = has_onnx_form<typename Layer::options::template get<option::activation>>;

namespace detail {

STRATA_OUT_OF_LINE inline std::string onnx_dense(onnx_step& to) {
    const std::string x = to.channels_last();
    std::vector<std::string> inputs{x, to.constant(to.weight("kernel"))};
    const bool has_bias = to.has("bias");
    if (has_bias) inputs.push_back(to.constant(to.weight("bias")));
    if (to.extents().size() == 1) return to.node("Gemm", inputs);
    const std::string product = to.node("MatMul", {inputs[0], inputs[1]});
    return has_bias ? to.node("Add", {product, inputs[2]}) : product;
}

/// An operator that takes any number of inputs, or two at a time.
STRATA_OUT_OF_LINE inline onnx_value onnx_merge(onnx_step& to, std::string_view type, bool two_at_a_time) {
    bool first = false;
    const std::vector<std::string> inputs = to.inputs_in_one_order(first);
    if (!two_at_a_time) return {to.node(type, inputs), first};
    std::string result = inputs[0];
    for (std::size_t k = 1; k < inputs.size(); ++k) result = to.node(type, {result, inputs[k]});
    return {result, first};
}

STRATA_OUT_OF_LINE inline onnx_value onnx_concatenation(onnx_step& to) {
    bool first = false;
    const std::vector<std::string> inputs = to.inputs_in_one_order(first);
    const auto axis = static_cast<std::int64_t>(first ? 1 : -1);
    return {to.node("Concat", inputs, onnx_attributes().integer("axis", axis)), first};
}

/// y = factor x + offset.
STRATA_OUT_OF_LINE inline onnx_value onnx_rescaling(onnx_step& to, double factor, double offset) {
    const onnx_value x = to.input();
    const std::string product = to.node("Mul", {x.name, to.number(factor)});
    return {offset == 0 ? product : to.node("Add", {product, to.number(offset)}), x.channels_first};
}

/// What passes on its input while predicting.
struct onnx_nothing {
    template <class Stage> static onnx_value write(onnx_step& to) { return to.input(); }
};

}  // namespace detail

template <std::size_t Units, class... Options>
    requires has_onnx_activation<Dense<Units, Options...>>
struct onnx_form<Dense<Units, Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return {onnx_apply(typename Stage::inner_activation{}, to, detail::onnx_dense(to))};
    }
};

template <> struct onnx_form<Add<>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_merge(to, "Add", true); }
};
template <> struct onnx_form<Subtract<>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_merge(to, "Sub", true); }
};
template <> struct onnx_form<Multiply<>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_merge(to, "Mul", true); }
};
template <> struct onnx_form<Average<>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_merge(to, "Mean", false); }
};
template <> struct onnx_form<Maximum<>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_merge(to, "Max", false); }
};
template <> struct onnx_form<Minimum<>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_merge(to, "Min", false); }
};
template <> struct onnx_form<Concatenate<>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_concatenation(to); }
};

template <number Factor, number Offset> struct onnx_form<Rescaling<Factor, Offset>> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_rescaling(to, Factor, Offset); }
};

template <number Rate> struct onnx_form<Dropout<Rate>> : detail::onnx_nothing {};
template <number Rate> struct onnx_form<SpatialDropout1D<Rate>> : detail::onnx_nothing {};
template <number Rate> struct onnx_form<SpatialDropout2D<Rate>> : detail::onnx_nothing {};
template <number Rate> struct onnx_form<AlphaDropout<Rate>> : detail::onnx_nothing {};
template <number Rate> struct onnx_form<GaussianDropout<Rate>> : detail::onnx_nothing {};
template <number Deviation> struct onnx_form<GaussianNoise<Deviation>> : detail::onnx_nothing {};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
