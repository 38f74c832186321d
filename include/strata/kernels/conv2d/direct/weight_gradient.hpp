#pragma once

#include "strata/kernels/conv2d/direct/weight_gradient_by_filters.hpp"
#include "strata/kernels/conv2d/direct/weight_gradient_by_samples.hpp"

#include <cstddef>
#include <type_traits>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// The gradient of a convolution with respect to its weights, summed over pixels and lanes; added to dw. `dz` is the
/// gradient with respect to what the activation was applied to.
///
/// With many filters lanes over filters are the better form, with few filters or small images lanes over samples: of
/// the two, the one that takes fewer half cycles.
template <conv2d_geometry G, class V, std::size_t LongestSum = any_length>
using conv2d_weight_gradient =
    std::conditional_t<(lanes<V> > 1 && conv2d_weight_gradient_by_filters<G, V>::half_cycles_of_pixel() <
                                            conv2d_weight_gradient_by_samples<G, V>::half_cycles_of_pixel()),
                       conv2d_weight_gradient_by_filters<G, V, V, LongestSum>, conv2d_weight_gradient_by_samples<G, V>>;

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
