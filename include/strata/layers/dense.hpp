#pragma once

#include "strata/core/options.hpp"
#include "strata/core/stage.hpp"
#include "strata/initializers/initializers.hpp"
#include "strata/kernels/dense/dense.hpp"
#include "strata/kernels/dense/one_sample.hpp"
#include "strata/layers/activation.hpp"

#include <array>
#include <string_view>
#include <type_traits>

namespace strata {
inline namespace STRATA_ISA {

/// The shape of a row, or of rows, whose last extent is replaced.
template <class In, std::size_t Last> struct replace_last_extent;
template <std::size_t Columns, std::size_t Last> struct replace_last_extent<shape<Columns>, Last> {
    using type = shape<Last>;
};
template <std::size_t Rows, std::size_t Columns, std::size_t Last>
struct replace_last_extent<shape<Rows, Columns>, Last> {
    using type = shape<Rows, Last>;
};

/// Fully connected layer, y = activation(x kernel + bias) along the last axis (Keras: `Dense`).
///
/// Shapes: a row of inputs to a row of Units; rows x inputs to rows x Units. Parameters: `kernel` (inputs, Units) and
/// `bias` (Units). Options, in any order: NoBias, an activation, KernelInitializer<GlorotUniform>,
/// BiasInitializer<Zeros>.
template <std::size_t Units, class... Options> struct Dense {
    using kinds = option_kinds<option::bias, option::activation, option::kernel_initializer, option::bias_initializer>;
    static_assert(Units > 0, "Dense: the number of units must be at least 1");
    static_assert(kinds::template know_all<Options...>,
                  "Dense: unknown option; it takes NoBias, an activation, KernelInitializer and BiasInitializer");
    static_assert(kinds::template at_most_once<Options...>, "Dense: an option is given twice");

    static constexpr std::string_view class_name = "Dense";
    using activation = activation_split<option_or<option::activation, Linear, Options...>>;
    using then = typename activation::then;

    template <class In> struct on {
        static_assert(In::rank == 1 || In::rank == 2, "Dense: the input must be a row or rows; put Flatten before it");
        using output = typename replace_last_extent<In, Units>::type;
        static constexpr std::size_t inputs = In::extents[In::rank - 1];
        static constexpr std::size_t rows = In::size / inputs;
        static constexpr bool use_bias = std::is_same_v<option_or<option::bias, UseBias, Options...>, UseBias>;

        static constexpr auto parameters = [] {
            using kernel_initializer =
                option_or<option::kernel_initializer, KernelInitializer<GlorotUniform>, Options...>;
            using bias_initializer = option_or<option::bias_initializer, BiasInitializer<Zeros>, Options...>;
            const parameter kernel{
                "kernel", {inputs, Units}, kernel_initializer::type::draw, {double(inputs), double(Units)}};
            if constexpr (use_bias) {
                return std::array{
                    kernel, parameter{"bias", {Units}, bias_initializer::type::draw, {double(Units), double(Units)}}};
            } else {
                return std::array{kernel};
            }
        }();

        template <class V, std::size_t Samples = 1> using passes = kernels::dense_rows<rows, inputs, Units, V, Samples>;
        template <class V, std::size_t Samples = 1>
        static constexpr std::size_t scratch = passes<V, Samples>::forward_scratch;
        template <class V> static constexpr std::size_t backward_scratch = passes<V>::scratch;
        static constexpr std::size_t samples_at_once = kernels::rows_worth_joining;

        template <std::size_t Samples = 1, class V>
        static void forward(const V* x, const scalar_t<V>* p, V* y, V* scratch) {
            passes<V, Samples>::template forward<typename activation::inside, use_bias>(x, p, p + inputs * Units, y,
                                                                                        scratch);
        }

        template <class V>
        using one_sample = kernels::one_sample::dense<rows, inputs, Units, typename activation::inside, use_bias, V>;

        template <class V> using joint_gradient = typename passes<V>::weight_gradients;

        template <bool InputGradient, class V>
        static void backward(const V* x, const V* y, V* dy, const scalar_t<V>* p, scalar_t<V>* g, V* dx, V* scratch,
                             V* kept = nullptr) {
            kernels::activation_gradient<rows, Units, typename activation::inside, use_bias>(y, dy, g + inputs * Units);
            if (kept != nullptr)
                joint_gradient<V>::keep(x, dy, kept);
            else
                passes<V>::weight_gradient(x, dy, g, scratch);
            if constexpr (InputGradient) passes<V>::input_gradient(dy, p, dx, scratch);
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata
