#pragma once

#include "strata/layers/conv2d.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// 1-D convolution (Keras: `Conv1D`, channels last).
///
/// Shapes: steps x channels to steps' x Filters. Parameters: `kernel` (kernel steps, channels / groups, Filters) and
/// `bias` (Filters). Options, in any order: Kernel<3> (unlike Keras it has a default), Strides<1>, Valid, Same or
/// Causal, Dilation<1>, Groups<1> or Connections (see Conv2D), NoBias, an activation, KernelInitializer<GlorotUniform>,
/// BiasInitializer<Zeros>.
template <std::size_t Filters, class... Options>
struct Conv1D : convolution_layer<Filters, convolution_options<Options...>> {
    using options = convolution_options<Options...>;
    static_assert(options::known,
                  "Conv1D: unknown option; it takes Kernel, Strides, Same, Valid, Causal, Dilation, Groups, "
                  "Connections, NoBias, an activation, KernelInitializer and BiasInitializer");

    static constexpr std::string_view class_name = "Conv1D";

    template <class In> struct on : stage_of_convolution<In, 1, Filters, options> {
        using ends_with_activation = on;
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Conv1D;
}  // namespace strata
