#pragma once

#include "strata/layers/normalization/options.hpp"
#include "strata/layers/normalization/stage.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance along the last axis (Keras:
/// `LayerNormalization`; Ba, Kiros, Hinton 2016).
///
/// Shapes: any, unchanged. Parameters: `gamma` and `beta`, as many as the last axis has cells. Options, in any order:
/// Epsilon<1e-3>, NoScale, NoCenter, GammaInitializer<Ones>, BetaInitializer<Zeros>.
template <class... Options> struct LayerNormalization {
    using options =
        typename option_list<Options...>::template with_defaults<Epsilon<1e-3>, Scale, Center, GammaInitializer<Ones>,
                                                                 BetaInitializer<Zeros>>;
    static_assert(options::known,
                  "LayerNormalization: unknown option; it takes Epsilon, NoScale, NoCenter, GammaInitializer and "
                  "BetaInitializer");
    static_assert(options::unique, "LayerNormalization: an option is given twice");

    static constexpr std::string_view class_name = "LayerNormalization";

    template <class In> static constexpr std::size_t columns = In::extents[In::rank - 1];

    template <class In>
    struct on : detail::normalizing_stage<In, kernels::cell_sets::of_rows(In::size / columns<In>, columns<In>),
                                          kernels::by_mean_square<options::template get<option::epsilon>::value, true>,
                                          options::template has<Scale>, options::template has<Center>> {
        static constexpr auto parameters = gamma_and_beta<options, columns<In>>();
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::LayerNormalization;
}  // namespace strata
