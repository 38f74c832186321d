#pragma once

#include "strata/config.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/last_activation.hpp"
#include "strata/core/shape.hpp"
#include "strata/core/tensor.hpp"
#include "strata/losses/loss.hpp"
#include "strata/losses/targets.hpp"
#include "strata/simd/memory.hpp"
#include "strata/simd/pack.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// log(exp(a) + exp(b))
inline double log_add(double a, double b) {
    const double high = a > b ? a : b, low = a > b ? b : a;  // one of them is NaN where a or b is
    return low == -std::numeric_limits<double>::infinity() ? high : high + std::log1p(std::exp(low - high));
}

/// The ways to spread the labels of one sample over its steps, in double. A way goes through states: a blank, the first
/// label, a blank, the second label, ..., a blank. In each step it stays, or goes on by one state, or from a label to
/// the next one unless they are equal. (Graves and others 2006, sections 4.1 and 4.2)
class ctc_alignments {
public:
    ctc_alignments(std::size_t steps, std::size_t classes, std::size_t most_labels)
        : steps_(steps),
          classes_(classes),
          outputs_(steps * classes),
          forward_((steps + 1) * (2 * most_labels + 1)),
          backward_(2 * most_labels + 1),
          next_(2 * most_labels + 1) {
        labels_.reserve(most_labels);
    }

    /// The logits of each step, to be filled; `loss` makes their gradient of them.
    std::vector<double>& outputs() { return outputs_; }
    /// The labels, without zeros, to be filled.
    std::vector<std::size_t>& labels() { return labels_; }

    /// The negative logarithm of the probability of all ways.
    STRATA_OUT_OF_LINE double loss() {
        const std::size_t states = 2 * labels_.size() + 1;
        for (std::size_t s = 0; s < states; ++s) forward_[s] = s == 0 ? 0 : log_of_impossible;
        for (std::size_t t = 0; t < steps_; ++t) {
            double* const log_p = outputs_.data() + t * classes_;
            take_log_softmax(log_p);
            const double* const from = forward_.data() + t * states;
            double* const to = forward_.data() + (t + 1) * states;
            for (std::size_t s = 0; s < states; ++s) {
                double sum = from[s];
                if (s >= 1) sum = log_add(sum, from[s - 1]);
                if (s >= 2 && s % 2 == 1) sum = log_add(sum, from[s - 2] + log_of_skip(s));
                to[s] = sum + log_p[symbol(s)];
            }
        }
        const double* const last = forward_.data() + steps_ * states;
        const double value = -(states == 1 ? last[0] : log_add(last[states - 1], last[states - 2]));
        find_gradient(states, value);
        return value;
    }

private:
    /// What Keras on JAX has in place of the logarithm of 0: the loss of labels that need more steps stays finite.
    static constexpr double log_of_impossible = -1e5;

    /// The class that a state emits: 0 is the blank.
    std::size_t symbol(std::size_t state) const { return state % 2 == 0 ? 0 : labels_[state / 2]; }

    /// The weight of the way from the label before to that of a state.
    double log_of_skip(std::size_t state) const { return symbol(state) == symbol(state - 2) ? log_of_impossible : 0; }

    void take_log_softmax(double* row) const {
        double sum = row[0];
        for (std::size_t k = 1; k < classes_; ++k) sum = log_add(sum, row[k]);
        for (std::size_t k = 0; k < classes_; ++k) row[k] -= sum;
    }

    /// Of a logit: the probability of its class less the share of the ways that emit it in this step.
    void find_gradient(std::size_t states, double value) {
        constexpr double never = std::numeric_limits<double>::lowest();
        for (std::size_t s = 0; s < states; ++s) backward_[s] = s + 2 >= states ? 0 : never;
        for (std::size_t t = steps_; t-- > 0;) {
            double* const row = outputs_.data() + t * classes_;
            const double* const forward = forward_.data() + (t + 1) * states;
            for (std::size_t s = 0; s < states; ++s) next_[s] = backward_[s] + row[symbol(s)];
            for (std::size_t k = 0; k < classes_; ++k) row[k] = std::exp(row[k]);
            for (std::size_t s = 0; s < states; ++s) row[symbol(s)] -= std::exp(forward[s] + backward_[s] + value);
            for (std::size_t s = 0; s < states; ++s) {
                double sum = next_[s];
                if (s + 1 < states) sum = log_add(sum, next_[s + 1]);
                if (s + 2 < states && s % 2 == 1) sum = log_add(sum, next_[s + 2] + log_of_skip(s + 2));
                backward_[s] = sum;
            }
        }
    }

    std::size_t steps_, classes_;
    std::vector<double> outputs_;
    std::vector<std::size_t> labels_;
    std::vector<double> forward_;   // of each step and state: the logarithm of the ways that lead there
    std::vector<double> backward_;  // of each state: of the ways on from there
    std::vector<double> next_;      // the same from the step before, with what the state emits
};

}  // namespace detail

/// Connectionist temporal classification (Keras: `CTC`; Graves and others 2006): the outputs of T steps spell a
/// sequence of at most MaxLabels labels, and nobody says in which steps. The loss is -log of the probability of all
/// ways to do so, in which labels may last for several steps and blanks may stand between them, and must between equal
/// ones.
///
/// Shapes: T x K outputs, which are logits or end with Softmax; MaxLabels labels of 1, ..., K - 1 for a sample. 0 is
/// the blank, and fills up what follows the labels. Labels that need more than T steps cost about 1e5, as with Keras on
/// JAX. It is computed in double, sample by sample. Throws value_error for labels out of range and for those behind a
/// 0.
template <std::size_t MaxLabels> struct CTC {
    static_assert(MaxLabels > 0, "CTC: MaxLabels, the most labels of a sample, must be at least 1");

    static constexpr std::string_view name = "ctc";
    static constexpr auto takes_logits_of = last_activation::softmax;
    template <class Output>
    static constexpr std::string_view advice_on_targets =
        "; CTC<MaxLabels> takes MaxLabels class numbers for each sample, zeros behind the last one";

    template <class Output> using target = shape<MaxLabels>;

    template <class Output> void check(const array_ref& labels) const {
        require_classes("CTC", labels, sizes<Output>::classes);
        require_zeros_behind(labels);
    }

    template <class Output, bool, class V> V value(const V* y, const V* labels, const V& weight, V* dy) const {
        using T = scalar_t<V>;
        using of = sizes<Output>;
        detail::ctc_alignments ways(of::steps, of::classes, MaxLabels);
        V losses;
        for (std::size_t n = 0; n < lanes<V>; ++n) {
            ways.labels().clear();
            for (std::size_t i = 0; i < MaxLabels && as_lanes(labels + i)[n] > 0; ++i)
                ways.labels().push_back(static_cast<std::size_t>(as_lanes(labels + i)[n]));
            for (std::size_t i = 0; i < Output::size; ++i) ways.outputs()[i] = static_cast<double>(as_lanes(y + i)[n]);
            as_lanes(&losses)[n] = static_cast<T>(ways.loss());
            const auto share = static_cast<double>(as_lanes(&weight)[n]);
            for (std::size_t i = 0; i < Output::size; ++i)
                as_lanes(dy + i)[n] = static_cast<T>(ways.outputs()[i] * share);
        }
        return losses;
    }

private:
    template <class Output> struct sizes {
        static_assert(Output::rank == 2 && Output::extents[Output::rank - 1] > 1,
                      "CTC: the outputs must be steps of 2 or more classes, such as those of Dense<11> behind a "
                      "recurrent layer with ReturnSequences");
        static constexpr std::size_t steps = Output::extents[0], classes = Output::extents[Output::rank - 1];
    };

    STRATA_OUT_OF_LINE static void require_zeros_behind(const array_ref& labels) {
        labels.visit([&](const auto* values) {
            for (std::size_t i = 0, size = labels.sample_size(); i + 1 < labels.samples() * size; ++i) {
                if ((i + 1) % size == 0 || values[i] != 0 || values[i + 1] == 0) continue;
                raise<value_error>({"CTC: sample ", i / size,
                                    " has a label behind a 0; 0 is the blank, and fills up what "
                                    "follows the labels"});
            }
        });
    }
};

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::CTC;
}  // namespace strata
