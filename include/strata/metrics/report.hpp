#pragma once

#include "strata/core/argmax.hpp"
#include "strata/core/errors.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/metrics/metric.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What a classifier gets right and wrong, class by class.
namespace strata::authoring {
inline namespace STRATA_ISA {

namespace detail {

/// The class of each sample: of (N) or (N, 1) class numbers, of (N, K) the place of the largest value.
STRATA_OUT_OF_LINE inline std::vector<std::size_t> classes_of_samples(const array_ref& array, std::string_view what) {
    if (array.empty() || array.shape().size() > 2) {
        raise<shape_error>({"confusion_matrix: ", what, ": an array of shape (N) or (N, K) is needed, ",
                            array.empty() ? "none" : shape_text(array.shape()), " was given"});
    }
    std::vector<std::size_t> classes(array.samples());
    const std::size_t columns = array.sample_size();
    array.visit([&](const auto* values) {
        for (std::size_t n = 0; n < classes.size(); ++n, values += columns) {
            if (columns > 1) {
                classes[n] = argmax(values, columns);
                continue;
            }
            const auto label = static_cast<double>(*values);
            if (!(label >= 0 && label < 4096 && label == std::floor(label))) {
                raise<value_error>(
                    {"confusion_matrix: ", what, ": ", exact_text(label), " of sample ", n,
                     " is no class number below 4096; of probabilities of one sigmoid take those above 0.5"});
            }
            classes[n] = static_cast<std::size_t>(label);
        }
    });
    return classes;
}

/// One line of a report: precision, recall and F1 of so many samples.
struct class_scores {
    std::string name{};
    double precision = 0, recall = 0, f1 = 0, support = 0;

    void add(const class_scores& other, double weight) {
        precision += other.precision * weight;
        recall += other.recall * weight;
        f1 += other.f1 * weight;
    }
};

/// All lines of a report.
struct scores_of_classes {
    std::vector<class_scores> classes{};
    class_scores macro{}, weighted{};  ///< averages: of the classes, and of the samples
    double accuracy = 0, samples = 0;
};

/// The scores of a confusion matrix. Without names, classes that do not occur are left out.
STRATA_OUT_OF_LINE inline scores_of_classes scores_of(const tensor<std::int64_t, 2>& counts,
                                                      const std::vector<std::string>& names) {
    scores_of_classes scores{.macro = {.name = "macro avg"}, .weighted = {.name = "weighted avg"}};
    double right = 0;
    const std::size_t classes = counts.shape()[0];
    for (std::size_t k = 0; k < classes; ++k) {
        double row = 0, column = 0;
        for (std::size_t i = 0; i < classes; ++i) {
            row += static_cast<double>(counts(k, i));
            column += static_cast<double>(counts(i, k));
        }
        if (names.empty() && row == 0 && column == 0) continue;
        const auto both = static_cast<double>(counts(k, k));
        scores.classes.push_back({names.empty() ? std::to_string(k) : names[k], ratio_or_zero(both, column),
                                  ratio_or_zero(both, row), ratio_or_zero(2 * both, row + column), row});
        right += both;
        scores.samples += row;
    }
    for (const class_scores& one : scores.classes) {
        scores.macro.add(one, 1 / static_cast<double>(scores.classes.size()));
        scores.weighted.add(one, ratio_or_zero(one.support, scores.samples));
    }
    scores.accuracy = ratio_or_zero(right, scores.samples);
    scores.macro.support = scores.weighted.support = scores.samples;
    return scores;
}

STRATA_OUT_OF_LINE inline void append_report_line(std::string& text, std::size_t width, const class_scores& scores,
                                                  int digits, bool only_f1 = false) {
    text += std::string(width - std::min(width, display_width(scores.name)), ' ');
    text += scores.name;
    text += ' ';
    const auto append_cell = [&](const std::string& cell) {
        text += ' ' + std::string(9 - std::min<std::size_t>(9, cell.size()), ' ') + cell;
    };
    append_cell(only_f1 ? "" : fixed_text(scores.precision, digits));
    append_cell(only_f1 ? "" : fixed_text(scores.recall, digits));
    append_cell(fixed_text(scores.f1, digits));
    append_cell(std::to_string(static_cast<long long>(scores.support)));
    text += '\n';
}

}  // namespace detail

/// How often a sample of class i was predicted as class j, at (i, j) (TensorFlow: `tf.math.confusion_matrix`,
/// scikit-learn: `confusion_matrix`). Both arrays hold class numbers, (N), or a row for each sample, (N, K), of which
/// the largest value counts: labels, and what `predict` returns. There are as many classes as columns or as the largest
/// number asks for, and at least `classes`. Throws shape_error or value_error for anything else.
STRATA_OUT_OF_LINE inline tensor<std::int64_t, 2> confusion_matrix(const array_argument& expected,
                                                                   const array_argument& predicted,
                                                                   std::size_t classes = 0) {
    const auto rows = detail::classes_of_samples(expected, "expected");
    const auto columns = detail::classes_of_samples(predicted, "predicted");
    if (rows.size() != columns.size()) {
        raise<shape_error>(
            {"confusion_matrix: ", rows.size(), " samples are expected, but ", columns.size(), " were predicted"});
    }
    for (const array_ref* array : {static_cast<const array_ref*>(&expected), static_cast<const array_ref*>(&predicted)})
        if (array->sample_size() > 1) classes = std::max(classes, array->sample_size());
    for (std::size_t n = 0; n < rows.size(); ++n) classes = std::max({classes, rows[n] + 1, columns[n] + 1});
    tensor<std::int64_t, 2> counts = xt::zeros<std::int64_t>({classes, classes});
    for (std::size_t n = 0; n < rows.size(); ++n) ++counts(rows[n], columns[n]);
    return counts;
}

/// What `classification_report` can be told.
struct report_options {
    /// What the classes are called; without it, by their numbers.
    std::vector<std::string> names{};
    int digits = 2;
};

/// Precision, recall, F1 and number of samples of each class, and their averages, as text in the layout of
/// scikit-learn's `classification_report`. Arrays as for confusion_matrix; classes that occur in neither are left out,
/// as there, unless they have names. Throws value_error for fewer names than classes.
STRATA_OUT_OF_LINE inline std::string classification_report(const array_argument& expected,
                                                            const array_argument& predicted,
                                                            const report_options& options = {}) {
    const auto counts = confusion_matrix(expected, predicted, options.names.size());
    const std::size_t classes = counts.shape()[0];
    if (!options.names.empty() && options.names.size() < classes) {
        raise<value_error>(
            {"classification_report: ", options.names.size(), " names were given for ", classes, " classes"});
    }
    const detail::scores_of_classes scores = detail::scores_of(counts, options.names);
    std::size_t width = std::string_view("weighted avg").size();
    for (const auto& one : scores.classes) width = std::max(width, display_width(one.name));

    std::string text(width, ' ');
    text += "  precision    recall  f1-score   support\n\n";
    for (const auto& one : scores.classes) detail::append_report_line(text, width, one, options.digits);
    text += '\n';
    detail::append_report_line(text, width, {.name = "accuracy", .f1 = scores.accuracy, .support = scores.samples},
                               options.digits, true);
    detail::append_report_line(text, width, scores.macro, options.digits);
    detail::append_report_line(text, width, scores.weighted, options.digits);
    return text;
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::classification_report;
using authoring::confusion_matrix;
using authoring::report_options;
}  // namespace strata
