#pragma once

#include "strata/core/text.hpp"
#include "strata/report/html_text.hpp"

#include <string>
#include <string_view>

namespace strata::authoring {
inline namespace STRATA_ISA {
namespace detail {

/// Colours and measures of a report, for light and dark screens and for paper.
inline constexpr std::string_view report_style = R"css(
:root { color-scheme: light dark; --ink: #1d2430; --paper: #ffffff; --quiet: #5d6675; --line: #d9dee6;
  --train: #1f6fc4; --validation: #c2570c; --box: #f3f5f8; --right: #1d7a4a; --wrong: #bf2f2b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --paper: #14181f; --quiet: #9aa4b2; --line: #343c48;
  --train: #6db0f2; --validation: #f0995a; --box: #1f2630; --right: #66c795; --wrong: #f0827e; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2em auto;
  max-width: 1100px; padding: 0 1em; }
h1 { font-size: 1.6em; } h2 { font-size: 1.2em; margin-top: 2em; }
figure { margin: 0; } .charts { display: flex; flex-wrap: wrap; gap: 1.5em; } .charts figure { flex: 1 1 400px; max-width: 520px; }
.wide { overflow-x: auto; }
svg text { fill: var(--ink); font-size: 12px; } svg .quiet { fill: var(--quiet); } .type { font-weight: bold; }
.chart { width: 100%; height: auto; } .axis { stroke: var(--line); } .chart text { fill: var(--quiet); }
path.train { stroke: var(--train); stroke-width: 2; } path.validation { stroke: var(--validation); stroke-width: 2; }
g.train { fill: var(--train); } g.validation { fill: var(--validation); } path.ideal { stroke: var(--quiet); }
g.ideal { fill: var(--quiet); }
span.train { color: var(--train); } span.validation { color: var(--validation); }
.box { fill: var(--box); stroke: var(--line); } .bar { fill: var(--train); } .link { fill: none; stroke: var(--quiet); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25em .6em; border: 1px solid var(--line); text-align: right; } th[scope=row] { text-align: left; }
.confusion td { text-align: center; } tfoot { color: var(--quiet); }
.mistakes { display: flex; flex-wrap: wrap; gap: 1em; } .mistakes figure { width: 130px; font-size: 13px; }
.mistakes figure { overflow-wrap: anywhere; }
.mistakes img { width: 112px; image-rendering: pixelated; border: 1px solid var(--line); }
.wrong { color: var(--wrong); } .right { color: var(--right); } .quiet { color: var(--quiet); }
)css";

/// A page of sections that needs no other file and no script.
class html_page {
public:
    explicit html_page(std::string_view title) {
        const std::string name = html_escaped(title);
        text_ =
            concat({"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                    name, "</title>\n<style>", report_style, "</style>\n</head>\n<body>\n<h1>", name, "</h1>\n"});
    }

    /// A part of the page, with a sentence below its heading.
    void section(std::string_view heading, std::string_view sentence, std::string_view style, std::string_view html) {
        text_ += concat({"<section>\n<h2>", heading, "</h2>\n"});
        if (!sentence.empty()) text_ += concat({"<p class=\"quiet\">", sentence, "</p>\n"});
        text_ += concat({"<div class=\"", style, "\">\n", html, "</div>\n</section>\n"});
    }

    std::string text() const { return text_ + "</body>\n</html>\n"; }

private:
    std::string text_;
};

}  // namespace detail
}  // namespace STRATA_ISA
}  // namespace strata::authoring
