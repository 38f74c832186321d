#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/optimizers/optimizer.hpp"
#include "strata/optimizers/tensor_step.hpp"
#include "strata/simd/math.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Adafactor (Keras: `Adafactor`; Shazeer, Stern 2018): of the mean squares of a matrix' gradient only the means of its
/// rows and columns are kept, the matrices being the last two axes of a tensor.
///
/// s = g^2 + epsilon_1, b = 1 - t^beta_2_decay
/// r = b r + (1 - b) mean of each row of s; c = b c + (1 - b) mean of each column of s; v = r c / mean(r);
/// for tensors of fewer axes v = b v + (1 - b) s
/// u = g / sqrt(v); w -= max(epsilon_2, rms(w)) min(learning_rate, 1 / sqrt(t)) u / max(1, rms(u) / clip_threshold)
///
/// Before that weight_decay takes learning_rate weight_decay w off. Keras' `relative_step` is left out: there, too, the
/// rate is the smaller of the two whatever it says. A thread takes a whole tensor, so one large tensor keeps the others
/// waiting.
struct Adafactor {
    LearningRate learning_rate = 1e-3;
    double beta_2_decay = -0.8;
    double epsilon_1 = 1e-30;
    double epsilon_2 = 1e-3;
    double clip_threshold = 1;
    double weight_decay = 0;

    void check() const {
        learning_rate.check("Adafactor");
        setting_checks("Adafactor")
            .not_positive("beta_2_decay", beta_2_decay)
            .not_negative("epsilon_1", epsilon_1)
            .not_negative("epsilon_2", epsilon_2)
            .positive("clip_threshold", clip_threshold)
            .not_negative("weight_decay", weight_decay);
    }

    /// v or r, and c, each at the start of its tensor's place.
    static constexpr std::size_t slot_count = 2;
    /// Keras keeps v of each tensor and besides it r and c, or two numbers in their place.
    std::size_t counted_values(const std::vector<tensor_place>& places, std::size_t parameters) const {
        std::size_t count = parameters + scalars_in_summary(*this);
        for (const tensor_place& p : places) count += p.rank < 2 ? 2 : p.size / p.columns + p.size / p.rows;
        return count;
    }

    template <class V> void update(const tensor_step<V>& step) const {
        step.all.barrier();  // what other threads have done to the gradient
        const auto& places = step.tensors.places();
        for (std::size_t i = step.thread; i < places.size(); i += step.all.size()) update_tensor(step, places[i]);
    }

private:
    template <class V> void update_tensor(const tensor_step<V>& step, const tensor_place& place) const {
        using T = scalar_t<V>;
        T *const w = step.parameters + place.offset, *const g = step.gradients() + place.offset;
        T *const first = step.state.values[0].data() + place.offset, *const c =
                                                                         step.state.values[1].data() + place.offset;
        const double lr = learning_rate(step.t - 1), t = static_cast<double>(step.t);
        const double take = std::pow(t, beta_2_decay), keep = 1 - take;

        const V shrink(static_cast<T>(1 - lr * weight_decay));
        for_each_register<V>(place.size,
                             [&](std::size_t k, auto read, auto write) { write(read(w + k) * shrink, w + k); });
        const double size = static_cast<double>(place.size),
                     rms_of_w = std::sqrt(sum_of_squares<V>(w, place.size) / size);

        if (place.rank < 2) {
            average_squares<V>(g, place.size, keep, take, first);
            divide_by_roots<V>(g, place.size, 1, first);
        } else {
            const std::size_t rows = place.rows, columns = place.columns;
            for (std::size_t m = 0; m < place.size / (rows * columns); ++m)
                normalize_matrix<V>(g + m * rows * columns, rows, columns, keep, take, first + m * rows,
                                    c + m * columns);
        }
        const double rms_of_u = std::sqrt(sum_of_squares<V>(g, place.size) / size);
        const double rate = std::max(epsilon_2, rms_of_w) * std::min(lr, 1 / std::sqrt(t));
        const V scale(static_cast<T>(rate / std::max(1.0, rms_of_u / clip_threshold)));
        for_each_register<V>(
            place.size, [&](std::size_t k, auto read, auto write) { write(read(w + k) - scale * read(g + k), w + k); });
    }

    /// Lets the means r of the rows and c of the columns of a matrix follow its squares, and divides it by the roots of
    /// what they stand for.
    template <class V>
    void normalize_matrix(scalar_t<V>* g, std::size_t rows, std::size_t columns, double keep, double take,
                          scalar_t<V>* r, scalar_t<V>* c) const {
        using T = scalar_t<V>;
        const double n = static_cast<double>(columns);
        double sum_of_r = 0;
        for (std::size_t i = 0; i < rows; ++i) {
            const double mean = sum_of_squares<V>(g + i * columns, columns) / n + epsilon_1;
            r[i] = static_cast<T>(keep * static_cast<double>(r[i]) + take * mean);
            sum_of_r += static_cast<double>(r[i]);
            average_squares<V>(g + i * columns, columns, i == 0 ? keep : 1, take / static_cast<double>(rows), c);
        }
        const double mean_of_r = sum_of_r / static_cast<double>(rows);
        for (std::size_t i = 0; i < rows; ++i)
            divide_by_roots<V>(g + i * columns, columns, std::sqrt(static_cast<double>(r[i]) / mean_of_r), c);
    }

    /// mean = keep mean + take (g^2 + epsilon_1)
    template <class V>
    void average_squares(const scalar_t<V>* g, std::size_t count, double keep, double take, scalar_t<V>* mean) const {
        using T = scalar_t<V>;
        const V k_(static_cast<T>(keep)), t_(static_cast<T>(take)), e(static_cast<T>(epsilon_1));
        for_each_register<V>(count, [&](std::size_t k, auto read, auto write) {
            const V x = read(g + k);
            write(multiply_add(read(mean + k), k_, t_ * multiply_add(x, x, e)), mean + k);
        });
    }

    /// g /= root sqrt(square): two roots, since the product of two small squares may be less than there is.
    template <class V>
    static void divide_by_roots(scalar_t<V>* g, std::size_t count, double root, const scalar_t<V>* square) {
        using T = scalar_t<V>;
        const V factor(static_cast<T>(root)), smallest(std::numeric_limits<T>::min());
        for_each_register<V>(count, [&](std::size_t k, auto read, auto write) {
            const V divisor = math::max(smallest, factor * math::sqrt(read(square + k)));
            write(math::divide(read(g + k), divisor), g + k);
        });
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Adafactor;
}  // namespace strata
