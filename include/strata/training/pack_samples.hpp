#pragma once

#include "strata/simd/pack.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The samples of a pack: which rows of the data they are, at most one for each lane.
using pack_rows = std::span<const std::size_t>;

/// The samples that an augmentation has mixed into those of a pack.
template <class V> struct mixed_samples {
    std::array<std::size_t, lanes<V>> rows;  ///< which rows of the data they are
    V own;                                   ///< how much a sample's own targets count; these count the rest
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring
