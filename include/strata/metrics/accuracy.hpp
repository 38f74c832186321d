#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/metrics/metric.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The first of several largest counts, as in numpy's argmax.
template <std::size_t Count, class V> V position_of_largest(const V* values) {
    V largest = values[0], position(scalar_t<V>(0));
    for (std::size_t i = 1; i < Count; ++i) {
        const auto larger = values[i] > largest;
        largest = math::select(larger, values[i], largest);
        position = math::select(larger, V(scalar_t<V>(i)), position);
    }
    return position;
}

/// The class that each of the rows of targets names: a number, or the place of the largest value.
template <std::size_t Columns, std::size_t Targets, class V> V class_of_target(const V* target) {
    if constexpr (Targets == 1)
        return target[0];
    else
        return position_of_largest<Columns>(target);
}

/// Outputs as rows along the last axis, each with one target or as many as it has outputs.
template <class Output, class Target> struct rows_of_outputs {
    static constexpr std::size_t columns = Output::extents[Output::rank - 1], count = Output::size / columns;
    static constexpr std::size_t targets = Target::size / count;
    static_assert(targets * count == Target::size && (targets == 1 || targets == columns),
                  "an accuracy: each row of outputs needs one target, or as many as it has outputs");

    /// The mean over the rows of what is 1 or 0 for one.
    template <class V, class RowIsRight> static V mean(const V* y, const V* target, RowIsRight&& row_is_right) {
        using T = scalar_t<V>;
        V right(T(0));
        for (std::size_t row = 0; row < count; ++row)
            right = right + row_is_right(y + row * columns, target + row * targets);
        return count == 1 ? right : right * V(T(1) / T(count));
    }
};

}  // namespace detail

/// How often the model is right (Keras: "accuracy"). With one target value for a row of outputs, the largest output has
/// to be at that class; with as many targets as outputs, at the class of the largest target; a single output has to lie
/// on the same side of 0.5 as its target. Of outputs with several rows it is the mean over the rows, which lie along
/// the last axis.
struct Accuracy {
    static constexpr std::string_view name = "accuracy";
    static constexpr metric_direction direction = metric_direction::up;

    /// What a last Softmax would have been applied to is largest at the same class.
    static constexpr bool takes_logits = true;

    /// For each lane, the share of its sample's rows that are right. `Target` is the shape of one sample's target.
    template <class Output, class Target, class V> V value(const V* y, const V* target) const {
        using rows = detail::rows_of_outputs<Output, Target>;
        const V one(scalar_t<V>(1)), zero(scalar_t<V>(0)), half(scalar_t<V>(0.5));
        return rows::mean(y, target, [&](const V* outputs, const V* expected) {
            if constexpr (rows::columns == 1)
                return math::select((outputs[0] > half) == (expected[0] > half), one, zero);
            else
                return math::select(detail::position_of_largest<rows::columns>(outputs) ==
                                        detail::class_of_target<rows::columns, rows::targets>(expected),
                                    one, zero);
        });
    }
};

/// How often the largest output is at the target's class, a class number (Keras: `SparseCategoricalAccuracy`).
struct SparseCategoricalAccuracy : Accuracy {
    static constexpr std::string_view name = "sparse_categorical_accuracy";
};

/// How often the largest output is where the largest target is (Keras: `CategoricalAccuracy`).
struct CategoricalAccuracy : Accuracy {
    static constexpr std::string_view name = "categorical_accuracy";
};

/// The share of outputs on the same side of `threshold` as their targets (Keras: `BinaryAccuracy`). Each output has a
/// target of its own, 0 or 1.
struct BinaryAccuracy {
    double threshold = 0.5;

    static constexpr std::string_view name = "binary_accuracy";
    static constexpr metric_direction direction = metric_direction::up;

    void check() const { setting_checks("BinaryAccuracy").at_most_one("threshold", threshold); }

    template <class Output, class Target, class V> V value(const V* y, const V* target) const {
        using T = scalar_t<V>;
        static_assert(Output::size == Target::size, "BinaryAccuracy: each output needs a target of its own, 0 or 1");
        const V one(T(1)), zero(T(0)), limit(static_cast<T>(threshold));
        const V right = kernels::sum_of<Output::size>(
            [&](std::size_t i) { return math::select(target[i] == math::select(y[i] > limit, one, zero), one, zero); });
        return right * V(T(1) / T(Output::size));
    }
};

/// How often the target's class is among the k largest outputs (Keras: `TopKCategoricalAccuracy`). With one target
/// value for a row of outputs it is a class number, otherwise the place of the largest of them.
struct TopKCategoricalAccuracy {
    std::size_t k = 5;

    static constexpr std::string_view name = "top_k_categorical_accuracy";
    static constexpr metric_direction direction = metric_direction::up;

    /// A last Softmax keeps the order.
    static constexpr bool takes_logits = true;

    void check() const {
        if (k == 0) raise<value_error>({"TopKCategoricalAccuracy: k must be at least 1"});
    }

    template <class Output, class Target, class V> V value(const V* y, const V* target) const {
        using T = scalar_t<V>;
        using rows = detail::rows_of_outputs<Output, Target>;
        const V one(T(1)), zero(T(0));
        return rows::mean(y, target, [&](const V* outputs, const V* expected) {
            const V own_class = detail::class_of_target<rows::columns, rows::targets>(expected);
            V own(T(0)), larger(T(0));
            for (std::size_t i = 0; i < rows::columns; ++i) own = math::select(own_class == V(T(i)), outputs[i], own);
            for (std::size_t i = 0; i < rows::columns; ++i) larger = larger + math::select(outputs[i] > own, one, zero);
            // An output that is NaN is not among the largest.
            return math::select(own == own, math::select(larger < V(T(k)), one, zero), zero);
        });
    }
};

/// TopKCategoricalAccuracy of class numbers, under Keras' name for it.
struct SparseTopKCategoricalAccuracy {
    std::size_t k = 5;

    static constexpr std::string_view name = "sparse_top_k_categorical_accuracy";
    static constexpr metric_direction direction = metric_direction::up;
    static constexpr bool takes_logits = true;

    void check() const {
        if (k == 0) raise<value_error>({"SparseTopKCategoricalAccuracy: k must be at least 1"});
    }

    template <class Output, class Target, class V> V value(const V* y, const V* target) const {
        return TopKCategoricalAccuracy{k}.template value<Output, Target>(y, target);
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Accuracy;
using authoring::BinaryAccuracy;
using authoring::CategoricalAccuracy;
using authoring::SparseCategoricalAccuracy;
using authoring::SparseTopKCategoricalAccuracy;
using authoring::TopKCategoricalAccuracy;
}  // namespace strata
