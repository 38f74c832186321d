#pragma once

#include "strata/core/text.hpp"
#include "strata/report/chart.hpp"
#include "strata/report/html_text.hpp"
#include "strata/training/history.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// What was measured under a name, over epochs counted from 1.
STRATA_OUT_OF_LINE inline std::vector<chart_point> points_of(const History& history, std::string_view name) {
    std::vector<chart_point> points;
    for (std::size_t row = 0; row < history.epoch().size(); ++row)
        if (const double* value = history.value(name, row))
            points.push_back({static_cast<double>(history.epoch()[row] + 1), *value});
    return points;
}

/// A chart for each metric: its values in training and in the validation, and what the last ones were.
STRATA_OUT_OF_LINE inline std::string history_charts(const History& history) {
    std::string html;
    std::vector<std::string> drawn;
    for (const std::string& name : history.names()) {
        const std::string metric = name.starts_with("val_") ? name.substr(4) : name;
        if (std::find(drawn.begin(), drawn.end(), metric) != drawn.end()) continue;
        drawn.push_back(metric);
        const std::pair<const char*, std::vector<chart_point>> curves[] = {
            {"train", points_of(history, metric)}, {"validation", points_of(history, "val_" + metric)}};
        std::vector<double> epochs, values;
        for (const auto& [style, points] : curves) {
            for (const chart_point& point : points) {
                epochs.push_back(point.x);
                values.push_back(point.y);
            }
        }
        chart picture(chart_axis(epochs, true), chart_axis(values, false), metric);
        std::string caption = concat({"<b>", html_escaped(metric), "</b>"});
        for (const auto& [style, points] : curves) {
            if (points.empty()) continue;
            picture.line(points, style);
            caption += concat({" <span class=\"", style, "\">", style, " ", short_text(points.back().y), "</span>"});
        }
        html += concat({"<figure>\n<figcaption>", caption, "</figcaption>\n", picture.svg(), "</figure>\n"});
    }
    return html;
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
