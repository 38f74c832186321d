"""The bars of the comparison, as an SVG."""
from html import escape

from networks import NETWORKS
from report_summary import OWN, case_text, summarize
from report_tables import time_text

PANEL, LABEL, BAR, GAP, ROW, HEAD = 470, 160, 190, 30, 19, 52
OWN_COLOUR, OTHER_COLOUR, TEXT, FAINT = "#d9480f", "#8aa0b8", "#1c2530", "#5b6775"


def text(x, y, words, size=12, colour=TEXT, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{escape(words)}</text>')


def bar(x, y, title, result, own, slowest):
    """A bar as long as the median, a line from the least to the most (or out of the panel), the time and the ratio to
    strata's."""
    scale = BAR / slowest
    middle = y + ROW / 2
    colour, weight = (OWN_COLOUR, "bold") if title == OWN else (OTHER_COLOUR, "normal")
    words = time_text(result.median)
    if own and title != OWN:
        words += f" · {result.median / own.median:.1f}×"
    end = x + LABEL + min(1.1 * BAR, scale * max(result.seconds))
    least = x + LABEL + scale * min(result.seconds)
    return [text(x + LABEL - 8, middle + 4, title, anchor="end", weight=weight),
            f'<rect x="{x + LABEL}" y="{y + 3}" width="{max(1, scale * result.median):.1f}" height="{ROW - 6}" '
            f'fill="{colour}"/>',
            f'<path d="M{least:.1f} {middle}H{end:.1f}" stroke="{TEXT}" stroke-width="1" opacity="0.55"/>',
            text(end + 6, middle + 4, words, colour=TEXT if title == OWN else FAINT, weight=weight)]


def panel(x, y, case, results):
    slowest = max(result.median for result in results.values())
    parts = [text(x + LABEL, y - 8, case_text(case), 13, weight="bold")]
    for row, (title, result) in enumerate(results.items()):
        parts += bar(x, y + row * ROW, title, result, results.get(OWN), slowest)
    return parts


def svg(report):
    """A column for each network, in it a panel for each case; shorter is faster."""
    cases = summarize(report["runs"])
    networks = [network for network in NETWORKS if any(case[0] == network for case in cases)]
    parts, bottom = [], 0
    for column, network in enumerate(networks):
        x, y = 20 + column * PANEL, 114
        parts.append(text(x + LABEL, 74, NETWORKS[network].title, 16, weight="bold"))
        for case, results in cases.items():
            if case[0] == network:
                parts += panel(x, y, case, results)
                y += len(results) * ROW + HEAD
        bottom = max(bottom, y)
    width, height = 20 + PANEL * max(1, len(networks)), bottom - GAP + 10
    about = " · ".join(report["about"][name].split(";")[0] for name in ("machine", "date") if name in report["about"])
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="Helvetica, Arial, sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        text(20, 26, "Time, median of the rounds: shorter is faster", 14, weight="bold"),
        text(20, 42, about, 11, FAINT), *parts, "</svg>"]) + "\n"
