#pragma once

#include "strata/kernels/activation/piecewise.hpp"
#include "strata/losses/loss.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>

/// What losses have in common that are a mean over outputs.
namespace strata::authoring {
inline namespace STRATA_ISA {

using kernels::constant;

/// A term of a loss, and its derivative with respect to the output.
template <class V> struct loss_term {
    V value, slope;
};

/// The mean of term(output, target), which returns a loss_term<V>, over a sample's outputs; fills dy with its gradient,
/// times weight.
template <class Output, class V, class Term>
V mean_of_terms(const V* y, const V* target, const V& weight, V* dy, const Term& term) {
    const V share = constant<V>(1.0 / double(Output::size)), scale = weight * share;
    const V sum = kernels::sum_of<Output::size>([&](std::size_t i) {
        const loss_term<V> found = term(y[i], target[i]);
        dy[i] = found.slope * scale;
        return found.value;
    });
    return sum * share;
}

/// The mean of a loss over the rows of an output, which lie along its last axis. `loss_of_row` is called as
/// loss_of_row(first, weight), where `first` is the index of the row's first cell, and fills in the gradient.
template <class Output, class V, class Row> V mean_of_rows(const V& weight, const Row& loss_of_row) {
    constexpr std::size_t columns = Output::extents[Output::rank - 1], rows = Output::size / columns;
    if constexpr (rows == 1) {
        return loss_of_row(std::size_t{0}, weight);
    } else {
        const V share = constant<V>(1.0 / double(rows)), scale = weight * share;
        return share * kernels::sum_of<rows>([&](std::size_t row) { return loss_of_row(row * columns, scale); });
    }
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring
