#pragma once

#include "strata/layers/normalization/options.hpp"
#include "strata/layers/normalization/stage.hpp"
#include "strata/layers/options.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance over all positions of a sample and a group
/// of neighbouring channels (Keras: `GroupNormalization`; Wu, He 2018). With as many groups as channels each channel is
/// normalized by itself.
///
/// Shapes: any, unchanged; the last axis are the channels. Parameters: `gamma` and `beta`, one for each channel.
/// Options, in any order: Groups<32>, Epsilon<1e-3>, NoScale, NoCenter, GammaInitializer<Ones>, BetaInitializer<Zeros>.
template <class... Options> struct GroupNormalization {
    using options =
        typename option_list<Options...>::template with_defaults<Groups<32>, Epsilon<1e-3>, Scale, Center,
                                                                 GammaInitializer<Ones>, BetaInitializer<Zeros>>;
    static_assert(options::known,
                  "GroupNormalization: unknown option; it takes Groups, Epsilon, NoScale, NoCenter, GammaInitializer "
                  "and BetaInitializer");
    static_assert(options::unique, "GroupNormalization: an option is given twice");

    static constexpr std::string_view class_name = "GroupNormalization";

    template <class In> static constexpr std::size_t channels = In::extents[In::rank - 1];
    template <class In>
    static constexpr kernels::cell_sets sets = [] {
        constexpr std::size_t groups = options::template get<option::groups>::value;
        static_assert(channels<In> % groups == 0,
                      "GroupNormalization: the groups must divide the channels; by default there are 32 groups");
        return kernels::cell_sets::of_channels(In::size / channels<In>, channels<In>, groups);
    }();

    template <class In>
    struct on : detail::normalizing_stage<In, sets<In>,
                                          kernels::by_mean_square<options::template get<option::epsilon>::value, true>,
                                          options::template has<Scale>, options::template has<Center>> {
        static constexpr auto parameters = gamma_and_beta<options, channels<In>>();
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::GroupNormalization;
}  // namespace strata
