#pragma once

#include "strata/core/last_activation.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/kernels/activation/smooth.hpp"
#include "strata/losses/means.hpp"
#include "strata/losses/probability.hpp"
#include "strata/losses/targets.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <string_view>

/// Losses for outputs each of which is the probability of a yes.
namespace strata::authoring {
inline namespace STRATA_ISA {

/// A logit z and its target, seen from the answer that z speaks for: nothing cancels however sure it is.
template <class V> struct logit_and_target {
    V size;      ///< |z|
    V sign;      ///< of z
    V decay;     ///< exp(-|z|)
    V unlikely;  ///< the probability of the other answer
    V wrong;     ///< what the target gives to the other answer

    logit_and_target(const V& z, const V& target) : size(math::abs(z)), decay(math::exp(-size)) {
        const V one = constant<V>(1);
        const auto speaks_for_yes = z > constant<V>(0);
        sign = math::select(speaks_for_yes, one, -one);
        unlikely = math::divide(decay, one + decay);
        wrong = math::select(speaks_for_yes, one - target, target);
    }

    /// -target log(p) - (1 - target) log(1 - p), with p = 1 / (1 + exp(-z)).
    V crossentropy() const { return size * wrong + math::log1p(decay); }

    /// Its derivative with respect to z, p - target.
    V slope() const { return sign * (wrong - unlikely); }
};

/// -target log(p) - (1 - target) log(1 - p), with p clipped to [1e-7, 1 - 1e-7].
template <class V> loss_term<V> crossentropy_of_probability(const V& p, const V& target) {
    const V one = constant<V>(1), clipped = clip_probability(p), other = one - clipped;
    const V value = -(target * math::log(clipped)) - (one - target) * math::log(other);
    return {value, pass_unclipped(p, math::divide(clipped - target, clipped * other))};
}

/// What binary losses share: the mean over the outputs of loss.term_of_logit(z, target) or loss.term(p, target).
template <class Output, bool Logits, class Loss, class V>
V binary_loss(const Loss& loss, const V* y, const V* given, const V& weight, V* dy) {
    const V keep = constant<V>(1 - loss.label_smoothing), spread = constant<V>(0.5 * loss.label_smoothing);
    const auto smooth = [&](const V& target) { return multiply_add(target, keep, spread); };
    if (Logits || loss.from_logits) {
        return mean_of_terms<Output>(
            y, given, weight, dy, [&](const V& z, const V& target) { return loss.term_of_logit(z, smooth(target)); });
    }
    return mean_of_terms<Output>(y, given, weight, dy,
                                 [&](const V& p, const V& target) { return loss.term(p, smooth(target)); });
}

/// Cross-entropy of outputs that are probabilities, each of a yes or no of its own (Keras: `BinaryCrossentropy`), and
/// the mean over the outputs.
///
/// Shapes: targets are shaped like the output, 0 or 1 of any type, or probabilities. label_smoothing s replaces the
/// target t by t (1 - s) + s / 2. After a last Sigmoid, or with from_logits, it is computed from the logits; other
/// outputs are clipped to [1e-7, 1 - 1e-7]. Throws value_error for targets outside of [0, 1].
struct BinaryCrossentropy {
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "binary_crossentropy";
    static constexpr auto takes_logits_of = last_activation::sigmoid;

    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        setting_checks("BinaryCrossentropy").at_most_one("label_smoothing", label_smoothing);
        require_probabilities("BinaryCrossentropy", targets);
    }

    template <class Output, bool Logits, class V> V value(const V* y, const V* given, const V& weight, V* dy) const {
        return binary_loss<Output, Logits>(*this, y, given, weight, dy);
    }

    template <bool Logits> void check_second_derivatives() const {
        require_logits("BinaryCrossentropy", "Sigmoid", Logits || from_logits);
    }

    template <class Output, bool, class V> void second_derivatives(const V* y, const V*, const V& weight, V* to) const {
        const V scale = weight * constant<V>(1.0 / double(Output::size));
        for (std::size_t i = 0; i < Output::size; ++i)
            to[i] = kernels::sigmoid::slope(kernels::sigmoid::apply(y[i])) * scale;
    }

    template <class V> loss_term<V> term(const V& p, const V& wanted) const {
        return crossentropy_of_probability(p, wanted);
    }
    template <class V> loss_term<V> term_of_logit(const V& z, const V& wanted) const {
        const logit_and_target<V> at(z, wanted);
        return {at.crossentropy(), at.slope()};
    }
};

/// BinaryCrossentropy times q^gamma, where q is the probability of the wrong answer: what the model is sure of counts
/// less (Keras: `BinaryFocalCrossentropy`; Lin and others 2017). With apply_class_balancing a yes counts alpha, a no
/// 1 - alpha. Shapes, targets, smoothing and logits as for BinaryCrossentropy.
struct BinaryFocalCrossentropy {
    bool apply_class_balancing = false;
    double alpha = 0.25;
    double gamma = 2;
    bool from_logits = false;
    double label_smoothing = 0;

    static constexpr std::string_view name = "binary_focal_crossentropy";
    static constexpr auto takes_logits_of = last_activation::sigmoid;

    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        setting_checks("BinaryFocalCrossentropy")
            .at_most_one("alpha", alpha)
            .not_negative("gamma", gamma)
            .at_most_one("label_smoothing", label_smoothing);
        require_probabilities("BinaryFocalCrossentropy", targets);
    }

    template <class Output, bool Logits, class V> V value(const V* y, const V* given, const V& weight, V* dy) const {
        return binary_loss<Output, Logits>(*this, y, given, weight, dy);
    }

    template <class V> loss_term<V> term(const V& p, const V& wanted) const {
        const V q = p + wanted - constant<V>(2) * p * wanted;
        return focal(crossentropy_of_probability(p, wanted), q, constant<V>(1) - constant<V>(2) * wanted, wanted);
    }
    template <class V> loss_term<V> term_of_logit(const V& z, const V& wanted) const {
        const V one = constant<V>(1);
        const logit_and_target<V> at(z, wanted);
        const V likely = one - at.unlikely, q = at.unlikely * (one - at.wrong) + at.wrong * likely;
        const V slope_of_q = at.sign * (at.wrong + at.wrong - one) * (at.unlikely * likely);
        return focal(loss_term<V>{at.crossentropy(), at.slope()}, q, slope_of_q, wanted);
    }

private:
    /// The product of a cross-entropy and q^gamma.
    template <class V>
    loss_term<V> focal(const loss_term<V>& crossentropy, const V& q, const V& slope_of_q, const V& wanted) const {
        V factor = power(q, gamma);
        if (apply_class_balancing)
            factor = factor * multiply_add(wanted, constant<V>(2 * alpha - 1), constant<V>(1 - alpha));
        const V change = constant<V>(gamma) * math::divide(slope_of_q, not_zero(q));
        return {factor * crossentropy.value, factor * multiply_add(crossentropy.value, change, crossentropy.slope)};
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::BinaryCrossentropy;
using authoring::BinaryFocalCrossentropy;
}  // namespace strata
