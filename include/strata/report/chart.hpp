#pragma once

#include "strata/core/text.hpp"
#include "strata/report/html_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

/// Charts as SVG. Colours are those of the page's style sheet: classes `train`, `validation` and `axis`.
namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

struct chart_point {
    double x = 0, y = 0;
};

/// The values along one axis, and where its marks are: multiples of 1, 2 or 5 times a power of ten.
struct chart_axis {
    double low = 0, high = 1, step = 1;

    /// Of these values; what is not finite does not count. Whole: marks are whole numbers.
    STRATA_OUT_OF_LINE chart_axis(const std::vector<double>& values, bool whole) {
        low = std::numeric_limits<double>::infinity();
        high = -low;
        for (const double value : values) {
            if (!std::isfinite(value)) continue;
            low = std::min(low, value);
            high = std::max(high, value);
        }
        if (low > high) low = high = 0;
        const double least = whole ? 0.5 : 1e-6 * std::max({std::abs(low), std::abs(high), 1e-300});
        if (high - low < least) {  // all the same, but for rounding
            low -= least;
            high += least;
        }
        // Halves, so that no range overflows.
        const double rough = std::max(high / 5 - low / 5, whole ? 1.0 : std::numeric_limits<double>::min());
        const double power = std::pow(10, std::floor(std::log10(rough)));
        step = power;
        for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
            step = factor * power;
            if (step >= rough * 0.999) break;
        }
    }

    /// From 0 to 1.
    double place(double value) const { return (value / 2 - low / 2) / (high / 2 - low / 2); }

    std::vector<double> marks() const {
        std::vector<double> all;
        for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step && all.size() < 20; ++k)
            all.push_back(k * step + 0.0);
        return all;
    }
};

/// A chart in the making.
class chart {
public:
    chart(const chart_axis& x, const chart_axis& y, std::string_view label) : x_{x}, y_{y} {
        svg_ = concat(
            {"<svg class=\"chart\" viewBox=\"0 0 480 260\" role=\"img\" aria-label=\"", html_escaped(label), "\">\n"});
        for (const double mark : x_.marks()) {
            const std::string at = horizontal(mark);
            svg_ += concat({"<line class=\"axis\" x1=\"", at, "\" y1=\"12\" x2=\"", at, "\" y2=\"224\"/>", "<text x=\"",
                            at, "\" y=\"244\" text-anchor=\"middle\">", short_text(mark, 6), "</text>\n"});
        }
        for (const double mark : y_.marks()) {
            const std::string at = vertical(mark);
            svg_ += concat({"<line class=\"axis\" x1=\"64\" y1=\"", at, "\" x2=\"468\" y2=\"", at, "\"/>",
                            "<text x=\"58\" y=\"", at, "\" text-anchor=\"end\" dominant-baseline=\"middle\">",
                            short_text(mark, 6), "</text>\n"});
        }
    }

    /// A line through points; where one is not finite, there is a gap. Points have their values as tooltips.
    STRATA_OUT_OF_LINE void line(const std::vector<chart_point>& points, std::string_view style) {
        std::string path, dots;
        bool drawn = false;
        for (const chart_point& point : points) {
            if (!std::isfinite(point.y)) {
                drawn = false;
                continue;
            }
            path += concat({drawn ? "L" : "M", horizontal(point.x), " ", vertical(point.y)});
            drawn = true;
            if (points.size() <= 200) append_dot(dots, point, points.size() <= 30 ? "2.5" : "1");
        }
        svg_ += concat({"<path class=\"", style, "\" fill=\"none\" d=\"", path, "\"/>\n<g class=\"", style, "\">\n",
                        dots, "</g>\n"});
    }

    /// Points by themselves.
    STRATA_OUT_OF_LINE void dots(const std::vector<chart_point>& points, std::string_view style) {
        svg_ += concat({"<g class=\"", style, "\">\n"});
        for (const chart_point& point : points)
            if (std::isfinite(point.x) && std::isfinite(point.y)) append_dot(svg_, point, "2");
        svg_ += "</g>\n";
    }

    std::string svg() const { return svg_ + "</svg>\n"; }

private:
    std::string horizontal(double x) const { return fixed_text(72 + 392 * x_.place(x), 1); }
    std::string vertical(double y) const { return fixed_text(220 - 204 * y_.place(y), 1); }

    void append_dot(std::string& to, const chart_point& point, std::string_view radius) const {
        to += concat({"<circle cx=\"", horizontal(point.x), "\" cy=\"", vertical(point.y), "\" r=\"", radius,
                      "\"><title>", short_text(point.x), ": ", short_text(point.y), "</title></circle>\n"});
    }

    chart_axis x_, y_;
    std::string svg_;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
