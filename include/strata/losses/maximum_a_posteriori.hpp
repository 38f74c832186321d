#pragma once

#include "strata/core/last_activation.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/losses/crossentropy.hpp"
#include "strata/losses/means.hpp"
#include "strata/losses/targets.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The discriminative maximum a posteriori criterion of LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998, equation 9), and
/// the mean over rows of outputs. Of penalties p for K classes, such as distances to their centers, and the right class
/// c it is p_c + log(exp(-j) + sum of exp(-p_k)): the right penalty is pulled down, and the others are pushed up, but
/// less and less where they are above j already. It is the cross-entropy of the logits -p with one more class,
/// "rubbish", which is never right and whose logit is always -j, the negated rubbish_penalty.
///
/// Outputs are logits, so that all metrics find the answer where the largest is: `RBF<10>, Rescaling<-1>` negates
/// distances. Shapes: ... x K outputs, for each row of them one integer label in 0, ..., K - 1. Where the model ends
/// with Softmax, it is computed from the logits. Throws value_error for labels out of range.
struct MaximumAPosteriori {
    double rubbish_penalty = 1;

    static constexpr std::string_view name = "maximum_a_posteriori";
    static constexpr auto takes_logits_of = last_activation::softmax;

    template <class Output> using target = SparseCategoricalCrossentropy::target<Output>;
    template <class Output>
    static constexpr std::string_view advice_on_targets = "; it takes class numbers, not one-hot rows";

    template <class Output> void check(const array_ref& labels) const {
        setting_checks("MaximumAPosteriori").not_negative("rubbish_penalty", rubbish_penalty);
        require_classes("MaximumAPosteriori", labels, Output::extents[Output::rank - 1]);
    }

    template <class Output, bool, class V> V value(const V* y, const V* label, const V& weight, V* dy) const {
        constexpr std::size_t K = Output::extents[Output::rank - 1];
        static_assert(K > 1,
                      "MaximumAPosteriori: a single output is a single class; the last layer must have an output for "
                      "each class, as RBF<10> has");
        return mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            const V own = label[first / K], zero = constant<V>(0), one = constant<V>(1);
            const auto expected = [&](std::size_t k) { return math::select(own == V(scalar_t<V>(k)), one, zero); };
            return with_rubbish<K>(y + first, dy + first, [&](const V* logits, V* gradient) {
                return crossentropy_of_logits<K + 1>(logits, expected, scale, gradient);
            });
        });
    }

    template <class Output, bool, class V> void second_derivatives(const V* y, const V*, const V& weight, V* to) const {
        constexpr std::size_t K = Output::extents[Output::rank - 1];
        mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            return with_rubbish<K>(y + first, to + first, [&](const V* logits, V* found) {
                crossentropy_second_derivatives<K + 1>(logits, scale, found);
                return scale;
            });
        });
    }

private:
    /// f(logits, derivatives), with one more of both.
    template <std::size_t K, class V, class F> V with_rubbish(const V* y, V* derivatives, const F& f) const {
        V logits[K + 1], found[K + 1];
        std::copy_n(y, K, logits);
        logits[K] = constant<V>(-rubbish_penalty);
        const V result = f(logits, found);
        std::copy_n(found, K, derivatives);
        return result;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::MaximumAPosteriori;
}  // namespace strata
