#pragma once

#include "strata/core/tensor.hpp"
#include "strata/core/text.hpp"
#include "strata/io/png.hpp"
#include "strata/report/class_predictions.hpp"
#include "strata/report/html_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// How samples are pictures: of rows x columns, or that by 1 or 3 channels.
struct picture_form {
    std::size_t rows = 0, columns = 0, channels = 1;

    explicit picture_form(const array_ref& x) {
        const auto shape = x.shape();
        if (shape.size() != 3 && (shape.size() != 4 || (shape[3] != 1 && shape[3] != 3))) return;
        rows = shape[1];
        columns = shape[2];
        if (shape.size() == 4) channels = shape[3];
    }
    bool is_picture() const { return rows > 0 && columns > 0; }
};

/// A sample as a PNG file. Bytes are taken as they are, other values from 0 to 1 as from black to white, and where some
/// lie outside, from the sample's least to its largest. Of more than 128 rows or columns some are left out.
STRATA_OUT_OF_LINE inline std::string png_of_sample(const array_ref& x, std::size_t sample, const picture_form& form) {
    const std::size_t size = form.rows * form.columns * form.channels;
    const std::size_t stride = (std::max(form.rows, form.columns) + 127) / 128;
    std::string pixels;
    x.visit([&]<class T>(const T* values) {
        values += sample * size;
        double low = 0, high = std::is_same_v<T, std::uint8_t> ? 255 : 1;
        double least = std::numeric_limits<double>::infinity(), largest = -least;
        for (std::size_t i = 0; i < size; ++i) {
            const auto value = static_cast<double>(values[i]);
            if (!std::isfinite(value)) continue;
            least = std::min(least, value);
            largest = std::max(largest, value);
        }
        if (least < low || largest > high) {
            low = least;
            high = largest > least ? largest : least + 1;
        }
        for (std::size_t row = 0; row < form.rows; row += stride) {
            for (std::size_t column = 0; column < form.columns; column += stride) {
                for (std::size_t c = 0; c < form.channels; ++c) {
                    const auto value = static_cast<double>(values[(row * form.columns + column) * form.channels + c]);
                    const double scaled = std::isfinite(value) ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0;
                    pixels += static_cast<char>(static_cast<unsigned char>(std::lround(255 * scaled)));
                }
            }
        }
    });
    const auto kept = [&](std::size_t extent) { return (extent + stride - 1) / stride; };
    return png_file(kept(form.columns), kept(form.rows), form.channels, pixels);
}

/// Samples that were predicted wrong, with what was predicted, how sure that was, and what is right.
STRATA_OUT_OF_LINE inline std::string mistakes_of(const class_predictions& predictions,
                                                  const std::vector<std::size_t>& samples, const array_ref& x,
                                                  const std::vector<std::string>& names) {
    const picture_form form(x);
    std::string html = "<div class=\"mistakes\">\n";
    for (const std::size_t n : samples) {
        const auto name_of = [&](std::int64_t k) { return html_escaped(names[static_cast<std::size_t>(k)]); };
        const auto percent = [](double p) { return fixed_text(100 * p, 1) + " %"; };
        html += "<figure>";
        if (form.is_picture()) {
            html += concat(
                {"<img alt=\"sample ", n, "\" src=\"data:image/png;base64,", base64(png_of_sample(x, n, form)), "\">"});
        }
        html += concat({"<figcaption><span class=\"wrong\">", name_of(predictions.predicted[n]), "</span> ",
                        percent(predictions.probability[n]), "<br><span class=\"right\">",
                        name_of(predictions.expected[n]), "</span> ", percent(predictions.probability_of_right[n]),
                        "<br><span class=\"quiet\">sample ", n, "</span></figcaption></figure>\n"});
    }
    return html + "</div>\n";
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
