#pragma once

#include "strata/core/column_moments.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/stage.hpp"
#include "strata/core/tensor.hpp"
#include "strata/initializers/initializers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// y = (x - mean) / sqrt(variance), with numbers for each cell of the last axis that no training changes (Keras:
/// `Normalization`). `Normalization::adapt(model, x)` sets them to those of data; before that y = x. A standard
/// deviation below 1e-7 counts as that much.
///
/// Shapes: any, unchanged. State: `mean` and `variance`. A network that begins with it takes bytes as they are, from 0
/// to 255.
struct Normalization {
    static constexpr std::string_view class_name = "Normalization";

    /// Sets the mean and the variance of the first Normalization of a model to those of data (Keras:
    /// `layer.adapt(data)`). x is an array of what that layer gets, of any rank from 2 on: mean and variance are taken
    /// over all but the last axis, in double precision. Bytes count as they are. Throws shape_error.
    template <class Model> static void adapt(Model& model, const array_argument& x) {
        constexpr auto& classes = Model::network::class_names;
        static_assert(std::find(classes.begin(), classes.end(), class_name) != classes.end(),
                      "Normalization: adapt needs a model that has a Normalization");
        const auto table = model.value_table();
        const auto first = std::find_if(table.begin(), table.end(),
                                        [](const auto& entry) { return entry.name == "normalization/mean"; });
        refuse_other_columns(x, first->size);
        const detail::column_moments moments = detail::moments_of_columns(x, first->size);
        const auto put = [&](const std::vector<double>& values, std::size_t offset) {
            std::transform(values.begin(), values.end(), model.values().begin() + static_cast<std::ptrdiff_t>(offset),
                           [](double value) { return static_cast<typename Model::value_type>(value); });
        };
        put(moments.mean, first->offset);
        put(moments.variance, (first + 1)->offset);
    }

    /// Throws shape_error unless x has samples, and so many columns.
    STRATA_OUT_OF_LINE static void refuse_other_columns(const array_ref& x, std::size_t columns) {
        if (x.shape().size() < 2 || x.shape().back() != columns)
            raise<shape_error>({"Normalization::adapt: an array with a last extent of ", columns, " is needed, ",
                                x.empty() ? "none" : shape_text(x.shape()), " was given"});
        if (x.samples() * x.sample_size() == 0)
            raise<shape_error>({"Normalization::adapt: an array without samples was given"});
    }

    template <class In> struct on {
        using output = In;
        static constexpr bool passes_mask = true;
        static constexpr std::size_t columns = In::extents[In::rank - 1];
        static constexpr auto parameters = no_parameters;
        static constexpr std::array state{parameter{"mean", {columns}, Zeros::draw},
                                          parameter{"variance", {columns}, Ones::draw}};
        static constexpr stage_needs needs{
            .raw_input = true, .backward_reads_x = false, .backward_reads_y = false, .in_place = true};

        template <class V> static void forward(forward_context<V> c) {
            for (std::size_t column = 0; column < columns; ++column) {
                const V mean(c.state[column]), factor = factor_of<V>(column, c.state);
                for (std::size_t i = column; i < In::size; i += columns) c.y[i] = (c.x[i] - mean) * factor;
            }
        }

        template <bool InputGradient, class V> static void backward(backward_context<V> c) {
            if constexpr (InputGradient) {
                for (std::size_t column = 0; column < columns; ++column) {
                    const V factor = factor_of<V>(column, c.state);
                    for (std::size_t i = column; i < In::size; i += columns) c.dx[i] = c.dy[i] * factor;
                }
            }
        }

    private:
        template <class V> static V factor_of(std::size_t column, const scalar_t<V>* values) {
            using T = scalar_t<V>;
            return V(T(1) / std::max(T(1e-7), std::sqrt(values[offset_of(state, "variance") + column])));
        }
    };
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Normalization;
}  // namespace strata
