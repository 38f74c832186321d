#pragma once

#include "strata/layers/conv2d.hpp"

#include <string_view>

namespace strata {
inline namespace STRATA_ISA {

/// 1-D convolution (Keras: `Conv1D`, channels last).
///
/// Shapes: steps x channels to steps' x Filters. Parameters: `kernel` (kernel steps, channels / groups, Filters) and
/// `bias` (Filters). Options, in any order: Kernel<3> (unlike Keras it has a default), Strides<1>, Valid, Same or
/// Causal, Dilation<1>, Groups<1>, NoBias, an activation, KernelInitializer<GlorotUniform>, BiasInitializer<Zeros>.
template <std::size_t Filters, class... Options> struct Conv1D {
    using options = convolution_options<Options...>;
    static_assert(Filters > 0, "Conv1D: the number of filters must be at least 1");
    static_assert(options::known,
                  "Conv1D: unknown option; it takes Kernel, Strides, Same, Valid, Causal, Dilation, Groups, NoBias, an "
                  "activation, KernelInitializer and BiasInitializer");
    static_assert(options::unique, "Conv1D: an option is given twice");

    static constexpr std::string_view class_name = "Conv1D";
    using activation = activation_split<typename options::template get<option::activation>>;
    using then = typename activation::then;

    template <class In> struct on : convolution_stage<convolution_plan<In, 1, Filters, options>> {
        static_assert(on::has_axes, "Conv1D: the input must be steps x channels; put Reshape before it");
        static_assert(on::fit_axes, "Conv1D: Kernel, Strides and Dilation take one number");
        static_assert(on::groups_divide,
                      "Conv1D: the groups must divide both the channels of the input and the filters");
        static_assert(on::strides_or_dilation,
                      "Conv1D: Strides above 1 and Dilation above 1 cannot be combined (nor can they in Keras)");
        static_assert(on::fits, "Conv1D: the kernel is larger than the input; use Same or a smaller Kernel");

        using ends_with_activation = on;
    };
};

}  // namespace STRATA_ISA
}  // namespace strata
