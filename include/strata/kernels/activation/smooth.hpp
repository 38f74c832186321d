#pragma once

#include "strata/core/number.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"
#include "strata/simd/special_functions.hpp"

#include <cstddef>
#include <numbers>

/// Activation functions with exponentials and roots, see piecewise.hpp for what they offer. They are written so that
/// nothing cancels where they approach zero, and nothing overflows where the result does not.
STRATA_EXACT_ROUNDING_BEGIN
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

struct sigmoid {
    template <class V> static V apply(const V& z) {
        const V one(scalar_t<V>(1));
        if constexpr (lanes<V> == 1) {  // std::exp would say that it overflows, where the sigmoid is zero
            const V e = math::exp(-math::abs(z));
            return math::select(z < V(0), e, one) / (one + e);
        } else {
            return math::divide(one, one + math::exp(-z));
        }
    }
    template <class V> static V slope(const V& y) { return y * (V(scalar_t<V>(1)) - y); }
};

struct tanh {
    template <class V> [[gnu::always_inline]] static V apply(const V& z) { return math::tanh(z); }
    template <class V> static void apply_to_all(const scalar_t<V>* z, std::size_t packs, scalar_t<V>* y) {
        math::tanh<V>(z, packs, y);
    }
    template <class V> static V slope(const V& y) { return V(scalar_t<V>(1)) - y * y; }
};

/// Alpha tanh(Beta z).
template <number Alpha, number Beta> struct scaled_tanh {
    template <class V> [[gnu::always_inline]] static V apply(const V& z) {
        return constant<V>(Alpha) * math::tanh(constant<V>(Beta) * z);
    }
    template <class V> static void apply_to_all(const scalar_t<V>* z, std::size_t packs, scalar_t<V>* y) {
        multiply<V>(z, Beta, packs, y);
        math::tanh<V>(y, packs, y);
        multiply<V>(y, Alpha, packs, y);
    }
    template <class V> static V slope(const V& y) {
        return constant<V>(Alpha * Beta) - constant<V>(Beta / Alpha) * y * y;
    }

private:
    template <class V> static void multiply(const scalar_t<V>* z, double factor, std::size_t packs, scalar_t<V>* y) {
        for (std::size_t i = 0; i < packs * lanes<V>; i += lanes<V>)
            store<V>(load<V>(z + i) * constant<V>(factor), y + i);
    }
};

/// z - tanh(z).
struct tanh_shrink {
    template <class V> static V apply(const V& z) { return math::minus_tanh(z); }
    template <class V> static V slope_of_input(const V& z) {
        const V y = math::tanh(z);
        return y * y;
    }
};

/// exp(z): the square of exp(z / 2), which is a number wherever the result is one; xsimd's is infinite earlier.
struct exponential {
    template <class V> static V apply(const V& z) {
        const V root = math::exp(z * constant<V>(0.5));
        return root * root;
    }
    template <class V> static V slope(const V& y) { return y; }
};

/// z where it is positive, Alpha (exp(z) - 1) elsewhere.
template <number Alpha> struct scaled_elu {
    static_assert(Alpha >= 0, "scaled_elu: alpha must not be negative");

    template <class V> static V apply(const V& z) {
        const V zero(scalar_t<V>(0));
        return math::max(zero, z) + constant<V>(Alpha) * math::expm1(math::min(zero, z));  // one of them is zero
    }
    template <class V> static V slope(const V& y) {
        const V one(scalar_t<V>(1));
        return math::select(y > V(scalar_t<V>(0)), one, y + constant<V>(Alpha));
    }
};

using elu = scaled_elu<1>;

/// Scale z where z is positive, Scale Alpha (exp(z) - 1) elsewhere; with these numbers, unit variance stays so.
struct selu {
    template <class V> static V apply(const V& z) { return constant<V>(scale) * scaled_elu<alpha>::apply(z); }
    template <class V> static V slope(const V& y) {
        return math::select(y < constant<V>(0), y + constant<V>(scale * alpha), constant<V>(scale));
    }

private:
    static constexpr double scale = 1.0507009873554805, alpha = 1.6732632423543772;
};

/// z where it is positive, Alpha (exp(z / Alpha) - 1) elsewhere. At zero Keras adds up the derivatives of both sides.
template <number Alpha> struct celu {
    static_assert(Alpha > 0, "celu: alpha must be positive");

    template <class V> static V apply(const V& z) {
        const V zero = constant<V>(0), alpha = constant<V>(Alpha);
        return math::select(z > zero, z, alpha * math::expm1(math::divide(math::min(zero, z), alpha)));
    }
    template <class V> static V slope(const V& y) {
        const V zero = constant<V>(0), one = constant<V>(1);
        const V below = math::select(y < zero, math::divide(y, constant<V>(Alpha)) + one, constant<V>(2));
        return math::select(y > zero, one, below);
    }
};

/// The sigmoids of z and of -z, both to the last digits: sigmoid(-|z|) = root * shared.
template <class V> struct two_sigmoids {
    V root;    // exp(-|z| / 2)
    V larger;  // sigmoid(|z|)
    V shared;  // root * larger

    explicit two_sigmoids(const V& z) : root(math::exp(math::abs(z) * constant<V>(-0.5))) {
        larger = math::divide(constant<V>(1), multiply_add(root, root, constant<V>(1)));
        shared = root * larger;
    }

    /// sigmoid(z).
    V of(const V& z) const { return math::select(z > constant<V>(0), larger, root * shared); }
    /// factor sigmoid(z), also where the sigmoid alone is too small for a number.
    V times(const V& factor, const V& z) const {
        return math::select(z > constant<V>(0), factor * larger, (factor * root) * shared);
    }
    /// factor sigmoid'(z).
    V times_slope(const V& factor) const { return (factor * shared) * shared; }
};

/// z sigmoid(z).
struct silu {
    template <class V> static V apply(const V& z) { return two_sigmoids<V>(z).times(z, z); }
    template <class V> static V slope_of_input(const V& z) {
        const two_sigmoids<V> both(z);
        return both.of(z) + both.times_slope(z);
    }
};

/// z times the probability that a standard normal variable is below z.
struct gelu {
    template <class V> static V apply(const V& z) { return z * probability(z); }
    template <class V> static V slope_of_input(const V& z) {
        const V u = z * constant<V>(sqrt_half);
        return probability(z) + z * math::exp(-u * u) * constant<V>(sqrt_half * std::numbers::inv_sqrtpi);
    }

private:
    // As in Keras: there it goes through a float even in double precision, which shows in the eighth digit.
    static constexpr double sqrt_half = static_cast<double>(static_cast<float>(1 / std::numbers::sqrt2));

    template <class V> static V probability(const V& z) {
        return constant<V>(0.5) * math::erfc(z * constant<V>(-sqrt_half));
    }
};

/// z sigmoid(2 w) with w = sqrt(2 / pi) (z + 0.044715 z^3), which is z (1 + tanh(w)) / 2.
struct gelu_tanh {
    template <class V> static V apply(const V& z) {
        const V w = twice_w(limited(z));
        return two_sigmoids<V>(w).times(z, w);
    }
    template <class V> static V slope_of_input(const V& z) {
        const V x = limited(z), w = twice_w(x);
        const two_sigmoids<V> both(w);
        return both.of(w) + both.times_slope(x * (constant<V>(scale) + constant<V>(3 * scale * cubic) * x * x));
    }

private:
    // As in Keras: it goes through a float.
    static constexpr double cubic = static_cast<double>(static_cast<float>(0.044715));
    static constexpr double scale = 2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;

    /// From 30 on the sigmoid is zero or one.
    template <class V> static V limited(const V& z) {
        return math::min(constant<V>(30), math::max(constant<V>(-30), z));
    }
    template <class V> static V twice_w(const V& x) {
        return x * (constant<V>(scale) + constant<V>(scale * cubic) * x * x);
    }
};

/// log(1 + exp(z)).
struct softplus {
    template <class V> static V apply(const V& z) {
        return math::max(constant<V>(0), z) + math::log1p(math::exp(-math::abs(z)));
    }
    template <class V> static V slope(const V& y) { return -math::expm1(-y); }
};

/// log(sigmoid(z)).
struct log_sigmoid {
    template <class V> static V apply(const V& z) { return -softplus::apply(-z); }
    template <class V> static V slope(const V& y) { return -math::expm1(y); }
};

/// z tanh(softplus(z)). With e = exp(z), the hyperbolic tangent is n / (n + 2) with n = e (e + 2).
struct mish {
    template <class V> static V apply(const V& z) {
        const powers<V> p(z);
        const V below = (z * p.root) * (p.root * math::divide(p.e + constant<V>(2), p.n + constant<V>(2)));
        return math::select(z > constant<V>(0), z * math::divide(p.n, p.n + constant<V>(2)), below);
    }
    template <class V> static V slope_of_input(const V& z) {
        const powers<V> p(z);
        const V two = constant<V>(2), part = math::divide(two * p.root, p.n + two);
        return math::divide(p.n, p.n + two) + ((p.limited * part) * part) * (constant<V>(1) + p.e);
    }

private:
    template <class V> struct powers {
        V limited, root, e, n;

        /// From 20 on the hyperbolic tangent is one.
        explicit powers(const V& z)
            : limited(math::min(constant<V>(20), z)), root(math::exp(limited * constant<V>(0.5))) {
            e = root * root;
            n = e * (e + constant<V>(2));
        }
    };
};

/// z / (1 + |z|).
struct softsign {
    template <class V> static V apply(const V& z) { return math::divide(z, constant<V>(1) + math::abs(z)); }
    template <class V> static V slope_of_input(const V& z) {
        const V factor = math::divide(constant<V>(1), constant<V>(1) + math::abs(z));
        return factor * factor;
    }
};

/// (z + sqrt(z^2 + B)) / 2.
template <number B> struct squareplus {
    static_assert(B > 0, "squareplus: b must be positive");

    template <class V> static V apply(const V& z) {
        const V magnitude = math::abs(z), half = constant<V>(0.5);
        // Where z^2 may overflow, B does not count.
        const V root =
            math::select(magnitude < constant<V>(1e15), math::sqrt(multiply_add(z, z, constant<V>(B))), magnitude);
        const V larger = half * magnitude + half * root;
        return math::select(z < constant<V>(0), math::divide(constant<V>(B / 4), larger), larger);
    }
    template <class V> static V slope(const V& y) {
        const V ratio = math::divide(constant<V>(1), y), one = constant<V>(1);
        return math::divide(one, multiply_add(constant<V>(B / 4) * ratio, ratio, one));
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
STRATA_EXACT_ROUNDING_END
