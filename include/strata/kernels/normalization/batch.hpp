#pragma once

#include "strata/kernels/activation/functions.hpp"
#include "strata/kernels/tile.hpp"
#include "strata/simd/long_sums.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <type_traits>

/// Batch normalization of `Pixels` x `Channels` cells: what one pack contributes to the statistics, and the passes that
/// use those of the whole batch.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace kernels {

template <std::size_t Pixels, std::size_t Channels, class V> class batch_normalization {
    using T = scalar_t<V>;
    static constexpr std::size_t size = Pixels * Channels;

    /// Calls f(count, first channel) for blocks of channels whose sums stay in registers.
    template <class F> static void for_each_block_of_channels(F&& f) {
        for_each_block<Channels, (Channels < 4 ? Channels : 4)>(f);
    }

    /// 1 in the lanes that hold a sample.
    static V sample_mask(std::size_t samples) {
        V mask(T(1));
        for (std::size_t n = samples; n < lanes<V>; ++n) as_lanes(&mask)[n] = T(0);
        return mask;
    }

public:
    /// Writes the mean of each channel over the samples of a pack, and behind these the sums of squared distances from
    /// it. Each lane takes distances from its own first pixel, whose squares do not cancel (Chan, Golub, LeVeque 1983).
    static void collect(const V* x, std::size_t samples, T* means, T* squares) {
        const V mask = sample_mask(samples), share(T(1) / T(Pixels));
        const T share_of_samples = T(1) / static_cast<T>(samples);
        for_each_block_of_channels([&](auto columns, std::size_t first) {
            constexpr std::size_t width = columns;
            V origin[width], sums[2 * width];  // of the distances from the origin, then of their squares
#pragma GCC unroll 4
            for (std::size_t j = 0; j < width; ++j) {
                origin[j] = x[first + j];
                sums[j] = sums[width + j] = V(T(0));
            }
            add_terms<Pixels - 1>(sums, [&](std::size_t pixel, V(&to)[2 * width]) {
                const V* const cells = x + (pixel + 1) * Channels + first;
#pragma GCC unroll 4
                for (std::size_t j = 0; j < width; ++j) {
                    const V distance = cells[j] - origin[j];
                    to[j] = to[j] + distance;
                    to[width + j] = multiply_add(distance, distance, to[width + j]);
                }
            });
            for (std::size_t j = 0; j < width; ++j) {
                const V *const sum = sums, *const square = sums + width;
                const V mean_of_lane = origin[j] + sum[j] * share;
                const T mean = sum_lanes(V(mean_of_lane * mask)) * share_of_samples;
                const V between = mean_of_lane - V(mean);
                const V around = square[j] - sum[j] * sum[j] * share + between * between * V(T(Pixels));
                means[first + j] = mean;
                squares[first + j] = sum_lanes(V(around * mask));
            }
        });
    }

    /// y = activation((x - mean) factor + shift), with one value of each for a channel.
    template <class Activation>
    static void normalize(const V* x, const T* means, const T* factors, const T* shifts, V* y) {
        for_each_block_of_channels([&](auto columns, std::size_t first) {
            constexpr std::size_t width = columns;
            V mean[width], factor[width], shift[width];
#pragma GCC unroll 4
            for (std::size_t j = 0; j < width; ++j) {
                mean[j] = V(means[first + j]);
                factor[j] = V(factors[first + j]);
                shift[j] = V(shifts[first + j]);
            }
            for (std::size_t i = first; i < size; i += Channels) {
#pragma GCC unroll 4
                for (std::size_t j = 0; j < width; ++j)
                    y[i + j] = Activation::apply(multiply_add(x[i + j] - mean[j], factor[j], shift[j]));
            }
        });
    }

    /// Goes back through the activation, dy *= slope(y), and writes the sums of dy, and of dy (x - mean) / deviation.
    template <class Activation>
    static void collect_gradient(const V* x, const V* y, V* dy, const T* means, const T* inverses, T* sums,
                                 T* products) {
        constexpr bool is_linear = std::is_same_v<Activation, linear>;
        for_each_block_of_channels([&](auto columns, std::size_t first) {
            constexpr std::size_t width = columns;
            V mean[width], both[2 * width];  // the sums, then the products
#pragma GCC unroll 4
            for (std::size_t j = 0; j < width; ++j) {
                mean[j] = V(means[first + j]);
                both[j] = both[width + j] = V(T(0));
            }
            add_terms<Pixels>(both, [&](std::size_t pixel, V(&to)[2 * width]) {
                const std::size_t i = pixel * Channels + first;
#pragma GCC unroll 4
                for (std::size_t j = 0; j < width; ++j) {
                    V gradient = dy[i + j];
                    if constexpr (!is_linear) {
                        gradient = gradient * Activation::slope(y[i + j]);
                        dy[i + j] = gradient;
                    }
                    to[j] = to[j] + gradient;
                    to[width + j] = multiply_add(gradient, x[i + j] - mean[j], to[width + j]);
                }
            });
            for (std::size_t j = 0; j < width; ++j) {
                sums[first + j] = sum_lanes(both[j]);
                products[first + j] = sum_lanes(both[width + j]) * inverses[first + j];
            }
        });
    }

    /// dx = dy factor + (x - mean) slope + shift; dx may be dy.
    static void input_gradient(const V* x, const V* dy, const T* means, const T* factors, const T* slopes,
                               const T* shifts, V* dx) {
        for_each_block_of_channels([&](auto columns, std::size_t first) {
            constexpr std::size_t width = columns;
            V mean[width], factor[width], slope[width], shift[width];
#pragma GCC unroll 4
            for (std::size_t j = 0; j < width; ++j) {
                mean[j] = V(means[first + j]);
                factor[j] = V(factors[first + j]);
                slope[j] = V(slopes[first + j]);
                shift[j] = V(shifts[first + j]);
            }
            for (std::size_t i = first; i < size; i += Channels) {
#pragma GCC unroll 4
                for (std::size_t j = 0; j < width; ++j)
                    dx[i + j] =
                        multiply_add(dy[i + j], factor[j], multiply_add(x[i + j] - mean[j], slope[j], shift[j]));
            }
        });
    }
};

/// The statistics of a batch from those of its packs, which lie `distance` apart: means, 1 / deviations, variances.
template <std::size_t Pixels, std::size_t Channels, class T>
void combine_statistics(const T* parts, std::size_t distance, std::size_t packs, const std::size_t* samples,
                        double epsilon, T* means, T* inverses, T* variances) {
    double count = 0;
    for (std::size_t p = 0; p < packs; ++p) count += static_cast<double>(samples[p]);
    for (std::size_t k = 0; k < Channels; ++k) {
        double mean = 0, around = 0;
        for (std::size_t p = 0; p < packs; ++p)
            mean += static_cast<double>(samples[p]) / count * static_cast<double>(parts[p * distance + k]);
        for (std::size_t p = 0; p < packs; ++p) {
            const double between = static_cast<double>(parts[p * distance + k]) - mean;
            around += static_cast<double>(parts[p * distance + Channels + k]) +
                      static_cast<double>(samples[p] * Pixels) * between * between;
        }
        const double variance = std::max(0.0, around / (count * static_cast<double>(Pixels)));  // rounding
        means[k] = static_cast<T>(mean);
        inverses[k] = static_cast<T>(1 / std::sqrt(variance + epsilon));
        variances[k] = static_cast<T>(variance);
    }
}

}  // namespace kernels
}  // namespace STRATA_ISA
}  // namespace strata::authoring
