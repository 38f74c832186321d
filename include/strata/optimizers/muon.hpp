#pragma once

#include "strata/core/setting_checks.hpp"
#include "strata/optimizers/adam.hpp"
#include "strata/optimizers/learning_rate.hpp"
#include "strata/optimizers/optimizer.hpp"
#include "strata/optimizers/tensor_step.hpp"
#include "strata/simd/pack.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// Steps of matrices whose singular values are all about 1, in the direction of their momentum (Keras: `Muon`; Jordan
/// and others 2024, Liu and others 2025).
///
/// For parameters with two axes m = momentum m + g; u = nesterov ? g + momentum m : m; x = u / (|u| + 1e-7);
/// ns_steps times: A = x x^T, x = muon_a x + (muon_b A + muon_c A^2) x;
/// w -= learning_rate rms_rate sqrt(max(rows, columns)) x, or with a rms_rate of 0, Keras' None, learning_rate x.
///
/// All others, and with exclude_embeddings those of Embedding, have Adam with adam_lr_ratio learning_rate. Before that
/// weight_decay, or adam_weight_decay, takes learning_rate weight_decay w off. Keras' `exclude_layers` is left out. A
/// thread takes a whole matrix, so one large matrix keeps the others waiting.
struct Muon {
    LearningRate learning_rate = 1e-3;
    double adam_beta_1 = 0.9;
    double adam_beta_2 = 0.999;
    double adam_weight_decay = 0.004;
    double epsilon = 1e-7;
    double weight_decay = 0.004;
    bool exclude_embeddings = true;
    double muon_a = 3.4445;
    double muon_b = -4.7750;
    double muon_c = 2.0315;
    double adam_lr_ratio = 1;
    double momentum = 0.95;
    std::size_t ns_steps = 5;
    bool nesterov = true;
    double rms_rate = 0.2;

    void check() const {
        learning_rate.check("Muon");
        setting_checks("Muon")
            .below_one("adam_beta_1", adam_beta_1)
            .below_one("adam_beta_2", adam_beta_2)
            .not_negative("adam_weight_decay", adam_weight_decay)
            .not_negative("epsilon", epsilon)
            .not_negative("weight_decay", weight_decay)
            .positive("adam_lr_ratio", adam_lr_ratio)
            .below_one("momentum", momentum)
            .not_negative("rms_rate", rms_rate);
    }

    /// m, and where Adam is used its second moment.
    static constexpr std::size_t slot_count = 2;
    /// Keras keeps no second moment of a matrix.
    std::size_t counted_values(const std::vector<tensor_place>& places, std::size_t parameters) const {
        std::size_t count = 2 * parameters + scalars_in_summary(*this);
        for (const tensor_place& place : places) count -= is_matrix(place) ? place.size : 0;
        return count;
    }

    template <class V> void update(const tensor_step<V>& step) const {
        step.all.barrier();  // what other threads have done to the gradient
        const double lr = learning_rate(step.t - 1);
        const Adam adam{.learning_rate = lr * adam_lr_ratio,
                        .beta_1 = adam_beta_1,
                        .beta_2 = adam_beta_2,
                        .epsilon = epsilon,
                        .weight_decay = adam_weight_decay / adam_lr_ratio};
        const auto rule = adam.rule<V>(step.t);
        const auto& places = step.tensors.places();
        for (std::size_t i = step.thread; i < places.size(); i += step.all.size()) {
            if (is_matrix(places[i]))
                update_matrix(step, places[i], lr);
            else
                step.apply(adam, rule, places[i].offset, places[i].offset + places[i].size);
        }
    }

private:
    bool is_matrix(const tensor_place& place) const {
        return place.rank == 2 && !(exclude_embeddings && place.of_embedding);
    }

    template <class V> void update_matrix(const tensor_step<V>& step, const tensor_place& place, double lr) const {
        using T = scalar_t<V>;
        const auto all_lanes = [](double value) { return V(static_cast<T>(value)); };
        T *const w = step.parameters + place.offset, *const g = step.gradients() + place.offset,
                 *const m = step.state.values[0].data() + place.offset;
        const V keep = all_lanes(momentum), shrink = all_lanes(1 - lr * weight_decay);
        for_each_register<V>(place.size, [&](std::size_t k, auto read, auto write) {
            const V moved = multiply_add(read(m + k), keep, read(g + k));
            write(moved, m + k);
            write(nesterov ? multiply_add(moved, keep, read(g + k)) : moved, g + k);
        });
        make_orthogonal<V>(g, place.rows, place.columns);
        const double size = static_cast<double>(std::max(place.rows, place.columns));
        const V rate = all_lanes(rms_rate > 0 ? lr * rms_rate * std::sqrt(size) : lr);
        for_each_register<V>(place.size, [&](std::size_t k, auto read, auto write) {
            write(read(w + k) * shrink - rate * read(g + k), w + k);
        });
    }

    /// Newton-Schulz steps of a matrix, on its transpose where that has fewer rows.
    template <class V> void make_orthogonal(scalar_t<V>* values, std::size_t rows, std::size_t columns) const {
        using T = scalar_t<V>;
        const std::size_t r = std::min(rows, columns), c = std::max(rows, columns);
        const auto place_in = [&](std::size_t i, std::size_t j) { return rows > columns ? j * r + i : i * c + j; };
        const double scale = 1 / (std::sqrt(sum_of_squares<V>(values, r * c)) + 1e-7);
        std::vector<T> x(r * c), next(r * c), products(r * r), factors(r * r);
        for (std::size_t i = 0; i < r; ++i) {
            for (std::size_t j = 0; j < c; ++j) x[i * c + j] = static_cast<T>(scale) * values[place_in(i, j)];
        }
        for (std::size_t n = 0; n < ns_steps; ++n) {
            multiply_rows<V>(x.data(), r, c, products.data());
            multiply_rows<V>(products.data(), r, r, factors.data());
            for (std::size_t k = 0; k < r * r; ++k)
                factors[k] = static_cast<T>(muon_b) * products[k] + static_cast<T>(muon_c) * factors[k];
            for (std::size_t i = 0; i < r; ++i) factors[i * r + i] += static_cast<T>(muon_a);
            multiply<V>(factors.data(), x.data(), r, c, next.data());
            x.swap(next);
        }
        for (std::size_t i = 0; i < r; ++i) {
            for (std::size_t j = 0; j < c; ++j) values[place_in(i, j)] = x[i * c + j];
        }
    }

    /// So many rows are read at once; of the last ones some are read twice.
    static constexpr std::size_t block = 4;

    /// x x^T
    template <class V>
    static void multiply_rows(const scalar_t<V>* x, std::size_t rows, std::size_t columns, scalar_t<V>* products) {
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t first = 0; first <= i; first += block) {
                const auto row = [&](std::size_t b) { return std::min(first + b, rows - 1); };
                V sums[block];
                std::fill_n(sums, block, V(scalar_t<V>(0)));
                for_each_register<V>(columns, [&](std::size_t k, auto read, auto) {
                    const V own = read(x + i * columns + k);
                    for (std::size_t b = 0; b < block; ++b)
                        sums[b] = multiply_add(own, read(x + row(b) * columns + k), sums[b]);
                });
                for (std::size_t b = 0; b < block; ++b)
                    products[i * rows + row(b)] = products[row(b) * rows + i] = sum_lanes(sums[b]);
            }
        }
    }

    /// The product of a square matrix and x.
    template <class V>
    static void multiply(const scalar_t<V>* factors, const scalar_t<V>* x, std::size_t rows, std::size_t columns,
                         scalar_t<V>* product) {
        std::fill_n(product, rows * columns, scalar_t<V>(0));
        for (std::size_t i = 0; i < rows; ++i) {
            scalar_t<V>* const to = product + i * columns;
            for (std::size_t first = 0; first < rows; first += block) {
                const auto row = [&](std::size_t b) { return std::min(first + b, rows - 1); };
                V own[block];
                for (std::size_t b = 0; b < block; ++b)
                    own[b] = V(first + b < rows ? factors[i * rows + row(b)] : scalar_t<V>(0));
                for_each_register<V>(columns, [&](std::size_t k, auto read, auto write) {
                    V sum = read(to + k);
                    for (std::size_t b = 0; b < block; ++b)
                        sum = multiply_add(own[b], read(x + row(b) * columns + k), sum);
                    write(sum, to + k);
                });
            }
        }
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::Muon;
}  // namespace strata
