#pragma once

#include "strata/data/augmentation/augmentation.hpp"
#include "strata/data/sample_source.hpp"

#include <utility>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// A source whose samples `fit` changes at random while it loads them: `training.fit(augmented(source, RandomFlip{}))`.
/// It refers to a source that has a name. Throws value_error for settings that make no sense.
template <class Source, class... Operations>
    requires(sample_source<Source>)
augmented_samples<source_ref, Operations...> augmented(Source&& source, Operations... operations) {
    return {source_ref(std::forward<Source>(source)), augmentation_list<Operations...>(std::move(operations)...)};
}

/// The same for operations that are in a list already.
template <class Source, class... Operations>
    requires(sample_source<Source>)
augmented_samples<source_ref, Operations...> augmented(Source&& source, augmentation_list<Operations...> list) {
    return {source_ref(std::forward<Source>(source)), std::move(list)};
}

template <class Samples> inline constexpr bool is_augmented_source = false;
template <class... Operations>
inline constexpr bool is_augmented_source<augmented_samples<source_ref, Operations...>> = true;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
