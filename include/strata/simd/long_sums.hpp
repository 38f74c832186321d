#pragma once

#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>

/// Sums over many cells. Each addition rounds, and the errors of a running sum grow with the number of its terms. A
/// long sum is therefore cut into blocks, and the sums of these are added up with compensation (Kahan 1965): its error
/// is that of one block, however many there are.
STRATA_EXACT_ROUNDING_BEGIN
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// Sums of at most so many terms stay running sums.
inline constexpr std::size_t longest_running_sum = 1024;

/// The terms of a block of a longer one.
inline constexpr std::size_t terms_of_block = 64;

/// sum += term; `lost` holds what rounding has added to the sum so far, and starts as zero.
template <class V> [[gnu::always_inline]] inline void add_compensated(const V& term, V& sum, V& lost) {
    const V corrected = term - lost;
    const V next = sum + corrected;
    lost = (next - sum) - corrected;
    sum = next;
}

/// N sums at once: calls add(i, sums) for i = 0, ..., terms - 1, in order, which adds the i-th term to each. The sums
/// start as they are.
template <std::size_t N, class V, class Add>
[[gnu::always_inline]] inline void add_terms(std::size_t terms, V (&sums)[N], const Add& add) {
    if (terms <= longest_running_sum) {
        for (std::size_t i = 0; i < terms; ++i) add(i, sums);
        return;
    }
    V lost[N];
    std::fill_n(lost, N, V(scalar_t<V>(0)));
    for (std::size_t first = 0; first < terms; first += terms_of_block) {
        const std::size_t last = std::min(first + terms_of_block, terms);
        V block[N];
        std::fill_n(block, N, V(scalar_t<V>(0)));
        for (std::size_t i = first; i < last; ++i) add(i, block);
        for (std::size_t n = 0; n < N; ++n) add_compensated(block[n], sums[n], lost[n]);
    }
}

/// The same for a number of terms that is known while compiling: short sums are a loop and nothing else.
template <std::size_t Terms, std::size_t N, class V, class Add>
[[gnu::always_inline]] inline void add_terms(V (&sums)[N], const Add& add) {
    if constexpr (Terms <= longest_running_sum) {
        for (std::size_t i = 0; i < Terms; ++i) add(i, sums);
    } else {
        add_terms(Terms, sums, add);
    }
}

/// The sum of term(0), ..., term(Terms - 1).
template <std::size_t Terms, class Term> [[gnu::always_inline]] inline auto sum_of(const Term& term) {
    using V = std::decay_t<decltype(term(std::size_t{0}))>;
    V sum[1] = {V(scalar_t<V>(0))};
    add_terms<Terms>(sum, [&](std::size_t i, V(&to)[1]) { to[0] = to[0] + term(i); });
    return sum[0];
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
STRATA_EXACT_ROUNDING_END
