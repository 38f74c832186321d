#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/parameter.hpp"
#include "strata/initializers/options.hpp"

#include <algorithm>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The identity matrix; one that is not square has ones along its main diagonal, too (Keras: `Identity`). Throws a
/// value_error for a parameter that is no matrix.
struct Identity {
    /// With settings: Gain.
    template <class... Options> struct With : with_gain<Identity, Options...> {};

    static void fill(const initial_values& tensor) {
        if (tensor.extents.size() != 2)
            raise<value_error>({"Identity: only a matrix can start so; this parameter has ", tensor.extents.size(),
                                tensor.extents.size() == 1 ? " axis" : " axes"});
        const std::size_t rows = tensor.extents[0], columns = tensor.extents[1];
        std::fill(tensor.values.begin(), tensor.values.end(), 0.0);
        for (std::size_t i = 0; i < std::min(rows, columns); ++i) tensor.values[i * columns + i] = 1;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Identity;
}  // namespace strata
