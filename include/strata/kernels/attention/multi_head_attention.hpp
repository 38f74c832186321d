#pragma once

#include "strata/core/parameter.hpp"
#include "strata/kernels/attention/heads.hpp"
#include "strata/kernels/dense/dense.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::attention {

/// What is projected to the queries, keys and values of all heads, and to what their results are projected.
struct projection_form {
    std::size_t query_inputs, source_inputs, outputs;
    bool bias = true;

    /// How many parameters one projection has.
    constexpr std::size_t parameters(std::size_t inputs, std::size_t units) const {
        return inputs * units + (bias ? units : 0);
    }
};

/// Where the parameters lie: the kernel of each projection, of queries, keys, values and the result, each with its bias
/// behind it.
template <attention_form Form, projection_form Projections> struct parameter_offsets {
    static constexpr std::size_t keys = Form.heads * Form.key, values = Form.heads * Form.value;
    static constexpr std::size_t key = Projections.parameters(Projections.query_inputs, keys),
                                 value = key + Projections.parameters(Projections.source_inputs, keys),
                                 result = value + Projections.parameters(Projections.source_inputs, values);
};

/// Divides queries, or their gradient, by the square root of the units of a key.
template <attention_form Form, class V> void scale_queries(V* q) {
    const V factor(scalar_t<V>(1 / std::sqrt(double(Form.key))));
    for (std::size_t i = 0; i < Form.queries * Form.heads * Form.key; ++i) q[i] = q[i] * factor;
}

/// A projection of each row: a dense layer, whose bias lies behind its kernel.
template <std::size_t Rows, std::size_t Inputs, std::size_t Units, bool Bias, class V> struct projection {
    using T = scalar_t<V>;
    using passes = dense_rows<Rows, Inputs, Units, V>;
    static constexpr std::size_t weights = Inputs * Units;
    static constexpr std::size_t forward_scratch = passes::forward_scratch, scratch = passes::scratch;

    static void forward(const V* x, const T* w, V* y, V* workspace) {
        passes::template forward<linear, Bias>(x, w, w + weights, y, workspace);
    }

    static void add_gradients(const V* x, V* dy, T* dw, V* workspace) {
        if constexpr (Bias) activation_gradient<Rows, Units, linear, true>(dy, dy, dw + weights);
        passes::weight_gradient(x, dy, dw, workspace);
    }
};

/// Multi-head attention.
template <attention_form Form, projection_form Projections, class V> class multi_head {
    using T = scalar_t<V>;
    using offsets = parameter_offsets<Form, Projections>;
    static constexpr std::size_t queries = Form.queries, sources = Form.sources, keys = offsets::keys,
                                 values = offsets::values;
    static constexpr bool bias = Projections.bias;

    using of_query = projection<queries, Projections.query_inputs, keys, bias, V>;
    using of_key = projection<sources, Projections.source_inputs, keys, bias, V>;
    using of_value = projection<sources, Projections.source_inputs, values, bias, V>;
    using of_result = projection<queries, values, Projections.outputs, bias, V>;

    using all_heads = heads<Form, V>;
    static constexpr std::array kept_parts{cells_part{"q", queries* keys}, cells_part{"k", sources* keys},
                                           cells_part{"v", sources* values}, cells_part{"result", queries* values},
                                           cells_part{"heads", all_heads::kept_cells}};
    static constexpr std::array backward_parts{
        cells_part{"q", queries* keys}, cells_part{"k", sources* keys}, cells_part{"v", sources* values},
        cells_part{"result", queries* values},
        // Of the heads, of one projection after the other, or of one of the terms of an input's gradient.
        cells_part{"free", std::max({all_heads::backward_scratch, of_query::scratch, of_key::scratch, of_value::scratch,
                                     of_result::scratch})},
        cells_part{"term", sources* Projections.source_inputs}};

public:
    static constexpr std::size_t kept_cells = total_size(kept_parts), backward_scratch = total_size(backward_parts);
    static constexpr std::size_t forward_scratch =
        std::max({all_heads::forward_scratch, of_query::forward_scratch, of_key::forward_scratch,
                  of_value::forward_scratch, of_result::forward_scratch});

    /// `random` is null where nothing is to be dropped.
    static void forward(const random_cells* random, const V* query, const V* source, const T* w, V* y, V* kept,
                        V* workspace) {
        V* const q = kept + offset_of(kept_parts, "q");
        V* const k = kept + offset_of(kept_parts, "k");
        V* const v = kept + offset_of(kept_parts, "v");
        V* const result = kept + offset_of(kept_parts, "result");
        of_query::forward(query, w, q, workspace);
        of_key::forward(source, w + offsets::key, k, workspace);
        of_value::forward(source, w + offsets::value, v, workspace);
        scale_queries<Form>(q);
        all_heads::forward(random, q, k, v, result, kept + offset_of(kept_parts, "heads"), workspace);
        of_result::forward(result, w + offsets::result, y, workspace);
    }

    /// Adds to dw. Without InputGradient d_query and d_source are not read. Where these are the same, so are the
    /// inputs, and they get the sum.
    template <bool InputGradient>
    static void backward(bool dropped, const V* query, const V* source, const T* w, V* dy, V* kept, T* dw, V* d_query,
                         V* d_source, V* workspace) {
        const V* const q = kept + offset_of(kept_parts, "q");
        const V* const k = kept + offset_of(kept_parts, "k");
        const V* const v = kept + offset_of(kept_parts, "v");
        V* const dq = workspace + offset_of(backward_parts, "q");
        V* const dk = workspace + offset_of(backward_parts, "k");
        V* const dv = workspace + offset_of(backward_parts, "v");
        V* const d_result = workspace + offset_of(backward_parts, "result");
        V* const free = workspace + offset_of(backward_parts, "free");
        of_result::add_gradients(kept + offset_of(kept_parts, "result"), dy, dw + offsets::result, free);
        of_result::passes::input_gradient(dy, w + offsets::result, d_result, free);
        all_heads::backward(dropped, q, k, v, d_result, kept + offset_of(kept_parts, "heads"), dq, dk, dv, free);
        scale_queries<Form>(dq);
        of_query::add_gradients(query, dq, dw, free);
        of_key::add_gradients(source, dk, dw + offsets::key, free);
        of_value::add_gradients(source, dv, dw + offsets::value, free);
        if constexpr (InputGradient) {
            V* const term = workspace + offset_of(backward_parts, "term");
            of_query::passes::input_gradient(dq, w, d_query, free);
            of_key::passes::input_gradient(dk, w + offsets::key, d_source == d_query ? term : d_source, free);
            if (d_source == d_query) add(term, d_source);
            of_value::passes::input_gradient(dv, w + offsets::value, term, free);
            add(term, d_source);
        }
    }

private:
    static void add(const V* from, V* to) {
        for (std::size_t i = 0; i < sources * Projections.source_inputs; ++i) to[i] = to[i] + from[i];
    }
};

}  // namespace kernels::attention
}  // namespace STRATA_ISA
}  // namespace strata::authoring
