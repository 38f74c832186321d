#pragma once

#include "strata/core/text.hpp"
#include "strata/model/summary.hpp"
#include "strata/report/html_text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// The layers as boxes, one below the other, as SVG: type and name, output shape, parameters, and a bar for their share
/// of all. Lines lead from each layer to those that read it; past the boxes where others stand between.
STRATA_OUT_OF_LINE inline std::string network_picture(const std::vector<summary_row>& layers,
                                                      const std::vector<std::size_t>& input) {
    constexpr std::size_t pitch = 58, height = 40, width = 330, left = 4;
    std::size_t most = 1, farthest = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        most = std::max(most, layers[i].parameters);
        for (const std::size_t from : layers[i].inputs) farthest = std::max(farthest, i + 1 - from);
    }
    // How far a line that passes so many boxes bends.
    const auto bend = [&](std::size_t boxes) { return 12 + 12 * std::min<std::size_t>(boxes, 10); };
    const std::size_t full = left + width + (farthest > 1 ? bend(farthest) : 0) + 4;
    std::string svg = concat({"<svg class=\"network\" viewBox=\"0 0 ", full, " ", (layers.size() + 1) * pitch,
                              "\" width=\"", full, "\" role=\"img\" aria-label=\"the network\">\n"});
    const auto box = [&](std::size_t row, std::string_view type, std::string_view name, const std::string& shape,
                         std::size_t parameters) {
        const std::size_t top = row * pitch + 2;
        svg += concat({"<rect class=\"box\" x=\"", left, "\" y=\"", top, "\" width=\"", width, "\" height=\"", height,
                       "\" rx=\"6\"/><text x=\"", left + 10, "\" y=\"", top + 17, "\"><tspan class=\"type\">",
                       html_escaped(type), "</tspan> ", html_escaped(name), "</text>"});
        svg += concat({"<text class=\"quiet\" x=\"", left + 10, "\" y=\"", top + 32, "\">", shape, "</text>"});
        if (parameters == 0) {
            svg += '\n';
            return;
        }
        svg += concat(
            {"<text class=\"quiet\" x=\"", left + width - 10, "\" y=\"", top + 32, "\" text-anchor=\"end\">",
             thousands_text(parameters), " parameters</text><rect class=\"bar\" x=\"", left + 6, "\" y=\"",
             top + height - 3, "\" width=\"",
             fixed_text(static_cast<double>(width - 12) * static_cast<double>(parameters) / static_cast<double>(most),
                        1),
             "\" height=\"3\"/>\n"});
    };
    box(0, "Input", "", extents_for_people(input), 0);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const summary_row& layer = layers[i];
        box(i + 1, layer.type, layer.name, extents_for_people(layer.output), layer.parameters);
        for (const std::size_t from : layer.inputs) {
            const std::size_t begin = from * pitch + 2, end = (i + 1) * pitch + 2;
            if (from == i) {
                const std::size_t middle = left + width / 2;
                svg += concat(
                    {"<path class=\"link\" d=\"M", middle, " ", begin + height, "V", end - 1, "m-4 -5l4 5l4 -5\"/>\n"});
                continue;
            }
            const std::size_t right = left + width, bent = right + bend(i + 1 - from);
            svg += concat({"<path class=\"link\" d=\"M", right, " ", begin + 28, "C", bent, " ", begin + 28, " ", bent,
                           " ", end + 12, " ", right + 1, " ", end + 12, "m6 -5l-6 5l6 4\"/>\n"});
        }
    }
    return svg + "</svg>\n";
}

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
