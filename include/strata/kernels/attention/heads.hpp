#pragma once

#include "strata/core/number.hpp"
#include "strata/core/parameter.hpp"
#include "strata/core/random_cells.hpp"
#include "strata/kernels/activation/rows.hpp"
#include "strata/kernels/attention/products.hpp"
#include "strata/kernels/regularization/dropout.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::attention {

/// What attends to what: rows of queries to rows of sources, each of which has a key and a value.
struct attention_form {
    std::size_t queries, sources;
    std::size_t heads, key, value;  ///< the heads, and what each has of a key and of a value
    bool causal = false;            ///< no query attends to sources behind its own row
    number rate = 0;                ///< the share of probabilities that are dropped while training

    /// How many sources a query attends to: the first ones.
    constexpr std::size_t attended(std::size_t query) const { return causal ? std::min(query + 1, sources) : sources; }
};

/// Scaled dot-product attention of all heads (Vaswani and others 2017): y = softmax(q k^T) v, where q is scaled
/// already. Rows of q, k, v and y hold the cells of one head after the other. What is kept are the probabilities, and
/// which of them are dropped.
template <attention_form Form, class V> class heads {
    static constexpr std::size_t queries = Form.queries, sources = Form.sources, key = Form.key, value = Form.value,
                                 cells = queries * sources;
    static constexpr matrix_strides key_rows{Form.heads * key, 1}, value_rows{Form.heads * value, 1},
        probability_rows{sources, 1};
    static constexpr auto lower = Form.causal ? triangle::lower : triangle::none,
                          upper = Form.causal ? triangle::upper : triangle::none;

    /// Of rows of queries with rows of sources: a probability for each pair.
    static constexpr matrix_product pairs(std::size_t units, matrix_strides rows) {
        return {.rows = queries,
                .columns = sources,
                .terms = units,
                .a = rows,
                .b = rows.transposed(),
                .y_row = sources,
                .shape_of_y = lower};
    }

    /// Of the probabilities with rows of sources, for each query.
    static constexpr matrix_product to_queries(std::size_t units, matrix_strides rows) {
        return {.rows = queries,
                .columns = units,
                .terms = sources,
                .a = probability_rows,
                .b = rows,
                .y_row = rows.row,
                .shape_of_a = lower};
    }

    /// Of the probabilities with rows of queries, for each source.
    static constexpr matrix_product to_sources(std::size_t units, matrix_strides rows) {
        return {.rows = sources,
                .columns = units,
                .terms = queries,
                .a = probability_rows.transposed(),
                .b = rows,
                .y_row = rows.row,
                .shape_of_a = upper};
    }

    static constexpr bool drops = Form.rate > 0;
    using dropping_of_head = dropout<cells, cells, dropping{.rate = Form.rate, .factor = 1 / (1 - Form.rate)}, V>;
    static constexpr std::size_t mask = drops ? dropping_of_head::kept_cells : 0;

    static constexpr std::array kept_parts{cells_part{"probabilities", Form.heads* cells},
                                           cells_part{"masks", Form.heads* mask}};
    static constexpr std::array scratch_parts{cells_part{"dropped", drops ? cells : 0}, cells_part{"gradient", cells}};

public:
    static constexpr std::size_t kept_cells = total_size(kept_parts);
    static constexpr std::size_t forward_scratch = drops ? cells : 0, backward_scratch = total_size(scratch_parts);

    /// `random` is null where nothing is to be dropped.
    static void forward(const random_cells* random, const V* q, const V* k, const V* v, V* y, V* kept, V* scratch) {
        for (std::size_t head = 0; head < Form.heads; ++head) {
            V* const probabilities = kept + head * cells;
            multiply_matrices<pairs(key, key_rows)>(q + head * key, k + head * key, probabilities);
            for_each_row(probabilities, [](V* row, std::size_t count) { softmax_of_row(row, count, row); });
            const V* weights = probabilities;
            if constexpr (drops) {
                if (random != nullptr) {
                    dropping_of_head::forward(random->repeated(head), probabilities, scratch, mask_of(kept, head));
                    weights = scratch;
                }
            }
            multiply_matrices<to_queries(value, value_rows)>(weights, v + head * value, y + head * value);
        }
    }

    /// Writes the gradients with respect to q, k and v. `dropped` says whether `forward` has dropped probabilities.
    static void backward(bool dropped, const V* q, const V* k, const V* v, const V* dy, V* kept, V* dq, V* dk, V* dv,
                         V* scratch) {
        V* const gradient = scratch + offset_of(scratch_parts, "gradient");
        for (std::size_t head = 0; head < Form.heads; ++head) {
            const V* const probabilities = kept + head * cells;
            const V* weights = probabilities;
            multiply_matrices<pairs(value, value_rows)>(dy + head * value, v + head * value, gradient);
            if constexpr (drops) {
                if (dropped) {
                    V* const dropped_weights = scratch + offset_of(scratch_parts, "dropped");
                    dropping_of_head::backward(probabilities, dropped_weights, mask_of(kept, head));
                    dropping_of_head::backward(gradient, gradient, mask_of(kept, head));
                    weights = dropped_weights;
                }
            }
            multiply_matrices<to_sources(value, value_rows)>(weights, dy + head * value, dv + head * value);
            for_each_row(gradient, [&](V* row, std::size_t count) {
                softmax_gradient_of_row(probabilities + (row - gradient), row, count, row);
            });
            multiply_matrices<to_queries(key, key_rows)>(gradient, k + head * key, dq + head * key);
            multiply_matrices<to_sources(key, key_rows)>(gradient, q + head * key, dk + head * key);
        }
    }

private:
    static V* mask_of(V* kept, std::size_t head) { return kept + offset_of(kept_parts, "masks") + head * mask; }

    /// Calls f(row, count) for the cells of each query that it attends to, and sets the others to zero.
    template <class F> static void for_each_row(V* rows, const F& f) {
        for (std::size_t query = 0; query < queries; ++query, rows += sources) {
            const std::size_t count = Form.attended(query);
            f(rows, count);
            std::fill_n(rows + count, sources - count, constant<V>(0));
        }
    }
};

}  // namespace kernels::attention
}  // namespace STRATA_ISA
}  // namespace strata::authoring
