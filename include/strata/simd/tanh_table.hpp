#pragma once

#include "strata/config.hpp"

#include <array>
#include <cstddef>

/// The hyperbolic tangent of |x| by cells: in each a polynomial of the distance from the cell's center.
///
/// Cells are a quarter of an octave of y = 1 + 1.62 x, so that the two lowest bits of y's exponent and the two highest
/// ones of its mantissa number them. Their 16 numbers fit into a register of AVX-512, where one instruction looks up
/// those of all lanes. With that scale the polynomials are off by 0.31 units in the last place at most.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace math::detail {

struct tanh_table {
    static constexpr std::size_t cells = 16, degree = 5;
    static constexpr float scale = 1.62f, limit = 9.02f;  // from there on the result is 1

    using numbers = std::array<float, cells>;
    alignas(64) numbers center;
    std::array<numbers, degree + 1> coefficients;  // of each power of the distance

    constexpr tanh_table() {
        for (std::size_t cell = 0; cell < cells; ++cell) {
            // Around zero an odd function, so that small results are as exact as large ones.
            const double begin = edge(cell), end = edge(cell + 1), radius = cell == 0 ? end : (end - begin) / 2;
            const double middle = static_cast<double>(static_cast<float>(end - radius));
            const std::size_t number = (first + cell) % cells;
            center[number] = static_cast<float>(middle);
            series terms = taylor(middle);
            scale_terms(terms, radius);
            economize(terms, cell == 0 ? 1 : 0);
            scale_terms(terms, 1 / radius);
            for (std::size_t k = 0; k <= degree; ++k) coefficients[k][number] = static_cast<float>(terms[k]);
        }
    }

private:
    static constexpr std::size_t terms_of_series = 11;  // what they leave out is far below a float's precision
    using series = std::array<double, terms_of_series>;

    /// The number of the cell that begins at zero: that of y = 1, whose exponent is 127.
    static constexpr std::size_t first = 127 * 4 % cells;

    static constexpr double edge(std::size_t cell) {
        return (static_cast<double>(1 << cell / 4) * (1 + static_cast<double>(cell % 4) / 4) - 1) /
               static_cast<double>(scale);
    }

    static constexpr double tanh(double x) {
        double power = 1, sum = 1;  // exp(2 x / 64)
        for (int k = 1; k < 8; ++k) sum += power *= x / 32 / k;
        for (int i = 0; i < 6; ++i) sum *= sum;
        return (sum - 1) / (sum + 1);
    }

    /// Of tanh around x, by tanh' = 1 - tanh^2.
    static constexpr series taylor(double x) {
        series terms{tanh(x)};
        for (std::size_t k = 0; k + 1 < terms.size(); ++k) {
            double sum = k == 0 ? 1 : 0;
            for (std::size_t i = 0; i <= k; ++i) sum -= terms[i] * terms[k - i];
            terms[k + 1] = sum / static_cast<double>(k + 1);
        }
        return terms;
    }

    static constexpr void scale_terms(series& terms, double factor) {
        double power = 1;
        for (double& term : terms) {
            term *= power;
            power *= factor;
        }
    }

    /// Cuts a series on [-1, 1] off behind `degree`: each term beyond, the highest first, is replaced by what differs
    /// from it by a multiple of a Chebyshev polynomial, which nowhere exceeds one. `factor` is the power of the
    /// distance that all terms share, which then is that of the error, too.
    static constexpr void economize(series& terms, std::size_t factor) {
        for (std::size_t k = terms.size() - 1 - factor; k + factor > degree; --k) {
            // From the highest term of a Chebyshev polynomial down: each in proportion to the one before it.
            double term = terms[factor + k];
            for (std::size_t i = k; i >= 2; i -= 2) {
                const double n = static_cast<double>(k), m = static_cast<double>(i);
                term *= -m * (m - 1) / ((n - m + 2) * (n + m - 2));
                terms[factor + i - 2] -= term;
            }
            terms[factor + k] = 0;
        }
    }
};

/// A template, so that it is not computed where nothing looks it up.
template <class = void> inline constexpr tanh_table table_of_tanh{};

}  // namespace math::detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
