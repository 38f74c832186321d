#pragma once

#include "strata/core/last_activation.hpp"
#include "strata/core/stage.hpp"
#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/activation/rows.hpp"
#include "strata/kernels/one_sample/activation.hpp"
#include "strata/layers/activation_options.hpp"
#include "strata/layers/options.hpp"

#include <cstddef>
#include <limits>
#include <string_view>
#include <type_traits>

/// Activations, each an option of Conv2D and Dense and also a layer of its own (Keras: keras.activations).
namespace strata::authoring {
inline namespace STRATA_ISA {

/// What every activation that works cell by cell has in common. Shapes: any, unchanged.
template <class Function> struct elementwise_activation {
    using option = option::activation;
    using function = Function;

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr bool passes_mask = true;

        using function = Function;
        static constexpr auto as_last =
            std::is_same_v<Function, kernels::sigmoid> ? last_activation::sigmoid : last_activation::other;

        /// Whether the derivative follows from the result.
        static constexpr bool from_result = requires(double y) { Function::slope(y); };
        static constexpr stage_needs needs{
            .backward_reads_x = !from_result, .backward_reads_y = from_result, .in_place = from_result};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t i = 0; i < In::size; ++i) c.y[i] = Function::apply(c.x[i]);
        }

        template <class V> using one_sample = kernels::one_sample::elementwise<Function, In::size, V>;

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) {
                for (std::size_t i = 0; i < In::size; ++i) {
                    if constexpr (from_result)
                        c.dx[i] = c.dy[i] * Function::slope(c.y[i]);
                    else
                        c.dx[i] = c.dy[i] * Function::slope_of_input(c.x[i]);
                }
            }
        }

        template <bool InputGradient, class V> static void gauss_newton(gauss_newton_context<V> c) {
            backward<InputGradient, V>(c);
            c.dy = c.dx;
            backward<InputGradient, V>(c);
        }
    };
};

/// y = x.
struct Linear : elementwise_activation<kernels::linear> {
    static constexpr std::string_view class_name = "Linear";
};

/// What ReLU computes with its settings: without a largest value and a threshold, Keras takes leaky_relu.
template <class Settings>
using relu_function =
    std::conditional_t<Settings::max_value != std::numeric_limits<double>::infinity() || Settings::threshold != 0,
                       kernels::bounded_relu<Settings::max_value, Settings::slope, Settings::threshold>,
                       std::conditional_t<Settings::slope != 0, kernels::leaky_relu<Settings::slope>, kernels::relu>>;

/// y = max(x, 0).
struct ReLU : elementwise_activation<kernels::relu> {
    static constexpr std::string_view class_name = "ReLU";

    /// With settings: MaxValue, NegativeSlope and Threshold.
    template <class... Options> struct With : elementwise_activation<relu_function<relu_settings<Options...>>> {
        static constexpr std::string_view class_name = "ReLU";
    };
};

/// y = 1 / (1 + exp(-x)). At the end of a model a binary cross-entropy takes its place: see Softmax.
struct Sigmoid : elementwise_activation<kernels::sigmoid> {
    static constexpr std::string_view class_name = "Sigmoid";

    /// The activation of a model's last layer, as a step of its own.
    struct apart {
        static constexpr std::string_view class_name = "Sigmoid";
        using option = elementwise_activation<kernels::sigmoid>::option;
        template <class In> struct on : elementwise_activation<kernels::sigmoid>::on<In> {};
    };
};

/// y = tanh(x).
struct Tanh : elementwise_activation<kernels::tanh> {
    static constexpr std::string_view class_name = "Tanh";
};

/// y = 1.7159 tanh(2 x / 3), which is 1 at 1 and has its largest curvature there (LeCun, Bottou, Bengio, Haffner 1998;
/// ONNX: ScaledTanh).
struct ScaledTanh : elementwise_activation<kernels::scaled_tanh<1.7159, 2.0 / 3>> {
    static constexpr std::string_view class_name = "ScaledTanh";

    /// With settings, y = alpha tanh(beta x): Alpha and Beta.
    template <class... Options>
    struct With
        : elementwise_activation<
              kernels::scaled_tanh<scaled_tanh_settings<Options...>::alpha, scaled_tanh_settings<Options...>::beta>> {
        static constexpr std::string_view class_name = "ScaledTanh";
    };
};

/// y = x where x > 0, exp(x) - 1 elsewhere (Keras: ELU with alpha = 1; Clevert, Unterthiner, Hochreiter 2015).
struct ELU : elementwise_activation<kernels::elu> {
    static constexpr std::string_view class_name = "ELU";

    /// With settings: Alpha.
    template <class... Options>
    struct With : elementwise_activation<kernels::scaled_elu<alpha_settings<Options...>::alpha>> {
        static constexpr std::string_view class_name = "ELU";
    };
};

/// y = x P(X <= x) for a standard normal X (Keras: gelu with approximate=False; Hendrycks, Gimpel 2016).
struct GELU : elementwise_activation<kernels::gelu> {
    static constexpr std::string_view class_name = "GELU";

    /// With settings: Approximate and Exact.
    template <class... Options>
    struct With : elementwise_activation<
                      std::conditional_t<gelu_settings<Options...>::approximate, kernels::gelu_tanh, kernels::gelu>> {
        static constexpr std::string_view class_name = "GELU";
    };
};

/// y = min(max(x, 0), 6).
struct ReLU6 : elementwise_activation<kernels::relu6> {
    static constexpr std::string_view class_name = "ReLU6";
};

/// y = x where x > 0, 0.3 x elsewhere (Keras: the layer LeakyReLU; the function leaky_relu has 0.2. Maas, Hannun, Ng
/// 2013).
struct LeakyReLU : elementwise_activation<kernels::leaky_relu<0.3>> {
    static constexpr std::string_view class_name = "LeakyReLU";

    /// With settings: NegativeSlope.
    template <class... Options>
    struct With : elementwise_activation<kernels::leaky_relu<slope_settings<Options...>::slope>> {
        static constexpr std::string_view class_name = "LeakyReLU";
    };
};

/// y = 1.0507 x where x > 0, 1.7581 (exp(x) - 1) elsewhere (Klambauer, Unterthiner, Mayr, Hochreiter 2017). Goes with
/// LecunNormal.
struct SELU : elementwise_activation<kernels::selu> {
    static constexpr std::string_view class_name = "SELU";
};

/// y = x where x > 0, a (exp(x / a) - 1) elsewhere, a = 1 (Barron 2017).
struct CELU : elementwise_activation<kernels::celu<1>> {
    static constexpr std::string_view class_name = "CELU";

    /// With settings: Alpha.
    template <class... Options> struct With : elementwise_activation<kernels::celu<alpha_settings<Options...>::alpha>> {
        static constexpr std::string_view class_name = "CELU";
    };
};

/// y = exp(x).
struct Exponential : elementwise_activation<kernels::exponential> {
    static constexpr std::string_view class_name = "Exponential";
};

/// y = x sigmoid(x) (Keras: silu, swish; Elfwing, Uchibe, Doya 2017).
struct SiLU : elementwise_activation<kernels::silu> {
    static constexpr std::string_view class_name = "SiLU";
};

/// y = x tanh(log(1 + exp(x))) (Misra 2019).
struct Mish : elementwise_activation<kernels::mish> {
    static constexpr std::string_view class_name = "Mish";
};

/// y = log(1 + exp(x)).
struct Softplus : elementwise_activation<kernels::softplus> {
    static constexpr std::string_view class_name = "Softplus";
};

/// y = x / (1 + |x|).
struct Softsign : elementwise_activation<kernels::softsign> {
    static constexpr std::string_view class_name = "Softsign";
};

/// y = log(sigmoid(x)).
struct LogSigmoid : elementwise_activation<kernels::log_sigmoid> {
    static constexpr std::string_view class_name = "LogSigmoid";
};

/// y = (x + sqrt(x^2 + 4)) / 2 (Keras: squareplus with b = 4; Barron 2021).
struct Squareplus : elementwise_activation<kernels::squareplus<4>> {
    static constexpr std::string_view class_name = "Squareplus";
};

/// y = x - tanh(x).
struct TanhShrink : elementwise_activation<kernels::tanh_shrink> {
    static constexpr std::string_view class_name = "TanhShrink";
};

/// y = min(max(x + 3, 0), 6) / 6.
struct HardSigmoid : elementwise_activation<kernels::hard_sigmoid> {
    static constexpr std::string_view class_name = "HardSigmoid";
};

/// y = x min(max(x + 3, 0), 6) / 6 (Keras: hard_silu, hard_swish; Howard and others 2019).
struct HardSiLU : elementwise_activation<kernels::hard_silu> {
    static constexpr std::string_view class_name = "HardSiLU";
};

/// y = min(max(x, -1), 1).
struct HardTanh : elementwise_activation<kernels::hard_tanh> {
    static constexpr std::string_view class_name = "HardTanh";
};

/// y = x where |x| > 0.5, 0 elsewhere.
struct HardShrink : elementwise_activation<kernels::hard_shrink<0.5>> {
    static constexpr std::string_view class_name = "HardShrink";

    /// With settings: Threshold.
    template <class... Options>
    struct With : elementwise_activation<kernels::hard_shrink<threshold_settings<Options...>::threshold>> {
        static constexpr std::string_view class_name = "HardShrink";
    };
};

/// y = x moved by 0.5 towards zero, 0 where |x| <= 0.5.
struct SoftShrink : elementwise_activation<kernels::soft_shrink<0.5>> {
    static constexpr std::string_view class_name = "SoftShrink";

    /// With settings: Threshold.
    template <class... Options>
    struct With : elementwise_activation<kernels::soft_shrink<threshold_settings<Options...>::threshold>> {
        static constexpr std::string_view class_name = "SoftShrink";
    };
};

/// y = min(max(x + 1, 0), 2) / 2 (Keras: sparse_sigmoid).
struct SparseSigmoid : elementwise_activation<kernels::sparse_sigmoid> {
    static constexpr std::string_view class_name = "SparseSigmoid";
};

/// y = 0 where x <= -1, x where x >= 1, (x + 1)^2 / 4 between (Keras: sparse_plus).
struct SparsePlus : elementwise_activation<kernels::sparse_plus> {
    static constexpr std::string_view class_name = "SparsePlus";
};

/// What the activations below have in common: they work along the last axis. Shapes: any, unchanged.
template <class In> struct activation_of_rows {
    using output = In;
    static constexpr auto parameters = no_parameters;
    static constexpr bool passes_mask = true;
    static constexpr std::size_t columns = In::extents[In::rank - 1];
    static constexpr std::size_t rows = In::size / columns;
    static constexpr stage_needs needs{.backward_reads_x = false};
};

/// y = exp(x) / sum(exp(x)) along the last axis. At the end of a model a cross-entropy takes its place: the loss and
/// its gradient are computed from x, and no probability is rounded before its logarithm is taken.
struct Softmax {
    static constexpr std::string_view class_name = "Softmax";
    using option = option::activation;

    template <class In> struct on : activation_of_rows<In> {
        static constexpr auto as_last = last_activation::softmax;

        template <class V> static void forward(forward_context<V> c) {
            kernels::softmax_forward<on::rows, on::columns>(c.x, c.y);
        }

        template <class V> using one_sample = kernels::one_sample::softmax<on::rows, on::columns, V>;

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) kernels::softmax_gradient<on::rows, on::columns>(c.y, c.dy, c.dx);
        }
    };
};

/// y = x - log(sum(exp(x))) along the last axis.
struct LogSoftmax {
    static constexpr std::string_view class_name = "LogSoftmax";
    using option = option::activation;

    template <class In> struct on : activation_of_rows<In> {
        template <class V> static void forward(forward_context<V> c) {
            kernels::log_softmax_forward<on::rows, on::columns>(c.x, c.y);
        }

        template <class V> using one_sample = kernels::one_sample::log_softmax<on::rows, on::columns, V>;

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) kernels::log_softmax_gradient<on::rows, on::columns>(c.y, c.dy, c.dx);
        }
    };
};

/// y = max(x - t, 0) along the last axis, with the t for which it sums to one (Martins, Astudillo 2016).
struct Sparsemax {
    static constexpr std::string_view class_name = "Sparsemax";
    using option = option::activation;

    template <class In> struct on : activation_of_rows<In> {
        template <class V> static void forward(forward_context<V> c) {
            kernels::sparsemax_forward<on::rows, on::columns>(c.x, c.y);
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) kernels::sparsemax_gradient<on::rows, on::columns>(c.y, c.dy, c.dx);
        }
    };
};

/// How a layer runs its activation. One that is differentiable from its result is applied where the sums still are in
/// registers; any other one follows as a hidden stage.
template <class Activation> struct activation_split {
    using inside = kernels::linear;
    using then = Activation;
};

template <class Activation>
    requires requires(double y) { Activation::function::slope(y); }
struct activation_split<Activation> {
    using inside = typename Activation::function;
    using then = void;
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CELU;
using authoring::ELU;
using authoring::Exponential;
using authoring::GELU;
using authoring::HardShrink;
using authoring::HardSigmoid;
using authoring::HardSiLU;
using authoring::HardTanh;
using authoring::LeakyReLU;
using authoring::Linear;
using authoring::LogSigmoid;
using authoring::LogSoftmax;
using authoring::Mish;
using authoring::ReLU;
using authoring::ReLU6;
using authoring::ScaledTanh;
using authoring::SELU;
using authoring::Sigmoid;
using authoring::SiLU;
using authoring::Softmax;
using authoring::Softplus;
using authoring::SoftShrink;
using authoring::Softsign;
using authoring::Sparsemax;
using authoring::SparsePlus;
using authoring::SparseSigmoid;
using authoring::Squareplus;
using authoring::Tanh;
using authoring::TanhShrink;
}  // namespace strata
