#pragma once

#include "strata/core/parameter.hpp"
#include "strata/system/parallel.hpp"
#include "strata/training/rule_list.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What the regularizers of a network add to the loss, and to the gradient. The threads share pieces of the parameters,
/// which do not depend on their number, and sums have a fixed order.
template <class T> class penalty_list {
public:
    static constexpr bool takes(const parameter& p) { return p.penalty.adds_something(); }

    STRATA_OUT_OF_LINE void add(const parameter& p, std::size_t offset) {
        if (!takes(p)) return;
        tensor t{p, offset};
        const std::size_t number = tensors_.size(), end = offset + p.size();
        if (p.penalty.penalty != nullptr) {
            t.values.resize(p.size());
            t.gradient.resize(p.size());
            pieces_.push_back({number, offset, end, true});
        }
        if (p.penalty.l1 != 0 || p.penalty.l2 != 0) {
            for (std::size_t k = offset; k < end; k += block_size)
                pieces_.push_back({number, k, std::min(k + block_size, end), false});
        }
        tensors_.push_back(std::move(t));
    }

    /// Computes one thread's part for these values of the model's arena. The team has to meet at a barrier then.
    void compute(const team& all, std::size_t thread, const T* values) {
        if (thread == 0) values_ = values;
        const auto mine = all.share(thread, pieces_.size());
        for (std::size_t i = mine.begin; i < mine.end; ++i) compute(pieces_[i], values);
    }

    /// What is added to the mean loss.
    double sum() const {
        double total = 0;
        for (const piece& part : pieces_) total += part.sum;
        return total;
    }

    /// The same at these values, by one thread.
    double sum_at(const T* values) {
        for (piece& part : pieces_) compute(part, values);
        return sum();
    }

    /// Adds to the gradients of the parameters begin, ..., end - 1, which start at `gradients`.
    STRATA_OUT_OF_LINE void add_gradient(std::size_t begin, std::size_t end, T* gradients) const {
        for (const tensor& t : tensors_) {
            const std::size_t first = std::max(begin, t.begin), last = std::min(end, t.begin + t.rules.size());
            if (first >= last) continue;
            const T l1 = static_cast<T>(t.rules.penalty.l1), l2 = static_cast<T>(2 * t.rules.penalty.l2);
            T* const to = gradients + (first - begin);
            const T* const w = values_ + first;
            for (std::size_t k = 0; k < last - first; ++k)
                to[k] += l2 * w[k] + l1 * (static_cast<T>(w[k] > 0) - static_cast<T>(w[k] < 0));
            if (t.gradient.empty()) continue;
            const double* const more = t.gradient.data() + (first - t.begin);
            for (std::size_t k = 0; k < last - first; ++k) to[k] += static_cast<T>(more[k]);
        }
    }

private:
    /// Values whose sums are added up without more precision.
    static constexpr std::size_t block_size = 4096;

    struct tensor {
        parameter rules;
        std::size_t begin;                                    // in the arena
        std::vector<double> values{}, gradient{}, scratch{};  // of a penalty of the whole tensor
    };

    /// A part of a tensor, or with `is_whole` what its penalty sees.
    struct piece {
        std::size_t tensor, begin, end;
        bool is_whole;
        double sum = 0;
    };

    STRATA_OUT_OF_LINE void compute(piece& part, const T* values) {
        tensor& t = tensors_[part.tensor];
        const regularizer& rule = t.rules.penalty;
        if (part.is_whole) {
            std::copy(values + part.begin, values + part.end, t.values.begin());
            part.sum = rule.penalty({t.values, t.rules.shape(), t.scratch}, t.gradient);
            return;
        }
        constexpr std::size_t at_once = 8;  // sums that do not wait for each other
        double sizes[at_once] = {}, squares[at_once] = {};
        const auto add = [&](std::size_t n, double w) {
            sizes[n] += std::abs(w);
            squares[n] += w * w;
        };
        std::size_t k = part.begin;
        for (; k + at_once <= part.end; k += at_once) {
            for (std::size_t n = 0; n < at_once; ++n) add(n, static_cast<double>(values[k + n]));
        }
        for (std::size_t n = 0; k + n < part.end; ++n) add(n, static_cast<double>(values[k + n]));
        part.sum = 0;
        for (std::size_t n = 0; n < at_once; ++n) part.sum += rule.l1 * sizes[n] + rule.l2 * squares[n];
    }

    std::vector<tensor> tensors_;
    std::vector<piece> pieces_;
    const T* values_ = nullptr;  // written before a barrier, read after it
};

template <class Network, class T> using weight_penalties = rule_list<Network, penalty_list<T>>;
template <class Network> inline constexpr bool has_regularizers = takes_any<Network, penalty_list<double>>;

}  // namespace STRATA_ISA
}  // namespace strata::authoring
