#pragma once

#include <cmath>
#include <limits>

namespace strata::authoring::test {

/// How far `found` is from `exact` in units of the last place that T has there. 0 where both are the same infinity or
/// both are no number. Below the smallest normal number its unit counts.
template <class T> double ulp_distance(T found, long double exact) {
    const T rounded = static_cast<T>(exact);
    if (std::isnan(exact) || std::isinf(rounded)) {
        const bool same = std::isnan(exact) ? std::isnan(found) : found == rounded;
        return same ? 0 : std::numeric_limits<double>::infinity();
    }
    const T magnitude = std::fmax(std::abs(rounded), std::numeric_limits<T>::min());
    const T unit = std::nextafter(magnitude, std::numeric_limits<T>::infinity()) - magnitude;
    return static_cast<double>(std::abs((static_cast<long double>(found) - exact) / unit));
}

}  // namespace strata::authoring::test
