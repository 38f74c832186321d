#pragma once

#include "strata/core/math.hpp"
#include "strata/core/pack.hpp"

#include <cstddef>
#include <string_view>

namespace strata::inline STRATA_ISA {

/// How often the model is right (Keras: "accuracy"). With one target value for several outputs, the largest output has
/// to be at that class; with as many targets as outputs, at the class of the largest target; a single output has to lie
/// on the same side of 0.5 as its target.
struct Accuracy {
    static constexpr std::string_view name = "accuracy";

    /// A metric sees the model's output. With this set it may see what a last Softmax would have been applied to: that
    /// is largest at the same class, and the probabilities need not be computed.
    static constexpr bool takes_logits = true;

    /// 1 in the lanes whose sample is right, 0 in the others. `Target` is the shape of one sample's target.
    template <class Output, class Target, class V> V value(const V* y, const V* target) const {
        using T = scalar_t<V>;
        const V one(T(1)), zero(T(0));
        if constexpr (Output::size == 1) {
            const V half(T(0.5));
            return math::select((y[0] > half) == (target[0] > half), one, zero);
        } else if constexpr (Target::size == 1) {
            return math::select(position_of_largest<Output::size>(y) == target[0], one, zero);
        } else {
            return math::select(position_of_largest<Output::size>(y) == position_of_largest<Output::size>(target), one,
                                zero);
        }
    }

private:
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

}  // namespace strata::inline STRATA_ISA
