#pragma once

#include "strata/core/options.hpp"
#include "strata/core/stage.hpp"
#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/activation/rows.hpp"
#include "strata/kernels/one_sample/activation.hpp"

#include <string_view>
#include <type_traits>

/// Activations, each an option of Conv2D and Dense and also a layer of its own (Keras: keras.activations).
namespace strata {
inline namespace STRATA_ISA {

/// What every activation that works cell by cell has in common. Shapes: any, unchanged.
template <class Function> struct elementwise_activation {
    using option = option::activation;
    using function = Function;

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;

        template <class V> static void forward(const V* x, const scalar_t<V>*, V* y) {
            for (std::size_t i = 0; i < In::size; ++i) y[i] = Function::apply(x[i]);
        }

        template <class V> using one_sample = kernels::one_sample::elementwise<Function, In::size, V>;

        template <bool InputGradient, class V>
        static void backward(const V* x, const V* y, V* dy, const scalar_t<V>*, scalar_t<V>*, V* dx) {
            if constexpr (InputGradient) {
                for (std::size_t i = 0; i < In::size; ++i) {
                    if constexpr (requires { Function::slope(y[i]); })
                        dx[i] = dy[i] * Function::slope(y[i]);
                    else
                        dx[i] = dy[i] * Function::slope_of_input(x[i]);
                }
            }
        }
    };
};

/// y = x.
struct Linear : elementwise_activation<kernels::linear> {
    static constexpr std::string_view class_name = "Linear";
};

/// y = max(x, 0).
struct ReLU : elementwise_activation<kernels::relu> {
    static constexpr std::string_view class_name = "ReLU";
};

/// y = 1 / (1 + exp(-x)).
struct Sigmoid : elementwise_activation<kernels::sigmoid> {
    static constexpr std::string_view class_name = "Sigmoid";
};

/// y = tanh(x).
struct Tanh : elementwise_activation<kernels::tanh> {
    static constexpr std::string_view class_name = "Tanh";
};

/// y = x where x > 0, exp(x) - 1 elsewhere (Keras: ELU with alpha = 1; Clevert, Unterthiner, Hochreiter 2015).
struct ELU : elementwise_activation<kernels::elu> {
    static constexpr std::string_view class_name = "ELU";
};

/// y = x P(X <= x) for a standard normal X (Keras: gelu with approximate=False; Hendrycks, Gimpel 2016).
struct GELU : elementwise_activation<kernels::gelu> {
    static constexpr std::string_view class_name = "GELU";
};

/// y = exp(x) / sum(exp(x)) along the last axis. At the end of a model a cross-entropy takes its place: the loss and
/// its gradient are computed from x, and no probability is rounded before its logarithm is taken.
struct Softmax {
    static constexpr std::string_view class_name = "Softmax";
    using option = option::activation;

    template <class In> struct on {
        using output = In;
        static constexpr auto parameters = no_parameters;
        static constexpr bool is_softmax = true;
        static constexpr std::size_t columns = In::extents[In::rank - 1];
        static constexpr std::size_t rows = In::size / columns;

        template <class V> static void forward(const V* x, const scalar_t<V>*, V* y) {
            kernels::softmax_forward<rows, columns>(x, y);
        }

        template <class V> using one_sample = kernels::one_sample::softmax<rows, columns, V>;

        template <bool InputGradient, class V>
        static void backward(const V*, const V* y, V* dy, const scalar_t<V>*, scalar_t<V>*, V* dx) {
            if constexpr (InputGradient) kernels::softmax_gradient<rows, columns>(y, dy, dx);
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
}  // namespace strata
