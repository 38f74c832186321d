#pragma once

#include "strata/core/number.hpp"
#include "strata/kernels/activation/piecewise.hpp"
#include "strata/kernels/normalization/cell_sets.hpp"
#include "strata/kernels/tile.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cstddef>

/// Normalization of sets of cells: y = gamma n + beta with n = factor (x - mean). What the factor is, a rule says.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

/// One divided by the root of the mean square, to which Epsilon is added. The square of x - mean, if Centered.
template <number Epsilon, bool Centered> struct by_mean_square {
    static constexpr bool centered = Centered;

    template <std::size_t Size, class V> static V factor(const V& sum_of_squares) {
        return math::divide(constant<V>(1),
                            math::sqrt(multiply_add(sum_of_squares, constant<V>(1.0 / Size), constant<V>(Epsilon))));
    }
    /// How much of n the gradient with respect to n lacks, since it changes the factor; `product` is that of both.
    template <std::size_t Size, class V> static V share(const V& product, const V&) {
        return product * constant<V>(1.0 / Size);
    }
};

/// One divided by the length of the vector, but at most 1e12.
struct by_length {
    static constexpr bool centered = false;

    template <std::size_t, class V> static V factor(const V& sum_of_squares) {
        return math::divide(constant<V>(1), math::max(constant<V>(1e-12), math::sqrt(sum_of_squares)));
    }
    template <std::size_t, class V> static V share(const V& product, const V& factor) {
        return math::select(factor < constant<V>(0.999e12), product, constant<V>(0));
    }
};

/// The normalization of Sets, with gamma and beta or without.
template <cell_sets Sets, class Rule, bool HasGamma, bool HasBeta, class V> class normalization {
    using T = scalar_t<V>;

public:
    /// Whether y is n: then `backward` reads y in place of x.
    static constexpr bool from_result = !HasGamma && !HasBeta;

    /// Cells from `forward` to `backward`: the factor of each set, then its mean.
    static constexpr std::size_t kept_cells = Sets.count * (Rule::centered && !from_result ? 2 : 1);

    /// y may be x.
    STRATA_OUT_OF_LINE static void forward(const V* x, const T* gamma, const T* beta, V* y, V* kept) {
        const V share_of_cell = constant<V>(1.0 / Sets.size());
        for (std::size_t set = 0; set < Sets.count; ++set, x += Sets.distance, y += Sets.distance) {
            V mean = constant<V>(0);
            if constexpr (Rule::centered) {
                const auto sum = sums_over_set<Sets, 1, V>(
                    [&](std::size_t cell, std::size_t, auto& sums) { sums[0] = sums[0] + x[cell]; });
                mean = sum[0] * share_of_cell;
            }
            const auto distance = [&](std::size_t cell) {
                if constexpr (Rule::centered)
                    return V(x[cell] - mean);
                else
                    return x[cell];
            };
            const auto sums = sums_over_set<Sets, 2, V>([&](std::size_t cell, std::size_t, auto& sum) {
                sum[0] = multiply_add(distance(cell), distance(cell), sum[0]);
                if constexpr (Rule::centered) sum[1] = sum[1] + distance(cell);
            });
            // The distances add up to what rounding has cost the mean.
            const V lost = sums[1] * share_of_cell;
            const V factor = Rule::template factor<Sets.size()>(sums[0] - sums[1] * lost);
            mean = mean + lost;
            kept[set] = factor;
            if constexpr (kept_means) kept[Sets.count + set] = mean;
            for_each_cell<Sets>([&](std::size_t cell, std::size_t column) {
                V value = distance(cell) * factor;
                if constexpr (HasGamma) value = value * V(gamma[column]);
                if constexpr (HasBeta) value = value + V(beta[column]);
                y[cell] = value;
            });
            gamma = next_set(gamma);
            beta = next_set(beta);
        }
    }

    /// dgamma += dy n, dbeta += dy, each added up over all cells of the parameter and all lanes.
    STRATA_OUT_OF_LINE static void parameter_gradient(const V* x, const V* dy, T* dgamma, T* dbeta, const V* kept) {
        constexpr std::size_t parameters = Sets.parameters(), block = parameters < 8 ? parameters : 8;
        for_each_block<parameters, block>([&](auto columns, std::size_t first) {
            constexpr std::size_t width = columns;
            V sums[2 * width];  // of the gradients of gamma, then of beta
            std::fill_n(sums, 2 * width, constant<V>(0));
            add_terms<Sets.cells() / parameters>(sums, [&](std::size_t row, V(&to)[2 * width]) {
                unroll<width>([&](auto j) {
                    const std::size_t cell = row * parameters + first + j;
                    if constexpr (HasGamma) {
                        const V n = normalized(x[cell], x[cell], kept, Sets.set_of(row, first + j));
                        to[j] = multiply_add(dy[cell], n, to[j]);
                    }
                    if constexpr (HasBeta) to[width + j] = to[width + j] + dy[cell];
                });
            });
            for (std::size_t j = 0; j < width; ++j) {
                if constexpr (HasGamma) dgamma[first + j] += sum_lanes(sums[j]);
                if constexpr (HasBeta) dbeta[first + j] += sum_lanes(sums[width + j]);
            }
        });
    }

    /// Where y is n, dx may be dy.
    STRATA_OUT_OF_LINE static void input_gradient(const V* x, const V* y, const V* dy, const T* gamma, V* dx,
                                                  const V* kept) {
        const V share_of_cell = constant<V>(1.0 / Sets.size());
        for (std::size_t set = 0; set < Sets.count; ++set) {
            const auto n = [&](std::size_t cell) { return normalized(x[cell], y[cell], kept, set); };
            const auto dn = [&](std::size_t cell, std::size_t column) {
                if constexpr (HasGamma)
                    return V(dy[cell] * V(gamma[column]));
                else
                    return dy[cell];
            };
            const auto sums = sums_over_set<Sets, 2, V>([&](std::size_t cell, std::size_t column, auto& sum) {
                const V upstream = dn(cell, column);
                sum[0] = multiply_add(upstream, n(cell), sum[0]);
                if constexpr (Rule::centered) sum[1] = sum[1] + upstream;
            });
            const V share = Rule::template share<Sets.size()>(sums[0], kept[set]);
            const V mean = sums[1] * share_of_cell;
            for_each_cell<Sets>([&](std::size_t cell, std::size_t column) {
                V gradient = dn(cell, column) - n(cell) * share;
                if constexpr (Rule::centered) gradient = gradient - mean;
                dx[cell] = gradient * kept[set];
            });
            x += Sets.distance;
            y += Sets.distance;
            dy += Sets.distance;
            dx += Sets.distance;
            gamma = next_set(gamma);
        }
    }

private:
    static constexpr bool kept_means = kept_cells > Sets.count;

    static const T* next_set(const T* parameters) {
        return parameters == nullptr ? nullptr : parameters + Sets.parameter_distance;
    }

    [[gnu::always_inline]] static V normalized([[maybe_unused]] const V& x, [[maybe_unused]] const V& y,
                                               [[maybe_unused]] const V* kept, [[maybe_unused]] std::size_t set) {
        if constexpr (from_result)
            return y;
        else if constexpr (kept_means)
            return V((x - kept[Sets.count + set]) * kept[set]);
        else
            return V(x * kept[set]);
    }
};

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
