#pragma once

#include "strata/simd/pack.hpp"

#include <cstddef>

/// Rows of a table, looked up by numbers in cells. Each lane has numbers of its own.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// y[i] = the row of `table` that x[i] names, for `Indices` cells x and rows of `Columns`.
template <std::size_t Indices, std::size_t Columns, class V>
void look_up_rows(const V* x, const scalar_t<V>* table, V* y) {
    constexpr std::size_t L = lanes<V>;
    for (std::size_t i = 0; i < Indices; ++i, y += Columns) {
        for (std::size_t n = 0; n < L; ++n) {
            const scalar_t<V>* const row = table + static_cast<std::size_t>(as_lanes(x + i)[n]) * Columns;
            scalar_t<V>* const to = as_lanes(y) + n;
            for (std::size_t u = 0; u < Columns; ++u) to[u * L] = row[u];
        }
    }
}

/// Adds dy[i] to the row that x[i] names, for the first `samples` lanes.
template <std::size_t Indices, std::size_t Columns, class V>
void add_to_rows(const V* x, const V* dy, std::size_t samples, scalar_t<V>* table) {
    constexpr std::size_t L = lanes<V>;
    for (std::size_t i = 0; i < Indices; ++i, dy += Columns) {
        for (std::size_t n = 0; n < samples; ++n) {
            scalar_t<V>* const row = table + static_cast<std::size_t>(as_lanes(x + i)[n]) * Columns;
            const scalar_t<V>* const from = as_lanes(dy) + n;
            for (std::size_t u = 0; u < Columns; ++u) row[u] += from[u * L];
        }
    }
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
