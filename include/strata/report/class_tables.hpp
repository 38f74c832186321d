#pragma once

#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/metrics/report.hpp"
#include "strata/report/html_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// A larger confusion matrix would fill the page, and its most frequent mistakes stand in its place.
inline constexpr std::size_t most_classes_in_matrix = 40;

/// A confusion matrix as a table: cells are as dark as their share of the row, of the right class.
STRATA_OUT_OF_LINE inline std::string confusion_table(const tensor<std::int64_t, 2>& counts,
                                                      const std::vector<std::string>& names) {
    std::string html = "<table class=\"confusion\">\n<thead><tr><th>right \\ predicted</th>";
    for (const std::string& name : names) html += concat({"<th scope=\"col\">", html_escaped(name), "</th>"});
    html += "</tr></thead>\n<tbody>\n";
    for (std::size_t row = 0; row < names.size(); ++row) {
        html += concat({"<tr><th scope=\"row\">", html_escaped(names[row]), "</th>"});
        double sum = 0;
        for (std::size_t column = 0; column < names.size(); ++column) sum += static_cast<double>(counts(row, column));
        for (std::size_t column = 0; column < names.size(); ++column) {
            const std::int64_t count = counts(row, column);
            if (count == 0) {
                html += "<td></td>";
                continue;
            }
            const double share = static_cast<double>(count) / sum;
            html += concat({"<td style=\"background:rgba(", row == column ? "34,139,84," : "214,69,65,",
                            fixed_text(0.08 + 0.52 * share, 3), ")\" title=\"", fixed_text(100 * share, 1), " %\">",
                            std::to_string(count), "</td>"});
        }
        html += "</tr>\n";
    }
    return html + "</tbody>\n</table>\n";
}

/// The mistakes that were made most often, as a table.
STRATA_OUT_OF_LINE inline std::string frequent_mistakes(const tensor<std::int64_t, 2>& counts,
                                                        const std::vector<std::string>& names) {
    std::vector<std::pair<std::size_t, std::size_t>> cells;
    for (std::size_t row = 0; row < names.size(); ++row)
        for (std::size_t column = 0; column < names.size(); ++column)
            if (row != column && counts(row, column) > 0) cells.emplace_back(row, column);
    std::stable_sort(cells.begin(), cells.end(), [&](const auto& a, const auto& b) {
        return counts(a.first, a.second) > counts(b.first, b.second);
    });
    cells.resize(std::min<std::size_t>(cells.size(), 30));
    std::string html = "<table>\n<thead><tr><th>right</th><th>predicted</th><th>times</th></tr></thead>\n<tbody>\n";
    for (const auto& [row, column] : cells) {
        html += concat({"<tr><th scope=\"row\">", html_escaped(names[row]), "</th><td>", html_escaped(names[column]),
                        "</td><td>", std::to_string(counts(row, column)), "</td></tr>\n"});
    }
    return html + "</tbody>\n</table>\n";
}

/// Precision, recall, F1 and number of samples of each class, as a table.
STRATA_OUT_OF_LINE inline std::string scores_table(const scores_of_classes& scores) {
    std::string html =
        "<table>\n<thead><tr><th>class</th><th>precision</th><th>recall</th><th>F1</th><th>samples</th></tr></thead>\n";
    const auto line = [&](const class_scores& one) {
        html += concat({"<tr><th scope=\"row\">", html_escaped(one.name), "</th><td>", fixed_text(one.precision, 3),
                        "</td><td>", fixed_text(one.recall, 3), "</td><td>", fixed_text(one.f1, 3), "</td><td>",
                        static_cast<std::size_t>(one.support), "</td></tr>\n"});
    };
    html += "<tbody>\n";
    for (const class_scores& one : scores.classes) line(one);
    html += "</tbody>\n<tfoot>\n";
    line(scores.macro);
    line(scores.weighted);
    return html + "</tfoot>\n</table>\n";
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
