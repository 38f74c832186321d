#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/last_activation.hpp"
#include "strata/core/samples.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/core/shape.hpp"
#include "strata/kernels/long_sums.hpp"
#include "strata/losses/loss.hpp"
#include "strata/simd/math.hpp"

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The outputs of a model as classes.
template <class Output> struct classes_of {
    static_assert(Output::rank == 1,
                  "SparseCategoricalCrossentropy, CategoricalCrossentropy: the model's output must be a row with one "
                  "value for each class; put Flatten or a global pooling before the last Dense");
    static_assert(Output::size > 1,
                  "SparseCategoricalCrossentropy, CategoricalCrossentropy: a single output is a single class; for two "
                  "classes end with Dense<2, Softmax>, or keep the single output and take MeanSquaredError");
    static constexpr std::size_t count = Output::size;
};

/// What both cross-entropies share: the probability of class k is the target `expected(k)`, whose sum is 1. A class
/// that is not expected may have a logit of minus infinity.
template <std::size_t Classes, class V, class Expected>
V crossentropy_of_logits(const V* y, Expected&& expected, const V& weight, V* dy) {
    V largest = y[0];
    for (std::size_t k = 1; k < Classes; ++k) largest = math::max(largest, y[k]);
    const V zero(scalar_t<V>(0));
    V sums[3] = {zero, zero, zero};
    kernels::add_terms<Classes>(sums, [&](std::size_t k, V(&to)[3]) {
        const V shifted = y[k] - largest, target = expected(k);
        dy[k] = math::exp(shifted);
        to[0] = to[0] + dy[k];
        to[1] = math::select(target == zero, to[1], multiply_add(target, shifted, to[1]));
        to[2] = to[2] + target;
    });
    const auto [sum, score, mass] = sums;
    const V scale = math::divide(mass, sum);
    for (std::size_t k = 0; k < Classes; ++k) dy[k] = (dy[k] * scale - expected(k)) * weight;
    return mass * math::log(sum) - score;
}

/// Throws value_error for the first label that is not one of 0, ..., classes - 1.
STRATA_OUT_OF_LINE inline void require_labels(const array_ref& labels, std::size_t classes) {
    labels.visit([&](const auto* values) {
        for (std::size_t i = 0; i < labels.samples(); ++i) {
            const auto label = static_cast<double>(values[i]);
            if (label >= 0 && label < static_cast<double>(classes) && label == std::floor(label)) continue;
            raise<value_error>({"SparseCategoricalCrossentropy: label ", std::to_string(values[i]), " of sample ", i,
                                " is not one of 0, ..., ", classes - 1, ", the classes of the model"});
        }
    });
}

/// Keras' backend.epsilon(): probabilities are kept this far from 0 and 1 before a logarithm.
inline constexpr double probability_epsilon = 1e-7;

template <class V> V clip_probability(const V& p) {
    return math::min(V(scalar_t<V>(1 - probability_epsilon)), math::max(V(scalar_t<V>(probability_epsilon)), p));
}

/// `gradient` where p was not clipped, 0 elsewhere.
template <class V> V pass_unclipped(const V& p, const V& gradient) {
    return math::select(clip_probability(p) == p, gradient, V(scalar_t<V>(0)));
}

}  // namespace detail

/// Cross-entropy against a class number (Keras: `SparseCategoricalCrossentropy`).
///
/// Shapes: K outputs, one integer label in 0, ..., K - 1. After a last Softmax, or with from_logits, it is computed
/// from the logits; for other outputs, taken as probabilities, these are clipped to [1e-7, 1 - 1e-7] first.
struct SparseCategoricalCrossentropy {
    bool from_logits = false;

    static constexpr std::string_view name = "sparse_categorical_crossentropy";
    static constexpr auto takes_logits_of = last_activation::softmax;

    template <class Output> using target = shape<>;

    template <class Output>
    static constexpr std::string_view advice_on_targets = "; one-hot targets are for CategoricalCrossentropy";

    template <class Output> void check(const array_ref& labels) const { detail::require_labels(labels, Output::size); }

    template <class Output, bool Logits, class V> V value(const V* y, const V* label, const V& weight, V* dy) const {
        using T = scalar_t<V>;
        constexpr std::size_t K = detail::classes_of<Output>::count;
        const auto expected = [&](std::size_t k) { return math::select(*label == V(T(k)), V(T(1)), V(T(0))); };
        if (Logits || from_logits) return detail::crossentropy_of_logits<K>(y, expected, weight, dy);

        // As Keras does: the logarithms of the clipped probabilities serve as logits.
        V sums[2] = {V(T(0)), V(T(0))};
        kernels::add_terms<K>(sums, [&](std::size_t k, V(&to)[2]) {
            const V p = detail::clip_probability(y[k]);
            to[0] = to[0] + p;
            to[1] = multiply_add(expected(k), p, to[1]);
        });
        const auto [sum, own] = sums;
        const V of_all = math::divide(V(T(1)), sum), of_own = math::divide(V(T(1)), own);
        for (std::size_t k = 0; k < K; ++k)
            dy[k] = detail::pass_unclipped(y[k], of_all - expected(k) * of_own) * weight;
        return math::log(sum) - math::log(own);
    }
};

/// Cross-entropy against a distribution over the classes (Keras: `CategoricalCrossentropy`).
///
/// Shapes: K outputs, K target values. label_smoothing s replaces the target t by t (1 - s) + s / K. Logits as for
/// SparseCategoricalCrossentropy; other outputs are divided by their sum and clipped to [1e-7, 1 - 1e-7].
struct CategoricalCrossentropy {
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "categorical_crossentropy";
    static constexpr auto takes_logits_of = last_activation::softmax;

    template <class Output> using target = Output;

    template <class Output>
    static constexpr std::string_view advice_on_targets = "; class numbers are for SparseCategoricalCrossentropy";

    template <class Output> void check(const array_ref&) const {
        setting_checks("CategoricalCrossentropy").at_most_one("label_smoothing", label_smoothing);
    }

    template <class Output, bool Logits, class V> V value(const V* y, const V* given, const V& weight, V* dy) const {
        using T = scalar_t<V>;
        constexpr std::size_t K = detail::classes_of<Output>::count;
        const V keep(T(1 - label_smoothing)), spread(T(label_smoothing / double(K)));
        const auto expected = [&](std::size_t k) { return multiply_add(given[k], keep, spread); };
        if (Logits || from_logits) return detail::crossentropy_of_logits<K>(y, expected, weight, dy);

        const V sum = kernels::sum_of<K>([&](std::size_t k) { return y[k]; });
        V sums[2] = {V(T(0)), V(T(0))};
        kernels::add_terms<K>(sums, [&](std::size_t k, V(&to)[2]) {
            const V q = math::divide(y[k], sum), p = detail::clip_probability(q);
            to[0] = to[0] - expected(k) * math::log(p);
            dy[k] = -detail::pass_unclipped(q, math::divide(expected(k), p));  // with respect to q
            to[1] = multiply_add(dy[k], q, to[1]);
        });
        const auto [loss, common] = sums;
        for (std::size_t k = 0; k < K; ++k) dy[k] = math::divide(dy[k] - common, sum) * weight;
        return loss;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CategoricalCrossentropy;
using authoring::SparseCategoricalCrossentropy;
}  // namespace strata
