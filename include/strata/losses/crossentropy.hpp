#pragma once

#include "strata/core/last_activation.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/core/shape.hpp"
#include "strata/kernels/activation/rows.hpp"
#include "strata/losses/means.hpp"
#include "strata/losses/probability.hpp"
#include "strata/losses/targets.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

/// Losses for outputs that are the probabilities of classes, along the last axis, of which one is right.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// The number of classes along the last axis.
template <std::size_t Columns> struct classes_of {
    static_assert(Columns > 1,
                  "categorical cross-entropy: a single output is a single class; for two classes end with "
                  "Dense<1, Sigmoid> and take BinaryCrossentropy, or end with Dense<2, Softmax>");
    static constexpr std::size_t count = Columns;
};

/// A shape without its last extent.
template <class Shape, class Indices = std::make_index_sequence<Shape::rank - 1>> struct without_last_extent;
template <class Shape, std::size_t... I> struct without_last_extent<Shape, std::index_sequence<I...>> {
    using type = shape<Shape::extents[I]...>;
};

/// What both cross-entropies share: the probability of class k is the target `expected(k)`, whose sum is 1. A class
/// that is not expected may have a logit of minus infinity.
template <std::size_t Classes, class V, class Expected>
V crossentropy_of_logits(const V* y, Expected&& expected, const V& weight, V* dy) {
    V largest = y[0];
    for (std::size_t k = 1; k < Classes; ++k) largest = math::max(largest, y[k]);
    const V zero = constant<V>(0);
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

/// The second derivatives p (1 - p) of such a cross-entropy, for probabilities p, times weight.
template <std::size_t Classes, class V> void crossentropy_second_derivatives(const V* y, const V& weight, V* to) {
    kernels::softmax_of_row(y, Classes, to);
    for (std::size_t k = 0; k < Classes; ++k) to[k] = kernels::sigmoid::slope(to[k]) * weight;
}

/// The loss of probabilities y that are divided by their sum: that of term(k, q) for each class, which returns a
/// loss_term<V>.
template <std::size_t Classes, class V, class Term>
V loss_of_probabilities(const V* y, const V& weight, V* dy, const Term& term) {
    const V sum = kernels::sum_of<Classes>([&](std::size_t k) { return y[k]; });
    V sums[2] = {constant<V>(0), constant<V>(0)};
    kernels::add_terms<Classes>(sums, [&](std::size_t k, V(&to)[2]) {
        const V q = math::divide(y[k], sum);
        const loss_term<V> found = term(k, q);
        to[0] = to[0] + found.value;
        dy[k] = found.slope;  // with respect to q
        to[1] = multiply_add(dy[k], q, to[1]);
    });
    const auto [loss, common] = sums;
    for (std::size_t k = 0; k < Classes; ++k) dy[k] = math::divide(dy[k] - common, sum) * weight;
    return loss;
}

/// Cross-entropy against a class number (Keras: `SparseCategoricalCrossentropy`), and the mean over rows of outputs.
///
/// Shapes: ... x K outputs, for each row of them one integer label in 0, ..., K - 1. After a last Softmax, or with
/// from_logits, it is computed from the logits; for other outputs, taken as probabilities, these are clipped to
/// [1e-7, 1 - 1e-7] first. Rows whose label is ignore_class, which may be no class, such as -1 or 255, have no loss,
/// and the mean is over the other rows of a batch. Throws value_error for labels out of range.
struct SparseCategoricalCrossentropy {
    bool from_logits = false;
    std::optional<int> ignore_class{};

    static constexpr std::string_view name = "sparse_categorical_crossentropy";
    static constexpr auto takes_logits_of = last_activation::softmax;

    template <class Output> using target = typename without_last_extent<Output>::type;

    template <class Output>
    static constexpr std::string_view advice_on_targets =
        Output::rank == 1 ? "; one-hot targets are for CategoricalCrossentropy"
                          : "; each row of the model's outputs, along the last axis, has a class: where a sample has a "
                            "single one, put Flatten or a global pooling before the last Dense";

    template <class Output> void check(const array_ref& labels) const {
        require_classes("SparseCategoricalCrossentropy", labels, Output::extents[Output::rank - 1], ignore_class);
    }

    template <class Row> double counted(const array_ref& labels, std::span<const Row> rows) const {
        return ignore_class ? samples_without(*ignore_class, labels, rows) : static_cast<double>(rows.size());
    }

    template <class Output, bool Logits, class V> V value(const V* y, const V* label, const V& weight, V* dy) const {
        constexpr std::size_t K = classes_of<Output::extents[Output::rank - 1]>::count;
        return mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            if (ignore_class) return loss_unless_ignored<K, Logits>(y + first, label[first / K], scale, dy + first);
            return loss_of_row<K, Logits>(y + first, label[first / K], scale, dy + first);
        });
    }

    template <bool Logits> void check_second_derivatives() const {
        require_logits("SparseCategoricalCrossentropy", "Softmax", Logits || from_logits);
    }

    template <class Output, bool, class V>
    void second_derivatives(const V* y, const V* label, const V& weight, V* to) const {
        constexpr std::size_t K = Output::extents[Output::rank - 1];
        mean_of_rows<Output>(weight, [&](std::size_t first, V scale) {
            if (ignore_class)
                scale = math::select(label[first / K] == constant<V>(*ignore_class), constant<V>(0), scale);
            crossentropy_second_derivatives<K>(y + first, scale, to + first);
            return scale;
        });
    }

private:
    template <std::size_t K, bool Logits, class V>
    V loss_unless_ignored(const V* y, const V& label, const V& weight, V* dy) const {
        const V zero = constant<V>(0);
        const auto ignored = label == constant<V>(*ignore_class);
        const V loss = loss_of_row<K, Logits>(y, math::select(ignored, zero, label), weight, dy);
        for (std::size_t k = 0; k < K; ++k) dy[k] = math::select(ignored, zero, dy[k]);
        return math::select(ignored, zero, loss);
    }

    template <std::size_t K, bool Logits, class V>
    V loss_of_row(const V* y, const V& label, const V& weight, V* dy) const {
        const V zero = constant<V>(0), one = constant<V>(1);
        const auto expected = [&](std::size_t k) { return math::select(label == V(scalar_t<V>(k)), one, zero); };
        if (Logits || from_logits) return crossentropy_of_logits<K>(y, expected, weight, dy);

        // As Keras does: the logarithms of the clipped probabilities serve as logits.
        V sums[2] = {zero, zero};
        kernels::add_terms<K>(sums, [&](std::size_t k, V(&to)[2]) {
            const V p = clip_probability(y[k]);
            to[0] = to[0] + p;
            to[1] = multiply_add(expected(k), p, to[1]);
        });
        const auto [sum, own] = sums;
        const V of_all = math::divide(one, sum), of_own = math::divide(one, own);
        for (std::size_t k = 0; k < K; ++k) dy[k] = pass_unclipped(y[k], of_all - expected(k) * of_own) * weight;
        return math::log(sum) - math::log(own);
    }
};

/// Cross-entropy against a distribution over the classes (Keras: `CategoricalCrossentropy`), and the mean over rows of
/// outputs.
///
/// Shapes: ... x K outputs, targets of the same shape. label_smoothing s replaces the target t by t (1 - s) + s / K.
/// Logits as for SparseCategoricalCrossentropy; other outputs are divided by their sum and clipped to
/// [1e-7, 1 - 1e-7].
struct CategoricalCrossentropy {
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "categorical_crossentropy";
    static constexpr auto takes_logits_of = last_activation::softmax;
    template <class Output>
    static constexpr std::string_view advice_on_targets = "; class numbers are for SparseCategoricalCrossentropy";

    template <class Output> using target = Output;

    template <class Output> void check(const array_ref&) const {
        setting_checks("CategoricalCrossentropy").at_most_one("label_smoothing", label_smoothing);
    }

    template <class Output, bool Logits, class V> V value(const V* y, const V* given, const V& weight, V* dy) const {
        constexpr std::size_t K = classes_of<Output::extents[Output::rank - 1]>::count;
        return mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            return loss_of_row<K, Logits>(y + first, given + first, scale, dy + first);
        });
    }

    template <bool Logits> void check_second_derivatives() const {
        require_logits("CategoricalCrossentropy", "Softmax", Logits || from_logits);
    }

    template <class Output, bool, class V> void second_derivatives(const V* y, const V*, const V& weight, V* to) const {
        mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            crossentropy_second_derivatives<Output::extents[Output::rank - 1]>(y + first, scale, to + first);
            return scale;
        });
    }

private:
    template <std::size_t K, bool Logits, class V>
    V loss_of_row(const V* y, const V* given, const V& weight, V* dy) const {
        const V keep = constant<V>(1 - label_smoothing), spread = constant<V>(label_smoothing / double(K));
        const auto expected = [&](std::size_t k) { return multiply_add(given[k], keep, spread); };
        if (Logits || from_logits) return crossentropy_of_logits<K>(y, expected, weight, dy);
        return loss_of_probabilities<K>(y, weight, dy, [&](std::size_t k, const V& q) {
            const V p = clip_probability(q), wanted = expected(k);
            return loss_term<V>{-(wanted * math::log(p)), -pass_unclipped(q, math::divide(wanted, p))};
        });
    }
};

/// CategoricalCrossentropy whose term of class k, with probability p, counts alpha (1 - p)^gamma: what the model is
/// sure of counts less (Keras: `CategoricalFocalCrossentropy`; Lin and others 2017). Shapes, smoothing and logits as
/// for CategoricalCrossentropy; of logits nothing is clipped, which Keras does after its softmax.
struct CategoricalFocalCrossentropy {
    double alpha = 0.25;
    double gamma = 2;
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "categorical_focal_crossentropy";
    static constexpr auto takes_logits_of = last_activation::softmax;
    template <class Output>
    static constexpr std::string_view advice_on_targets = CategoricalCrossentropy::advice_on_targets<Output>;

    template <class Output> using target = Output;

    template <class Output> void check(const array_ref&) const {
        setting_checks("CategoricalFocalCrossentropy")
            .not_negative("alpha", alpha)
            .not_negative("gamma", gamma)
            .at_most_one("label_smoothing", label_smoothing);
    }

    template <class Output, bool Logits, class V> V value(const V* y, const V* given, const V& weight, V* dy) const {
        constexpr std::size_t K = classes_of<Output::extents[Output::rank - 1]>::count;
        return mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            return loss_of_row<K, Logits>(y + first, given + first, scale, dy + first);
        });
    }

private:
    template <std::size_t K, bool Logits, class V>
    V loss_of_row(const V* y, const V* given, const V& weight, V* dy) const {
        const V zero = constant<V>(0), one = constant<V>(1);
        const V keep = constant<V>(1 - label_smoothing), spread = constant<V>(label_smoothing / double(K));
        // Of a class with probability p: the term of the loss, and its derivative times p.
        const auto term = [&](std::size_t k, const V& p, const V& log_p) {
            const V rest = one - p, wanted = multiply_add(given[k], keep, spread);
            const V factor = constant<V>(alpha) * wanted * power(rest, gamma);
            const V change = constant<V>(gamma) * math::divide(p * log_p, not_zero(rest));
            return loss_term<V>{-(factor * log_p), factor * (change - one)};
        };
        if (!(Logits || from_logits)) {
            return loss_of_probabilities<K>(y, weight, dy, [&](std::size_t k, const V& q) {
                const V p = clip_probability(q);
                const loss_term<V> found = term(k, p, math::log(p));
                return loss_term<V>{found.value, pass_unclipped(q, math::divide(found.slope, p))};
            });
        }
        V largest = y[0];
        for (std::size_t k = 1; k < K; ++k) largest = math::max(largest, y[k]);
        const V log_sum = math::log(kernels::sum_of<K>([&](std::size_t k) { return math::exp(y[k] - largest); }));
        V sums[2] = {zero, zero};
        kernels::add_terms<K>(sums, [&](std::size_t k, V(&to)[2]) {
            const V log_p = (y[k] - largest) - log_sum;
            const loss_term<V> found = term(k, math::exp(log_p), log_p);
            dy[k] = found.slope;
            to[0] = to[0] + found.value;
            to[1] = to[1] + found.slope;
        });
        for (std::size_t k = 0; k < K; ++k) dy[k] = (dy[k] - math::exp((y[k] - largest) - log_sum) * sums[1]) * weight;
        return sums[0];
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CategoricalCrossentropy;
using authoring::CategoricalFocalCrossentropy;
using authoring::SparseCategoricalCrossentropy;
}  // namespace strata
