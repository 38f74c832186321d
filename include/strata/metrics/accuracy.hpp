#pragma once

#include "strata/metrics/metric.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// How often the model is right (Keras: "accuracy"). With one target value for a row of outputs, the largest output has
/// to be at that class; with as many targets as outputs, at the class of the largest target; a single output has to lie
/// on the same side of 0.5 as its target. Of outputs with several rows it is the mean over the rows, which lie along
/// the last axis.
struct Accuracy {
    static constexpr std::string_view name = "accuracy";

    /// What a last Softmax would have been applied to is largest at the same class.
    static constexpr bool takes_logits = true;

    /// For each lane, the share of its sample's rows that are right. `Target` is the shape of one sample's target.
    template <class Output, class Target, class V> V value(const V* y, const V* target) const {
        using T = scalar_t<V>;
        constexpr std::size_t columns = Output::extents[Output::rank - 1], rows = Output::size / columns;
        constexpr std::size_t targets = Target::size / rows;
        static_assert(targets * rows == Target::size && (targets == 1 || targets == columns),
                      "Accuracy: each row of outputs needs one target, or as many as it has outputs");
        V right(T(0));
        for (std::size_t row = 0; row < rows; ++row)
            right = right + row_is_right<columns, targets>(y + row * columns, target + row * targets);
        return rows == 1 ? right : right * V(T(1) / T(rows));
    }

private:
    /// 1 in the lanes whose row is right, 0 in the others.
    template <std::size_t Columns, std::size_t Targets, class V> static V row_is_right(const V* y, const V* target) {
        const V one(scalar_t<V>(1)), zero(scalar_t<V>(0));
        if constexpr (Columns == 1) {
            const V half(scalar_t<V>(0.5));
            return math::select((y[0] > half) == (target[0] > half), one, zero);
        } else if constexpr (Targets == 1) {
            return math::select(position_of_largest<Columns>(y) == target[0], one, zero);
        } else {
            return math::select(position_of_largest<Columns>(y) == position_of_largest<Columns>(target), one, zero);
        }
    }

    /// The first of several largest counts, as in numpy's argmax.
    template <std::size_t Count, class V> static V position_of_largest(const V* values) {
        V largest = values[0], position(scalar_t<V>(0));
        for (std::size_t i = 1; i < Count; ++i) {
            const auto larger = values[i] > largest;
            largest = math::select(larger, values[i], largest);
            position = math::select(larger, V(scalar_t<V>(i)), position);
        }
        return position;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Accuracy;
}  // namespace strata
