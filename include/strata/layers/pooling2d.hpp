#pragma once

#include "strata/layers/pooling_stage.hpp"

#include <string_view>

/// Pools over images.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The mean of each window; cells of the padding do not count (Keras: `AveragePooling2D`).
///
/// Shapes: rows x columns x channels to rows' x columns' x channels. Options: see pooling_options.
template <class... Options> struct AveragePooling2D {
    static constexpr std::string_view class_name = "AveragePooling2D";

    template <class In> struct on : average_pooling_stage<In, 2, pooling_options<Options...>> {};
};

/// The largest cell of each window (Keras: `MaxPooling2D`).
///
/// Shapes: rows x columns x channels to rows' x columns' x channels. Options: see pooling_options.
template <class... Options> struct MaxPooling2D {
    static constexpr std::string_view class_name = "MaxPooling2D";

    template <class In> struct on : max_pooling_stage<In, 2, pooling_options<Options...>> {};
};

/// The mean of each channel (Keras: `GlobalAveragePooling2D`).
///
/// Shapes: rows x columns x channels to channels, or to 1 x 1 x channels with the option KeepDims.
template <class... Options> struct GlobalAveragePooling2D {
    static constexpr std::string_view class_name = "GlobalAveragePooling2D";

    template <class In> struct on : global_pooling_stage<average_pooling_stage, In, 2, Options...> {};
};

/// The largest cell of each channel (Keras: `GlobalMaxPooling2D`).
///
/// Shapes: rows x columns x channels to channels, or to 1 x 1 x channels with the option KeepDims.
template <class... Options> struct GlobalMaxPooling2D {
    static constexpr std::string_view class_name = "GlobalMaxPooling2D";

    template <class In> struct on : global_pooling_stage<max_pooling_stage, In, 2, Options...> {};
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::AveragePooling2D;
using authoring::GlobalAveragePooling2D;
using authoring::GlobalMaxPooling2D;
using authoring::MaxPooling2D;
}  // namespace strata
