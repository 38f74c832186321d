"""Writes model.hpp: the type of a network, for people."""
import re
import textwrap
from typing import List

from strata_convert.model import Model
from strata_convert.network import Node, argument_text, input_and_layers

HEAD = """\
#pragma once

#include <strata/io/checkpoint.hpp>
#include <strata/strata.hpp>

/// {source}, by strata-convert {version}. Input: {shape}.{notes}
///
///     {name} model;
///     model.load("model.safetensors");
///     const auto y = model.predict(x);
using {name} = strata::Sequential<
"""
BLOCKS = ("Chain", "Branch", "Shortcut", "Residual", "Frozen", "Add", "Average", "Maximum", "Minimum", "Multiply",
          "Subtract", "Concatenate", "CrossAttention")


def type_text(tree: Node) -> str:
    """A type with the names of namespaces."""
    name = f"strata::{tree.name}"
    if tree.arguments is None:
        return name
    return f"{name}<{', '.join(type_text(a) if isinstance(a, Node) else argument_text(a) for a in tree.args)}>"


def lines_of(tree: Node, indent: int, end: str) -> List[str]:
    """A layer on a line, with a comment that says where it came from; the parts of a block on lines of their own."""
    pad = " " * indent
    comment = re.sub(r"[^ -~]|\\$", "?", tree.comment)
    if tree.name in BLOCKS and tree.types():
        lines = [f"{pad}strata::{tree.name}<" + (f"  // {comment}" if comment else "")]
        parts = tree.types()
        for part in parts:
            lines += lines_of(part, indent + 4, "," if part is not parts[-1] else ">" + end)
        return lines
    line = f"{pad}{type_text(tree)}{end}"
    return [f"{line}  // {comment}" if comment else line]


def comment_lines(note: str) -> List[str]:
    """A sentence as lines of a comment."""
    text = re.sub(r"[^ -~]|\\", "?", note[:1].upper() + note[1:])
    return textwrap.wrap(text, 120, initial_indent="/// ", subsequent_indent="/// ", break_on_hyphens=False)


def header(model: Model, source: str, version: str, name: str = "Model") -> str:
    """The text of model.hpp."""
    shape, layers = input_and_layers(model.network)
    notes = "".join("\n" + line for note in model.notes for line in comment_lines(note))
    head = HEAD.format(notes=notes, source=re.sub(r"[^ -~]|\\", "?", source), version=version, name=name,
                       shape=" x ".join(str(extent) for extent in shape))
    parts = [Node("Input", shape), *layers]
    lines: List[str] = []
    for part in parts:
        lines += lines_of(part, 4, "," if part is not parts[-1] else ">;")
    return head + "\n".join(lines) + "\n"
