#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/input_value.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/tensor.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// What a network makes of the values that it is given.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// Throws value_error for the first value that is not one of 0, ..., count - 1.
STRATA_OUT_OF_LINE inline void require_indices(const array_ref& x, std::size_t count, std::string_view what) {
    x.visit([&](const auto* values) {
        const std::size_t size = x.samples() * x.sample_size();
        for (std::size_t i = 0; i < size; ++i) {
            if (is_index(static_cast<double>(values[i]), count)) continue;
            raise<value_error>({what, ": value ", std::to_string(values[i]), " of sample ", i / x.sample_size(),
                                " is not one of 0, ..., ", count - 1, ", the indices of the Embedding"});
        }
    });
}

}  // namespace detail

/// Throws shape_error unless x is an array of shape (N, input...), with any N, and value_error where a network that
/// begins with an Embedding is given what is no index.
template <class Network, class V> void require_input(const array_ref& x, std::string_view what) {
    require_samples<typename Network::input>(x, what);
    if constexpr (Network::template index_count<V> > 0)
        detail::require_indices(x, Network::template index_count<V>, what);
}

/// What one value of a model's input counts. Bytes are those of an image and are scaled to [0, 1]; all else is taken as
/// it is, and so are the bytes that an Embedding, a Rescaling or a Normalization reads.
template <class Network, class V> double scale_of_input(const array_ref& x) {
    return x.holds_bytes() ? scale_of_bytes<Network, V> : 1.0;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
