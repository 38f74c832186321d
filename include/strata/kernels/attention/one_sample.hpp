#pragma once

#include "strata/core/data_format.hpp"
#include "strata/core/parameter.hpp"
#include "strata/kernels/attention/multi_head_attention.hpp"
#include "strata/kernels/dense/one_sample.hpp"

#include <array>
#include <cmath>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::attention {

/// Multi-head attention for one sample: the lanes run over the units of projections, which are most of the work; the
/// heads take plain numbers.
template <attention_form Form, projection_form Projections, class V> class one_sample_multi_head {
    using offsets = parameter_offsets<Form, Projections>;
    using all_heads = heads<Form, scalar_t<V>>;
    template <std::size_t Rows, std::size_t Inputs, std::size_t Units>
    using projection = one_sample::dense<Rows, Inputs, Units, linear, Projections.bias, V>;

    static constexpr std::array parts{
        cells_part{"q", Form.queries* offsets::keys}, cells_part{"k", Form.sources* offsets::keys},
        cells_part{"v", Form.sources* offsets::values}, cells_part{"result", Form.queries* offsets::values},
        cells_part{"heads", all_heads::kept_cells}};

public:
    using T = scalar_t<V>;
    static constexpr std::size_t scratch = total_size(parts);
    static constexpr bool reads_channels_first = false;
    static constexpr data_format output_format(data_format) { return data_format::channels_last; }

    static void run(const T* query, const T* source, const T* w, T* y, T* workspace) {
        T* const q = workspace + offset_of(parts, "q");
        T* const k = workspace + offset_of(parts, "k");
        T* const v = workspace + offset_of(parts, "v");
        T* const result = workspace + offset_of(parts, "result");
        projection<Form.queries, Projections.query_inputs, offsets::keys>::run(query, w, q);
        projection<Form.sources, Projections.source_inputs, offsets::keys>::run(source, w + offsets::key, k);
        projection<Form.sources, Projections.source_inputs, offsets::values>::run(source, w + offsets::value, v);
        scale_queries<Form>(q);
        all_heads::forward(nullptr, q, k, v, result, workspace + offset_of(parts, "heads"), nullptr);
        projection<Form.queries, offsets::values, Projections.outputs>::run(result, w + offsets::result, y);
    }
};

}  // namespace kernels::attention
}  // namespace STRATA_ISA
}  // namespace strata::authoring
