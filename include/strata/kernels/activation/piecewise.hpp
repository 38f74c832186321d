#pragma once

#include "strata/core/number.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <limits>

/// Activation functions whose pieces are polynomials. Each function object offers `apply(z)` and one of `slope(y)`, the
/// derivative in terms of the result, which lets a layer forget z, or `slope_of_input(z)`. One that takes many packs in
/// less time than one after the other offers `apply_to_all<V>(z, packs, y)`, too. What is not a number stays so, and at
/// the end of a piece the derivative is the one that Keras takes.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// A constant in all lanes.
template <class V> [[gnu::always_inline]] inline V constant(double value) { return V(scalar_t<V>(value)); }

struct linear {
    template <class V> static V apply(const V& z) { return z; }
    template <class V> static V slope(const V&) { return V(scalar_t<V>(1)); }
};

struct relu {
    template <class V> static V apply(const V& z) { return math::max(V(scalar_t<V>(0)), z); }
    template <class V> static V slope(const V& y) {
        return math::select(y > V(scalar_t<V>(0)), V(scalar_t<V>(1)), V(scalar_t<V>(0)));
    }
};

/// z where it is positive, Slope z elsewhere. As in Keras, the slope goes through a float even in double precision.
template <number Slope> struct leaky_relu {
    static_assert(Slope >= 0, "leaky_relu: the slope must not be negative");

    template <class V> static V apply(const V& z) {
        return math::select(z > constant<V>(0), z, z * constant<V>(slope_below));
    }
    template <class V> static V slope(const V& y) {
        return math::select(y > constant<V>(0), constant<V>(1), constant<V>(slope_below));
    }

private:
    static constexpr double slope_below = static_cast<float>(Slope);
};

/// z above Threshold, but at most MaxValue, and Slope (z - Threshold) elsewhere. A result of MaxValue does not tell
/// whether z is more, where the derivative is zero, or the same; without a threshold Keras treats 6 as relu6 does, for
/// which both are the same.
template <number MaxValue, number Slope, number Threshold> struct bounded_relu {
    static_assert(MaxValue >= 0, "bounded_relu: the largest value must not be negative");
    static_assert(Slope >= 0, "bounded_relu: the slope must not be negative");
    static_assert(Threshold >= 0, "bounded_relu: the threshold must not be negative");

    static constexpr bool is_bounded = MaxValue != std::numeric_limits<double>::infinity();
    static constexpr bool ends_as_relu6 = MaxValue == 6 && Threshold == 0;

    template <class V> static V apply(const V& z) {
        const V zero = constant<V>(0), threshold = constant<V>(Threshold);
        V y = math::select(z <= threshold, zero, z);
        if constexpr (is_bounded) y = math::min(constant<V>(MaxValue), y);
        if constexpr (Slope != 0) y = y + constant<V>(Slope) * math::min(zero, z - threshold);
        return y;
    }

    template <class V>
    static V slope(const V& y)
        requires(!is_bounded || ends_as_relu6)
    {
        V above = constant<V>(1);
        if constexpr (is_bounded) above = math::select(y < constant<V>(MaxValue), above, constant<V>(0));
        return slope_around(y, constant<V>(0), above);
    }

    template <class V>
    static V slope_of_input(const V& z)
        requires(is_bounded && !ends_as_relu6)
    {
        return slope_around(z, constant<V>(Threshold),
                            math::select(z <= constant<V>(MaxValue), constant<V>(1), constant<V>(0)));
    }

private:
    template <class V> static V slope_around(const V& value, const V& threshold, const V& above) {
        const V below = math::select(value < threshold, constant<V>(Slope), constant<V>(0));
        return math::select(value > threshold, above, below);
    }
};

/// min(max(z, 0), 6).
using relu6 = bounded_relu<6, 0, 0>;

/// relu6(z + 3) / 6.
struct hard_sigmoid {
    template <class V> static V apply(const V& z) {
        return math::divide(math::min(constant<V>(6), math::max(constant<V>(0), z + constant<V>(3))), constant<V>(6));
    }
    template <class V> static V slope(const V& y) {
        return math::select(y > constant<V>(0), math::select(y < constant<V>(1), constant<V>(1.0 / 6), constant<V>(0)),
                            constant<V>(0));
    }
};

/// z hard_sigmoid(z).
struct hard_silu {
    template <class V> static V apply(const V& z) { return z * hard_sigmoid::apply(z); }
    template <class V> static V slope_of_input(const V& z) {
        const V y = hard_sigmoid::apply(z);
        return y + z * hard_sigmoid::slope(y);
    }
};

/// z, but at least -1 and at most 1, where the derivative still is one.
struct hard_tanh {
    template <class V> static V apply(const V& z) { return math::min(constant<V>(1), math::max(constant<V>(-1), z)); }
    template <class V> static V slope_of_input(const V& z) {
        return math::select(math::abs(z) <= constant<V>(1), constant<V>(1), constant<V>(0));
    }
};

/// z where |z| is larger than Threshold, 0 elsewhere.
template <number Threshold> struct hard_shrink {
    static_assert(Threshold >= 0, "hard_shrink: the threshold must not be negative");

    template <class V> static V apply(const V& z) {
        return math::select(math::abs(z) <= constant<V>(Threshold), constant<V>(0), z);
    }
    template <class V> static V slope(const V& y) {
        return math::select(y == constant<V>(0), constant<V>(0), constant<V>(1));
    }
};

/// z moved by Threshold towards zero, and 0 where it is no further from it.
template <number Threshold> struct soft_shrink {
    static_assert(Threshold >= 0, "soft_shrink: the threshold must not be negative");

    template <class V> static V apply(const V& z) {
        return z - math::min(constant<V>(Threshold), math::max(constant<V>(-Threshold), z));
    }
    template <class V> static V slope(const V& y) { return hard_shrink<Threshold>::slope(y); }
};

/// z where it is larger than Threshold, Value elsewhere.
template <number Threshold, number Value> struct threshold {
    template <class V> static V apply(const V& z) {
        return math::select(z <= constant<V>(Threshold), constant<V>(Value), z);
    }
    template <class V> static V slope_of_input(const V& z) {
        return math::select(z > constant<V>(Threshold), constant<V>(1), constant<V>(0));
    }
};

/// (z + 1) / 2, but at least 0 and at most 1.
struct sparse_sigmoid {
    template <class V> static V apply(const V& z) {
        const V half = constant<V>(0.5);
        return math::min(constant<V>(1), math::max(constant<V>(0), half * z + half));
    }
    template <class V> static V slope(const V& y) {
        return math::select(y > constant<V>(0), math::select(y < constant<V>(1), constant<V>(0.5), constant<V>(0)),
                            constant<V>(0));
    }
};

/// The integral of sparse_sigmoid: 0 up to -1, (z + 1)^2 / 4 up to 1, and z from there on.
struct sparse_plus {
    template <class V> static V apply(const V& z) {
        const V root = sparse_sigmoid::apply(z);
        return math::select(z < constant<V>(1), root * root, z);
    }
    template <class V> static V slope(const V& y) { return math::sqrt(math::min(constant<V>(1), y)); }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
