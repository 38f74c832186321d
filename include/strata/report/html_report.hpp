#pragma once

#include "strata/core/errors.hpp"
#include "strata/core/last_activation.hpp"
#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/metrics/report.hpp"
#include "strata/model/summary.hpp"
#include "strata/report/chart.hpp"
#include "strata/report/class_predictions.hpp"
#include "strata/report/class_tables.hpp"
#include "strata/report/curves.hpp"
#include "strata/report/html_page.hpp"
#include "strata/report/mistakes.hpp"
#include "strata/report/network_picture.hpp"
#include "strata/system/atomic_file.hpp"
#include "strata/training/history.hpp"
#include "strata/training/options.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {

/// What `write_html_report` can be told.
struct html_report_options {
    std::string title = "Training report";
    /// What the model is tried on, `.data = {x_test, y_test}`: without it, there are only curves and the network.
    labelled_data data{};
    /// What the classes are called; without it, by their numbers.
    std::vector<std::string> class_names{};
    /// How many mistakes are shown.
    std::size_t mistakes = 24;
};

namespace detail {

/// All of a report that does not depend on the type of the model.
struct report_parts {
    std::vector<summary_row> layers{};
    std::vector<std::size_t> input{};  ///< the shape of one sample
    std::size_t trained = 0, others = 0;
    bool ends_with_sigmoid = false;
    std::optional<array_ref> outputs{};  ///< for the options' data
};

/// The names of so many classes. Throws value_error for too few.
STRATA_OUT_OF_LINE inline std::vector<std::string> names_of_classes(const std::vector<std::string>& given,
                                                                    std::size_t classes) {
    if (!given.empty() && given.size() != classes) {
        raise<value_error>({"write_html_report: ", given.size(), " class_names were given for ", classes, " classes"});
    }
    std::vector<std::string> names = given;
    for (std::size_t k = names.size(); k < classes; ++k) names.push_back(std::to_string(k));
    return names;
}

STRATA_OUT_OF_LINE inline void append_classes(html_page& page, const class_predictions& predictions,
                                              const html_report_options& options) {
    const std::vector<std::string> names = names_of_classes(options.class_names, predictions.classes);
    const std::size_t samples[] = {predictions.expected.size()};
    const auto counts = confusion_matrix(array_ref(predictions.expected.data(), samples),
                                         array_ref(predictions.predicted.data(), samples), predictions.classes);
    const scores_of_classes scores = scores_of(counts, names);
    const bool fits = names.size() <= most_classes_in_matrix;
    page.section(fits ? "Confusion matrix" : "Most frequent mistakes",
                 concat({"Of ", thousands_text(samples[0]), " samples ", fixed_text(100 * scores.accuracy, 2),
                         " % are predicted right."}),
                 "wide", fits ? confusion_table(counts, names) : frequent_mistakes(counts, names));
    page.section("Classes", "", "wide", scores_table(scores));
    const std::vector<std::size_t> worst = worst_mistakes(predictions, options.mistakes);
    if (worst.empty()) return;
    page.section("Worst mistakes",
                 "Above what was predicted, below what is right, each with its probability; those first whose right "
                 "class was least probable.",
                 "wide", mistakes_of(predictions, worst, options.data.x, names));
}

/// What was predicted over what is right, at most 2,000 of the values.
STRATA_OUT_OF_LINE inline void append_scatter(html_page& page, const array_ref& y, const array_ref& outputs) {
    const std::vector<double> right = doubles_of(y), predicted = doubles_of(outputs);
    if (right.size() != predicted.size() || right.empty()) return;
    const std::size_t stride = (right.size() + 1999) / 2000;
    std::vector<chart_point> points;
    std::vector<double> both;
    for (std::size_t i = 0; i < right.size(); i += stride) {
        points.push_back({right[i], predicted[i]});
        both.insert(both.end(), {right[i], predicted[i]});
    }
    const chart_axis axis(both, false);
    chart picture(axis, axis, "predicted over right values");
    picture.line({{axis.low, axis.low}, {axis.high, axis.high}}, "ideal");
    picture.dots(points, "train");
    page.section("Predictions", "Each point is a value: to the right what is right, upwards what was predicted.",
                 "charts", concat({"<figure>\n", picture.svg(), "</figure>\n"}));
}

STRATA_OUT_OF_LINE inline std::string html_report(const report_parts& model, const History& history,
                                                  const html_report_options& options) {
    html_page page(options.title);
    if (!history.epoch().empty())
        page.section("Training", concat({history.epoch().size(), " epochs"}), "charts", history_charts(history));
    if (model.outputs) {
        if (const auto predictions = as_classes(options.data.y, *model.outputs, model.ends_with_sigmoid))
            append_classes(page, *predictions, options);
        else
            append_scatter(page, options.data.y, *model.outputs);
    }
    page.section("Network",
                 concat({thousands_text(model.trained + model.others), " parameters, of which ",
                         thousands_text(model.trained), " are trained"}),
                 "wide", network_picture(model.layers, model.input));
    return page.text();
}

}  // namespace detail

/// Writes what became of a training as one HTML file that needs no other file, no script and no network: curves of what
/// was measured, the network, and, with `data`, its confusion matrix, precision and recall of each class and the worst
/// mistakes, as pictures where samples are (rows, columns) or (rows, columns, 1 or 3). Where targets are no classes,
/// what was predicted over what is right.
///
///     write_html_report("report.html", model, history, {.data = {x_test, y_test}, .class_names = {"cat", "dog"}});
///
/// Classes are numbers, or rows with a single 1; a network that ends with Sigmoid has two. Outputs outside of [0, 1]
/// are taken for logits. Throws file_error, shape_error and value_error for data that do not fit; an older file stays.
template <class Model>
void write_html_report(const std::filesystem::path& path, const Model& model, const History& history,
                       const html_report_options& options = {}) {
    using input = typename Model::input;
    detail::report_parts parts{.layers = model.summary_rows(),
                               .input = {input::extents.begin(), input::extents.end()},
                               .trained = Model::parameter_count,
                               .others = Model::state_count};
    parts.ends_with_sigmoid = Model::network::ends_with == last_activation::sigmoid;
    if (!options.data.x.empty()) parts.outputs = model.predict(options.data.x);
    write_atomically(path, detail::html_report(parts, history, options));
}

}  // namespace STRATA_ISA
}  // namespace strata::authoring

namespace strata {
using authoring::html_report_options;
using authoring::write_html_report;
}  // namespace strata
