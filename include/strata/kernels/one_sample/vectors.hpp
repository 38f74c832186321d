#pragma once

#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

/// Kernels for one sample: cells are plain numbers, and the lanes run over neighbouring cells of the same sample. They
/// may read two vectors beyond the end of cells and one beyond that of parameters, and drop what they read there.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::one_sample {

/// Every second lane of two vectors that lie side by side, beginning with lane `First`.
template <std::size_t First, class V> [[gnu::always_inline]] inline V every_second(const V& a, const V& b) {
    if constexpr (lanes<V> == 1) {
        return First == 0 ? a : b;
    } else {
        return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
            return V(__builtin_shufflevector(a.data, b.data, (First + 2 * I)...));
        }
        (std::make_index_sequence<lanes<V>>{});
    }
}

/// N neighbouring values, cut into vectors. Where N is no multiple of the lanes, the last vector overlaps the one
/// before, so that each is full; fewer values than lanes are one vector that is stored in part.
template <std::size_t N, class V> struct vectors_over {
    static constexpr std::size_t count = packs_for<V>(N);

    /// The first value of a vector.
    static constexpr std::size_t start(std::size_t vector) {
        return N < lanes<V> ? 0 : std::min(vector * lanes<V>, N - lanes<V>);
    }

    [[gnu::always_inline]] static void store(const V& value, scalar_t<V>* to) {
        if constexpr (N < lanes<V>) {
            scalar_t<V> values[lanes<V>];
            authoring::store<V>(value, values);
            std::copy_n(values, N, to);
        } else {
            authoring::store<V>(value, to);
        }
    }
};

}  // namespace kernels::one_sample
}  // namespace STRATA_ISA
}  // namespace strata::authoring
