#pragma once

#include "strata/layers/normalization/options.hpp"
#include "strata/layers/normalization/stage.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// y = scale x / sqrt(mean(x^2) + epsilon), the mean along the last axis (Keras: `RMSNormalization`; Zhang, Sennrich
/// 2019).
///
/// Shapes: any, unchanged. Parameters: `scale`, as many as the last axis has cells. Options: Epsilon<1e-6>.
template <class... Options> struct RMSNormalization {
    using options = typename option_list<Options...>::template with_defaults<Epsilon<1e-6>>;
    static_assert(options::known, "RMSNormalization: unknown option; it takes Epsilon");
    static_assert(options::unique, "RMSNormalization: an option is given twice");

    static constexpr std::string_view class_name = "RMSNormalization";

    template <class In> static constexpr std::size_t columns = In::extents[In::rank - 1];

    template <class In>
    struct on : detail::normalizing_stage<In, kernels::cell_sets::of_rows(In::size / columns<In>, columns<In>),
                                          kernels::by_mean_square<options::template get<option::epsilon>::value, false>,
                                          true, false> {
        static constexpr bool passes_mask = false;  // as in Keras
        static constexpr std::array parameters{parameter{"scale", {columns<In>}, Ones::draw}};
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::RMSNormalization;
}  // namespace strata
