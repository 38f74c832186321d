#!/usr/bin/env python3
"""Draws what a terminal shows as an SVG: `tmux capture-pane -e -p | tools/terminal_to_svg.py > picture.svg`.

Understands the colours and the bold that the library's programs use. Half blocks become rectangles, so that pictures
have no seams in any font; the rest is text that can be selected.
"""
import re
import sys
from html import escape

CELL_WIDTH, CELL_HEIGHT, MARGIN = 8.4, 17, 14
BACKGROUND, FOREGROUND = "#16181d", "#d6d9df"
BASIC = ["#1d1f21", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d6d9df"]


def palette(index):
    """A colour of the 256-colour palette."""
    if index < 16:
        return BASIC[index % 8]
    if index >= 232:
        return "#" + "%02x" % (8 + 10 * (index - 232)) * 3
    index -= 16
    levels = (index // 36, index // 6 % 6, index % 6)
    return "#" + "".join("%02x" % (55 + 40 * level if level else 0) for level in levels)


def apply(codes, style):
    """The style after an escape sequence's numbers."""
    codes = [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style = {}
        elif code in (1, 2):
            style = {**style, "bold" if code == 1 else "dim": True}
        elif code in (38, 48):
            key = "front" if code == 38 else "back"
            if codes.pop(0) == 5:
                style = {**style, key: palette(codes.pop(0))}
            else:
                style = {**style, key: "#%02x%02x%02x" % tuple(codes[:3])}
                codes = codes[3:]
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style = {**style, "front": BASIC[code % 10]}
        elif code in (39, 49):
            style = {key: value for key, value in style.items() if key != ("front" if code == 39 else "back")}
    return style


def cells(line, style):
    """(character, style) for each cell of a line, and the style that the next line starts with."""
    row = []
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b["):
            style = apply(part[2:-1], style)
        else:
            row += [(character, style) for character in part]
    return row, style


def runs(row, key):
    """Neighbouring cells with equal key: (first column, last + 1, key)."""
    start = 0
    for column in range(1, len(row) + 1):
        if column == len(row) or key(row[column]) != key(row[start]):
            yield start, column, key(row[start])
            start = column


def rectangle(left, right, top, height, colour):
    return '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' % (
        MARGIN + left * CELL_WIDTH, top, (right - left) * CELL_WIDTH, height, colour)


def half_of(cell, key, otherwise):
    return cell[1].get(key, otherwise) if cell[0] == "▀" else None


def draw_line(row, top):
    half = CELL_HEIGHT / 2
    for offset, key in ((0, "front"), (half, "back")):
        for left, right, colour in runs(row, lambda cell: half_of(cell, key, FOREGROUND)):
            if colour:
                yield rectangle(left, right, top + offset, half, colour)
    text = [(" ", {}) if cell[0] == "▀" else cell for cell in row]
    for left, right, style in runs(text, lambda cell: cell[1]):
        words = "".join(character for character, _ in text[left:right])
        if words.strip():
            yield '<text x="%.1f" y="%.1f" textLength="%.1f" fill="%s"%s%s>%s</text>' % (
                MARGIN + left * CELL_WIDTH, top + 0.76 * CELL_HEIGHT, len(words) * CELL_WIDTH,
                style.get("front", FOREGROUND), ' font-weight="bold"' if style.get("bold") else "",
                ' opacity="0.5"' if style.get("dim") else "", escape(words))


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    rows, style = [], {}
    for line in lines:
        row, style = cells(line, style)
        rows.append(row)
    width = max(map(len, rows)) * CELL_WIDTH + 2 * MARGIN
    height = len(rows) * CELL_HEIGHT + 2 * MARGIN
    print('<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" '
          'xml:space="preserve" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" '
          'shape-rendering="crispEdges">'
          % (width, height, width, height))
    print('<rect width="100%%" height="100%%" rx="8" fill="%s"/>' % BACKGROUND)
    for number, row in enumerate(rows):
        for element in draw_line(row, MARGIN + number * CELL_HEIGHT):
            print(element)
    print("</svg>")


main()
