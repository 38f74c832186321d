#pragma once

#include "strata/layers/pooling_stage.hpp"

#include <string_view>

/// Pools over steps x channels.
namespace strata {
inline namespace STRATA_ISA {

/// The mean of each window; cells of the padding do not count (Keras: `AveragePooling1D`).
///
/// Shapes: steps x channels to steps' x channels. Options: see pooling_options.
template <class... Options> struct AveragePooling1D {
    static constexpr std::string_view class_name = "AveragePooling1D";

    template <class In> struct on : average_pooling_stage<In, 1, pooling_options<Options...>> {};
};

/// The largest cell of each window (Keras: `MaxPooling1D`).
///
/// Shapes: steps x channels to steps' x channels. Options: see pooling_options.
template <class... Options> struct MaxPooling1D {
    static constexpr std::string_view class_name = "MaxPooling1D";

    template <class In> struct on : max_pooling_stage<In, 1, pooling_options<Options...>> {};
};

/// The mean of each channel (Keras: `GlobalAveragePooling1D`).
///
/// Shapes: steps x channels to channels, or to 1 x channels with the option KeepDims.
template <class... Options> struct GlobalAveragePooling1D {
    static constexpr std::string_view class_name = "GlobalAveragePooling1D";

    template <class In> struct on : global_pooling_stage<average_pooling_stage, In, 1, Options...> {};
};

/// The largest cell of each channel (Keras: `GlobalMaxPooling1D`).
///
/// Shapes: steps x channels to channels, or to 1 x channels with the option KeepDims.
template <class... Options> struct GlobalMaxPooling1D {
    static constexpr std::string_view class_name = "GlobalMaxPooling1D";

    template <class In> struct on : global_pooling_stage<max_pooling_stage, In, 1, Options...> {};
};

}  // namespace STRATA_ISA
}  // namespace strata
