#pragma once

#include "strata/config.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The place of the largest of some values; the first of several largest counts, as in numpy's argmax.
template <class T> std::size_t argmax(const T* values, std::size_t count) {
    return static_cast<std::size_t>(std::max_element(values, values + count) - values);
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
