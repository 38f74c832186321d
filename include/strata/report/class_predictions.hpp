#pragma once

#include "strata/core/argmax.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// What a classifier makes of some samples.
struct class_predictions {
    std::size_t classes = 0;
    std::vector<std::int64_t> expected{}, predicted{};
    std::vector<double> probability{};           ///< of what was predicted
    std::vector<double> probability_of_right{};  ///< of what is right
};

/// All values of an array as double.
STRATA_OUT_OF_LINE inline std::vector<double> doubles_of(const array_ref& array) {
    std::vector<double> all(array.samples() * array.sample_size());
    array.visit([&](const auto* values) {
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<double>(values[i]);
    });
    return all;
}

/// Rows of numbers as probabilities: as they are if all lie in [0, 1], else they are logits.
STRATA_OUT_OF_LINE inline void make_probabilities(std::vector<double>& outputs, std::size_t classes) {
    if (std::all_of(outputs.begin(), outputs.end(), [](double p) { return p >= 0 && p <= 1 + 1e-6; })) return;
    for (std::size_t row = 0; row < outputs.size(); row += classes) {
        const std::span<double> logits(outputs.data() + row, classes);
        const double largest = *std::max_element(logits.begin(), logits.end());
        double sum = 0;
        for (double& value : logits) sum += value = std::exp(value - largest);
        for (double& value : logits) value /= sum;
    }
}

/// The class of each sample by its targets: numbers, or rows with a single 1. None where they are neither, as in a
/// regression. Throws value_error for a number that is no class.
STRATA_OUT_OF_LINE inline std::optional<std::vector<std::int64_t>> classes_of_targets(const array_ref& y,
                                                                                      std::size_t classes) {
    const std::vector<double> targets = doubles_of(y);
    const std::size_t columns = y.sample_size();
    std::vector<std::int64_t> expected(y.samples());
    for (std::size_t n = 0; n < expected.size(); ++n) {
        const double* const row = targets.data() + n * columns;
        if (columns == 1) {
            if (!(row[0] >= 0 && row[0] < static_cast<double>(classes) && row[0] == std::floor(row[0]))) {
                raise<value_error>({"write_html_report: the target of sample ", n, " is ", exact_text(row[0]),
                                    ", which is none of ", classes, " classes"});
            }
            expected[n] = static_cast<std::int64_t>(row[0]);
            continue;
        }
        expected[n] = static_cast<std::int64_t>(argmax(row, columns));
        for (std::size_t k = 0; k < columns; ++k)
            if (row[k] != (static_cast<std::int64_t>(k) == expected[n] ? 1 : 0)) return {};
    }
    return expected;
}

/// Outputs and targets as classes, where they are that: outputs of (N, K), or of (N, 1) behind a Sigmoid with targets
/// of 0 and 1, whose two classes have the probabilities 1 - p and p. Throws shape_error for targets of another shape.
STRATA_OUT_OF_LINE inline std::optional<class_predictions> as_classes(const array_ref& y, const array_ref& outputs,
                                                                      bool ends_with_sigmoid) {
    if (outputs.shape().size() != 2) return {};
    const std::size_t columns = outputs.sample_size(), samples = outputs.samples();
    if (y.samples() != samples || (y.sample_size() != 1 && y.sample_size() != columns)) {
        raise<shape_error>({"write_html_report: targets of shape ", shape_text(y.shape()),
                            " were given for outputs of shape ", shape_text(outputs.shape())});
    }
    std::vector<double> rows = doubles_of(outputs);
    if (columns == 1) {
        const std::vector<double> targets = doubles_of(y);
        if (!ends_with_sigmoid ||
            std::any_of(targets.begin(), targets.end(), [](double t) { return t != 0 && t != 1; }))
            return {};
        std::vector<double> both;
        for (const double p : rows) both.insert(both.end(), {1 - p, p});
        rows = std::move(both);
    }
    class_predictions result{.classes = std::max<std::size_t>(columns, 2)};
    const auto expected = classes_of_targets(y, result.classes);
    if (!expected) return {};
    result.expected = *expected;
    make_probabilities(rows, result.classes);
    for (double& p : rows)
        if (!std::isfinite(p)) p = 0;
    for (std::size_t n = 0; n < samples; ++n) {
        const double* const row = rows.data() + n * result.classes;
        result.predicted.push_back(static_cast<std::int64_t>(argmax(row, result.classes)));
        result.probability.push_back(row[result.predicted[n]]);
        result.probability_of_right.push_back(row[result.expected[n]]);
    }
    return result;
}

/// The samples that were predicted wrong, at most so many, those first whose right class had the least probability.
STRATA_OUT_OF_LINE inline std::vector<std::size_t> worst_mistakes(const class_predictions& predictions,
                                                                  std::size_t most) {
    std::vector<std::size_t> wrong;
    for (std::size_t n = 0; n < predictions.expected.size(); ++n)
        if (predictions.expected[n] != predictions.predicted[n]) wrong.push_back(n);
    std::stable_sort(wrong.begin(), wrong.end(), [&](std::size_t a, std::size_t b) {
        return predictions.probability_of_right[a] < predictions.probability_of_right[b];
    });
    wrong.resize(std::min(wrong.size(), most));
    return wrong;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
