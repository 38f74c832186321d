#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// The stochastic diagonal Levenberg-Marquardt method (LeCun, Bottou, Bengio, Haffner 1998: "Gradient-based learning
/// applied to document recognition", section III-E and appendix C; LeCun, Bottou, Orr, Müller 1998: "Efficient
/// BackProp", section 9.1): w -= learning_rate / (mu + h) g.
///
/// h is the second derivative of the loss with respect to w, in the diagonal Gauss-Newton approximation
/// (gauss_newton_diagonal). Before each epoch `fit` estimates it anew: the mean over as many training samples as
/// `samples`, drawn by the seed, as they are before any augmentation. The diagonal is kept with the training, and a run
/// that is resumed goes on with it. No parameter has a rate above learning_rate / mu; `learning_rates` of the trainer
/// has their range.
///
/// All layers of the network need `gauss_newton`, and the loss `second_derivatives`: see gauss_newton_diagonal. Throws
/// value_error unless mu is positive and samples at least 1.
struct StochasticDiagonalLM {
    LearningRate learning_rate = 5e-4;
    double mu = 0.02;
    std::size_t samples = 500;

    void check() const {
        learning_rate.check("StochasticDiagonalLM");
        setting_checks("StochasticDiagonalLM").positive("mu", mu).at_least_one("samples", samples);
    }

    static constexpr std::size_t slot_count = 1;
    std::size_t gauss_newton_samples() const { return samples; }

    template <class V> auto rule(std::uint64_t t) const {
        using T = scalar_t<V>;
        return [rate = V(T(learning_rate(t - 1))), least = V(T(mu))](V& w, const V& g, V* slot) {
            w = w - math::divide(rate * g, least + slot[0]);
        };
    }

    /// The smallest and the largest rate, learning_rate / (mu + h), of the step that follows so many.
    template <class T> std::array<double, 2> learning_rates(std::span<const T> diagonal, std::uint64_t steps) const {
        const auto [least, most] = std::minmax_element(diagonal.begin(), diagonal.end());
        const double rate = learning_rate(steps);
        return {rate / (mu + static_cast<double>(*most)), rate / (mu + static_cast<double>(*least))};
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::StochasticDiagonalLM;
}  // namespace strata
