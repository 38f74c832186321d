#pragma once

#include "strata/core/context.hpp"
#include "strata/core/data_format.hpp"
#include "strata/core/parameter.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/kernels/dense/one_sample.hpp"
#include "strata/kernels/recurrent/cells.hpp"
#include "strata/kernels/recurrent/sequence.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels::recurrent {

/// A recurrent layer for one sample: the lanes run over gates and units. Only the last state is kept.
template <sequence_form Form, class Cell, class V> class one_sample_sequence {
    using offsets = parameter_offsets<Form, Cell>;
    static constexpr std::size_t units = Cell::units, columns = offsets::columns;
    using layout = units_in_lanes<V>;
    using of_input = one_sample::dense<1, Form.inputs, columns, linear, false, V>;
    using of_state = one_sample::dense<1, units, columns, linear, false, V>;

    // The cells' loops go up to a vector beyond.
    static constexpr std::array parts{cells_part{"gates", columns + lanes<V>}, cells_part{"sums", columns + lanes<V>},
                                      cells_part{"state", units + lanes<V>},
                                      cells_part{"kept", Cell::kept* units + lanes<V>}};

public:
    using T = scalar_t<V>;
    static constexpr std::size_t scratch = total_size(parts);
    static constexpr bool reads_channels_first = false;
    static constexpr data_format output_format(data_format) { return data_format::channels_last; }

    template <data_format> static void run(forward_context<T, Form.input_count()> c) {
        const T* const w = c.parameters;
        T* const gates = c.scratch + offset_of(parts, "gates");
        T* const sums = c.scratch + offset_of(parts, "sums");
        T* const state = c.scratch + offset_of(parts, "state");
        T* const kept = c.scratch + offset_of(parts, "kept");
        std::fill_n(c.scratch, scratch, T(0));
        const auto multiply = [&](const T* from) { of_state::run(from, w + offsets::recurrent, sums); };
        for (std::size_t t = 0; t < Form.steps; ++t) {
            const std::size_t row = Form.row(t);
            const bool skipped = [&] {
                if constexpr (Form.masked)
                    return c.x[1][row] == T(0);
                else
                    return false;
            }();
            if (!skipped) {
                of_input::run(sequence_of(c.x) + row * Form.inputs, w, gates);
                if (t > 0) multiply(state);
                if constexpr (Form.bias) detail::add<layout, columns>(w + offsets::bias, gates);
                if constexpr (Form.bias && Cell::second_bias)
                    detail::add<layout, columns>(w + offsets::second_bias, sums);
                Cell::template forward<layout>(forward_step<T>{.gates = gates,
                                                               .sums = sums,
                                                               .before = state,
                                                               .state = state,
                                                               .kept = kept,
                                                               .kept_before = kept},
                                               [&] { multiply(kept); });
            }
            if constexpr (Form.returns_all) {
                T* const y = c.y + Form.output_row(row) * units;
                if (Form.zeroes && skipped)
                    std::fill_n(y, units, T(0));
                else
                    std::copy_n(state, units, y);
            }
        }
        if constexpr (!Form.returns_all) std::copy_n(state, units, c.y);
    }
};

}  // namespace kernels::recurrent
}  // namespace STRATA_ISA
}  // namespace strata::authoring
