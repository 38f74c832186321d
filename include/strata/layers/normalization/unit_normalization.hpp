#pragma once

#include "strata/layers/normalization/stage.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// y = x / |x|, a vector of length one along the last axis (Keras: `UnitNormalization`). A length below 1e-12 counts as
/// that much, so zeros stay zeros. Shapes: any, unchanged.
struct UnitNormalization {
    static constexpr std::string_view class_name = "UnitNormalization";

    template <class In> static constexpr std::size_t columns = In::extents[In::rank - 1];

    template <class In>
    struct on : detail::normalizing_stage<In, kernels::cell_sets::of_rows(In::size / columns<In>, columns<In>),
                                          kernels::by_length, false, false> {
        static constexpr auto parameters = no_parameters;
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::UnitNormalization;
}  // namespace strata
