#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/losses/loss.hpp"
#include "strata/losses/means.hpp"
#include "strata/losses/targets.hpp"
#include "strata/simd/math.hpp"

#include <cstddef>
#include <numbers>
#include <string_view>

/// Losses for quantities (Keras: "Regression losses"). Their targets are shaped like the output. Bytes as targets are
/// refused: as inputs they would be scaled to [0, 1].
namespace strata::authoring {
inline namespace STRATA_ISA {

/// -1, 0 or 1.
template <class V> V sign_of(const V& x) {
    const V zero = constant<V>(0), one = constant<V>(1);
    return math::select(x > zero, one, math::select(x < zero, -one, zero));
}

/// The mean of (y - target)^2 (Keras: `MeanSquaredError`).
struct MeanSquaredError {
    static constexpr std::string_view name = "mean_squared_error";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const { refuse_bytes("MeanSquaredError", targets); }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, expected, weight, dy, [](const V& output, const V& wanted) {
            const V difference = output - wanted;
            return loss_term<V>{difference * difference, difference + difference};
        });
    }

    template <class Output, bool, class V> void second_derivatives(const V*, const V*, const V& weight, V* to) const {
        for (std::size_t i = 0; i < Output::size; ++i) to[i] = weight * constant<V>(2.0 / double(Output::size));
    }
};

/// The mean of |y - target| (Keras: `MeanAbsoluteError`).
struct MeanAbsoluteError {
    static constexpr std::string_view name = "mean_absolute_error";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const { refuse_bytes("MeanAbsoluteError", targets); }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, expected, weight, dy, [](const V& output, const V& wanted) {
            return loss_term<V>{math::abs(output - wanted), sign_of(output - wanted)};
        });
    }
};

/// The mean of 100 |y - target| / |target| (Keras: `MeanAbsolutePercentageError`), where targets nearer to zero than
/// 1e-7 count as that far.
struct MeanAbsolutePercentageError {
    static constexpr std::string_view name = "mean_absolute_percentage_error";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        refuse_bytes("MeanAbsolutePercentageError", targets);
    }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, expected, weight, dy, [](const V& output, const V& wanted) {
            const V divisor = math::max(constant<V>(backend_epsilon), math::abs(wanted));
            const V percent = math::divide(constant<V>(100), divisor);
            return loss_term<V>{math::abs(output - wanted) * percent, sign_of(output - wanted) * percent};
        });
    }
};

/// The mean of (log(y + 1) - log(target + 1))^2 (Keras: `MeanSquaredLogarithmicError`), where outputs and targets below
/// 1e-7 count as 1e-7.
struct MeanSquaredLogarithmicError {
    static constexpr std::string_view name = "mean_squared_logarithmic_error";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        refuse_bytes("MeanSquaredLogarithmicError", targets);
    }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, expected, weight, dy, [](const V& output, const V& wanted) {
            const V least = constant<V>(backend_epsilon), limited = math::max(least, output);
            const V difference = math::log1p(limited) - math::log1p(math::max(least, wanted));
            const V slope = math::divide(difference + difference, limited + constant<V>(1));
            return loss_term<V>{difference * difference, math::select(output < least, constant<V>(0), slope)};
        });
    }
};

/// The mean of d^2 / 2 for differences d of y and target up to delta, of delta |d| - delta^2 / 2 beyond (Keras:
/// `Huber`; Huber 1964). Throws value_error unless delta is positive.
struct Huber {
    double delta = 1;

    static constexpr std::string_view name = "huber";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const {
        setting_checks("Huber").positive("delta", delta);
        refuse_bytes("Huber", targets);
    }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        const V most = constant<V>(delta);
        return mean_of_terms<Output>(y, expected, weight, dy, [&](const V& output, const V& wanted) {
            const V difference = output - wanted, slope = math::max(-most, math::min(most, difference));
            return loss_term<V>{slope * (difference - constant<V>(0.5) * slope), slope};
        });
    }
};

/// The mean of log(cosh(y - target)) (Keras: `LogCosh`).
struct LogCosh {
    static constexpr std::string_view name = "log_cosh";
    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const { refuse_bytes("LogCosh", targets); }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        return mean_of_terms<Output>(y, expected, weight, dy, [](const V& output, const V& wanted) {
            const V difference = output - wanted, distance = math::abs(difference), slope = math::tanh(difference);
            // Of small differences the hyperbolic tangent gives all digits, of large ones the definition.
            const V square = math::min(constant<V>(0.75), slope * slope);
            const V is_near = constant<V>(-0.5) * math::log1p(-square);
            const V rest = math::log1p(math::exp(constant<V>(-2) * distance)) - constant<V>(std::numbers::ln2);
            return loss_term<V>{math::select(distance < constant<V>(1), is_near, distance + rest), slope};
        });
    }
};

/// -y target / (|y| |target|), the negative cosine of the angle between them (Keras: `CosineSimilarity`), along the
/// last axis, and the mean over the rows. A vector that is shorter than 1e-7 is divided by that in place of its length:
/// of zeros the loss is 0.
struct CosineSimilarity {
    static constexpr std::string_view name = "cosine_similarity";

    /// As a metric it is the similarity itself, without the loss' minus.
    static constexpr bool is_similarity = true;

    template <class Output> using target = Output;

    template <class Output> void check(const array_ref& targets) const { refuse_bytes("CosineSimilarity", targets); }

    template <class Output, bool, class V> V value(const V* y, const V* expected, const V& weight, V* dy) const {
        constexpr std::size_t columns = Output::extents[Output::rank - 1];
        return mean_of_rows<Output>(weight, [&](std::size_t first, const V& scale) {
            return loss_of_row<columns>(y + first, expected + first, scale, dy + first);
        });
    }

private:
    template <std::size_t Columns, class V> static V loss_of_row(const V* y, const V* wanted, const V& weight, V* dy) {
        const V zero = constant<V>(0), least = constant<V>(backend_epsilon);
        V sums[3] = {zero, zero, zero};
        kernels::add_terms<Columns>(sums, [&](std::size_t i, V(&to)[3]) {
            to[0] = multiply_add(y[i], wanted[i], to[0]);
            to[1] = multiply_add(y[i], y[i], to[1]);
            to[2] = multiply_add(wanted[i], wanted[i], to[2]);
        });
        const V length = math::sqrt(sums[1]), divisor = math::max(least, length);
        const V scale = math::divide(constant<V>(1), divisor * math::max(least, math::sqrt(sums[2])));
        const V cosine = sums[0] * scale, across = scale * weight;
        const V along = math::select(length > least, math::divide(cosine, divisor * divisor), zero) * weight;
        for (std::size_t i = 0; i < Columns; ++i) dy[i] = along * y[i] - across * wanted[i];
        return -cosine;
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CosineSimilarity;
using authoring::Huber;
using authoring::LogCosh;
using authoring::MeanAbsoluteError;
using authoring::MeanAbsolutePercentageError;
using authoring::MeanSquaredError;
using authoring::MeanSquaredLogarithmicError;
}  // namespace strata
