#pragma once

#include "strata/kernels/activation/functions.hpp"
#include "strata/layers/activation.hpp"
#include "strata/layers/glu.hpp"
#include "strata/layers/prelu.hpp"
#include "strata/onnx/step.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>

/// Activations as operators of ONNX. Those that are newer than opset 13 there are written with older ones.
namespace strata::authoring {
inline namespace STRATA_ISA {

// What a function computes, an overload for each: reads x, and returns the name of the result.

inline std::string onnx_apply(kernels::linear, onnx_step&, const std::string& x) { return x; }
inline std::string onnx_apply(kernels::relu, onnx_step& to, const std::string& x) { return to.node("Relu", {x}); }
inline std::string onnx_apply(kernels::sigmoid, onnx_step& to, const std::string& x) { return to.node("Sigmoid", {x}); }
inline std::string onnx_apply(kernels::tanh, onnx_step& to, const std::string& x) { return to.node("Tanh", {x}); }
inline std::string onnx_apply(kernels::exponential, onnx_step& to, const std::string& x) { return to.node("Exp", {x}); }
inline std::string onnx_apply(kernels::softplus, onnx_step& to, const std::string& x) {
    return to.node("Softplus", {x});
}
inline std::string onnx_apply(kernels::softsign, onnx_step& to, const std::string& x) {
    return to.node("Softsign", {x});
}
inline std::string onnx_apply(kernels::selu, onnx_step& to, const std::string& x) { return to.node("Selu", {x}); }

template <number Slope> std::string onnx_apply(kernels::leaky_relu<Slope>, onnx_step& to, const std::string& x) {
    return to.node("LeakyRelu", {x}, onnx_attributes().number("alpha", Slope));
}
template <number Alpha> std::string onnx_apply(kernels::scaled_elu<Alpha>, onnx_step& to, const std::string& x) {
    return to.node("Elu", {x}, onnx_attributes().number("alpha", Alpha));
}
template <number Alpha> std::string onnx_apply(kernels::celu<Alpha>, onnx_step& to, const std::string& x) {
    return to.node("Celu", {x}, onnx_attributes().number("alpha", Alpha));
}

namespace detail {

/// min(max(x, low), high).
STRATA_OUT_OF_LINE inline std::string onnx_clip(onnx_step& to, const std::string& x, double low, double high) {
    return to.node("Clip", {x, to.number(low), to.number(high)});
}

STRATA_OUT_OF_LINE inline std::string onnx_hard_sigmoid(onnx_step& to, const std::string& x, double slope) {
    return to.node("HardSigmoid", {x}, onnx_attributes().number("alpha", slope).number("beta", 0.5));
}

/// 0 where |x| <= threshold, elsewhere x less `bias` of its sign.
STRATA_OUT_OF_LINE inline std::string onnx_shrink(onnx_step& to, const std::string& x, double threshold, double bias) {
    return to.node("Shrink", {x}, onnx_attributes().number("lambd", threshold).number("bias", bias));
}

/// x above `threshold`, but at most `most`, slope (x - threshold) elsewhere.
STRATA_OUT_OF_LINE inline std::string onnx_bounded_relu(onnx_step& to, const std::string& x, double most, double slope,
                                                        double threshold) {
    const bool is_bounded = most != std::numeric_limits<double>::infinity();
    if (slope == 0 && threshold == 0) return is_bounded ? onnx_clip(to, x, 0, most) : to.node("Relu", {x});
    const std::string edge = to.number(threshold);
    const std::string above = to.node("Greater", {x, edge});
    const std::string upper = is_bounded ? to.node("Min", {x, to.number(most)}) : x;
    const std::string lower = to.node("Mul", {to.node("Sub", {x, edge}), to.number(slope)});
    return to.node("Where", {above, upper, lower});
}

}  // namespace detail

template <number MaxValue, number Slope, number Threshold>
std::string onnx_apply(kernels::bounded_relu<MaxValue, Slope, Threshold>, onnx_step& to, const std::string& x) {
    return detail::onnx_bounded_relu(to, x, MaxValue, Slope, Threshold);
}
template <number Threshold>
std::string onnx_apply(kernels::hard_shrink<Threshold>, onnx_step& to, const std::string& x) {
    return detail::onnx_shrink(to, x, Threshold, 0);
}
template <number Threshold>
std::string onnx_apply(kernels::soft_shrink<Threshold>, onnx_step& to, const std::string& x) {
    return detail::onnx_shrink(to, x, Threshold, Threshold);
}
inline std::string onnx_apply(kernels::hard_sigmoid, onnx_step& to, const std::string& x) {
    return detail::onnx_hard_sigmoid(to, x, 1.0 / 6);
}
inline std::string onnx_apply(kernels::sparse_sigmoid, onnx_step& to, const std::string& x) {
    return detail::onnx_hard_sigmoid(to, x, 0.5);
}
inline std::string onnx_apply(kernels::hard_tanh, onnx_step& to, const std::string& x) {
    return detail::onnx_clip(to, x, -1, 1);
}
inline std::string onnx_apply(kernels::hard_silu, onnx_step& to, const std::string& x) {
    return to.node("Mul", {x, detail::onnx_hard_sigmoid(to, x, 1.0 / 6)});
}
inline std::string onnx_apply(kernels::silu, onnx_step& to, const std::string& x) {
    return to.node("Mul", {x, to.node("Sigmoid", {x})});
}
inline std::string onnx_apply(kernels::mish, onnx_step& to, const std::string& x) {
    return to.node("Mul", {x, to.node("Tanh", {to.node("Softplus", {x})})});
}
inline std::string onnx_apply(kernels::log_sigmoid, onnx_step& to, const std::string& x) {
    return to.node("Neg", {to.node("Softplus", {to.node("Neg", {x})})});
}
inline std::string onnx_apply(kernels::tanh_shrink, onnx_step& to, const std::string& x) {
    return to.node("Sub", {x, to.node("Tanh", {x})});
}

/// Alpha tanh(Beta x).
template <number Alpha, number Beta>
STRATA_OUT_OF_LINE std::string onnx_apply(kernels::scaled_tanh<Alpha, Beta>, onnx_step& to, const std::string& x) {
    const std::string tanh = to.node("Tanh", {to.node("Mul", {x, to.number(Beta)})});
    return to.node("Mul", {tanh, to.number(Alpha)});
}

/// x (1 + erf(x / sqrt(2))) / 2.
STRATA_OUT_OF_LINE inline std::string onnx_apply(kernels::gelu, onnx_step& to, const std::string& x) {
    const std::string erf = to.node("Erf", {to.node("Mul", {x, to.number(1 / std::numbers::sqrt2)})});
    return to.node("Mul", {to.node("Mul", {x, to.number(0.5)}), to.node("Add", {erf, to.number(1)})});
}

/// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
STRATA_OUT_OF_LINE inline std::string onnx_apply(kernels::gelu_tanh, onnx_step& to, const std::string& x) {
    const std::string one = to.number(1);
    const std::string square = to.node("Mul", {to.node("Mul", {x, x}), to.number(0.044715)});
    const std::string inner = to.node("Mul", {x, to.node("Add", {square, one})});
    const double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
    const std::string tanh = to.node("Tanh", {to.node("Mul", {inner, to.number(scale)})});
    return to.node("Mul", {to.node("Mul", {x, to.number(0.5)}), to.node("Add", {tanh, one})});
}

/// (x + sqrt(x^2 + B)) / 2.
template <number B>
STRATA_OUT_OF_LINE std::string onnx_apply(kernels::squareplus<B>, onnx_step& to, const std::string& x) {
    const std::string root = to.node("Sqrt", {to.node("Add", {to.node("Mul", {x, x}), to.number(B)})});
    return to.node("Mul", {to.node("Add", {x, root}), to.number(0.5)});
}

/// ((min(max(x, -1), 1) + 1) / 2)^2 + max(x - 1, 0).
STRATA_OUT_OF_LINE inline std::string onnx_apply(kernels::sparse_plus, onnx_step& to, const std::string& x) {
    const std::string one = to.number(1);
    const std::string between = to.node("Add", {detail::onnx_clip(to, x, -1, 1), one});
    const std::string half = to.node("Mul", {between, to.number(0.5)});
    return to.node("Add", {to.node("Mul", {half, half}), to.node("Relu", {to.node("Sub", {x, one})})});
}

/// A function that has such an overload.
template <class Function>
concept has_onnx_function = requires(Function f, onnx_step& to, const std::string& x) { onnx_apply(f, to, x); };

/// An activation that works cell by cell.
template <class Layer>
    requires has_onnx_function<typename Layer::function>
struct onnx_form<Layer> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        const onnx_value x = to.input();
        return {onnx_apply(typename Layer::function{}, to, x.name), x.channels_first};
    }
};
template <> struct onnx_form<Sigmoid::apart> : onnx_form<Sigmoid> {};

namespace detail {

/// x sorted from the largest on; those belong to the support that, times their place, and one more, are above the sum
/// so far. The result is max(x - t, 0), with the t for which the support sums to one.
STRATA_OUT_OF_LINE inline onnx_value onnx_sparsemax(onnx_step& to) {
    const std::string x = to.channels_last();
    const std::size_t columns = to.extents().back();
    const std::string last = to.integers("axes", {-1}), one = to.number(1);
    onnx_weight places{"places", {columns}, {}};
    for (std::size_t i = 1; i <= columns; ++i) places.values.push_back(static_cast<float>(i));
    const std::string count = to.integers("count", {static_cast<std::int64_t>(columns)});
    const std::string sorted = to.node("TopK", {x, count}, {}, 0, 2);
    const std::string sums = to.node("CumSum", {sorted, to.integer("axis", -1)});
    const std::string bound = to.node("Add", {to.node("Mul", {sorted, to.constant(places)}), one});
    constexpr std::int64_t floats = 1;
    const std::string support =
        to.node("Cast", {to.node("Greater", {bound, sums})}, onnx_attributes().integer("to", floats));
    const std::string sum = to.node("ReduceSum", {to.node("Mul", {sorted, support}), last});
    const std::string size = to.node("ReduceSum", {support, last});
    const std::string t = to.node("Div", {to.node("Sub", {sum, one}), size});
    return {to.node("Relu", {to.node("Sub", {x, t})})};
}

/// An operator along the channels.
STRATA_OUT_OF_LINE inline onnx_value onnx_along_channels(onnx_step& to, std::string_view type) {
    const onnx_value x = to.input();
    const auto axis = static_cast<std::int64_t>(x.channels_first ? 1 : -1);
    return {to.node(type, {x.name}, onnx_attributes().integer("axis", axis)), x.channels_first};
}

}  // namespace detail

template <> struct onnx_form<Softmax> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_along_channels(to, "Softmax"); }
};
template <> struct onnx_form<LogSoftmax> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        return detail::onnx_along_channels(to, "LogSoftmax");
    }
};
template <> struct onnx_form<Sparsemax> {
    template <class Stage> static onnx_value write(onnx_step& to) { return detail::onnx_sparsemax(to); }
};
template <> struct onnx_form<GLU> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        const onnx_value x = to.input();
        const auto half = static_cast<std::int64_t>(to.extents().back() / 2);
        const std::int64_t axis = x.channels_first ? 1 : static_cast<std::int64_t>(to.extents().size());
        const std::string a = to.sliced(x.name, {0}, {half}, {axis}), b = to.sliced(x.name, {half}, {2 * half}, {axis});
        return {to.node("Mul", {a, to.node("Sigmoid", {b})}), x.channels_first};
    }
};

template <class... Options> struct onnx_form<PReLU<Options...>> {
    template <class Stage> static onnx_value write(onnx_step& to) {
        const onnx_value x = to.input();
        const onnx_weight& alpha = to.weight("alpha");
        const std::string slope = to.constant(x.channels_first ? alpha.channels_first() : alpha);
        return {to.node("PRelu", {x.name, slope}), x.channels_first};
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
