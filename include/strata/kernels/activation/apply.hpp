#pragma once

#include "strata/kernels/activation/piecewise.hpp"
#include "strata/kernels/tile.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <type_traits>

/// Activation functions over many cells.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// y = Activation::apply(z) for so many packs, one after the other; y may be z.
template <class Activation, class V>
STRATA_OUT_OF_LINE void activate(const scalar_t<V>* z, std::size_t packs, scalar_t<V>* y) {
    if constexpr (requires { Activation::template apply_to_all<V>(z, packs, y); }) {
        Activation::template apply_to_all<V>(z, packs, y);
    } else {
        for (std::size_t i = 0; i < packs * lanes<V>; i += lanes<V>) store<V>(Activation::apply(load<V>(z + i)), y + i);
    }
}

/// The same for cells in place.
template <class Activation, class V> void activate(V* cells, std::size_t count) {
    if constexpr (!std::is_same_v<Activation, linear>) activate<Activation, V>(as_lanes(cells), count, as_lanes(cells));
}

/// dy *= slope(y), for rows x columns cells, and, with Bias, db[column] += the sum of the result over rows and lanes.
template <std::size_t Rows, std::size_t Columns, class Activation, bool Bias, class V>
void activation_gradient(const V* y, V* dy, [[maybe_unused]] scalar_t<V>* db) {
    if constexpr (Bias) {
        for_each_block<Columns, (Columns < 8 ? Columns : 8)>([&](auto columns, std::size_t column) {
            constexpr std::size_t width = columns;
            V sum[width];
#pragma GCC unroll 32
            for (std::size_t j = 0; j < width; ++j) sum[j] = V(scalar_t<V>(0));
            add_terms<Rows>(sum, [&](std::size_t row, V(&to)[width]) {
#pragma GCC unroll 32
                for (std::size_t j = 0; j < width; ++j) {
                    V& cell = dy[row * Columns + column + j];
                    cell = cell * Activation::slope(y[row * Columns + column + j]);
                    to[j] = to[j] + cell;
                }
            });
#pragma GCC unroll 32
            for (std::size_t j = 0; j < width; ++j) db[column + j] += sum_lanes(sum[j]);
        });
    } else if constexpr (!std::is_same_v<Activation, linear>) {
        for (std::size_t i = 0; i < Rows * Columns; ++i) dy[i] = dy[i] * Activation::slope(y[i]);
    }
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
