#!/usr/bin/env python3
"""Writes docs/what_converts.md: which layers the tests of files that are exchanged compare with Keras, PyTorch and ONNX
Runtime, in each direction. Reads the lists of models of these tests.

    tools/conversion_table.py           writes the page
    tools/conversion_table.py --check   exits with 1 where the page is not what would be written
"""
import ast
import json
import re
import struct
import sys
from pathlib import Path
from typing import Dict, Iterable, List, Set

import layer_table

ROOT = layer_table.ROOT
PAGE = ROOT / "docs" / "what_converts.md"
TESTS = ROOT / "tests" / "exchange"
COMPOSITES = ("Residual", "Bidirectional", "TimeDistributed", "CrossAttention")
NO_ACTIVATIONS = {"Doubled", "SumOfTwo", *COMPOSITES}
# Layers that Keras does not have, by the groups that they belong to.
MORE = {"Core": ["RBF"], "Pooling": ["Subsampling2D"], "Merging": ["Residual"], "Attention": ["CrossAttention"]}
GROUPS = ("Core", "Convolution", "Pooling", "Recurrent", "Attention", "Normalization", "Regularization", "Reshaping",
          "Merging", "Preprocessing")
HEAD = """\
# What converts

Which layers come over, by the tests: a mark stands where a model with the layer is converted by a test, which compares
its predictions with those of Keras, PyTorch or ONNX Runtime. A layer without a mark is not in such a model: it may be
refused, or convert as well. What is refused, and the settings of each layer, stand in [from_keras.md](from_keras.md),
[from_pytorch.md](from_pytorch.md), [from_onnx.md](from_onnx.md) and [to_onnx.md](to_onnx.md).

"In" is a file that `strata-convert` reads. "Out" is one that it writes for Keras or PyTorch, or that `save_onnx`
writes. [onnx_node_tests.md](onnx_node_tests.md) lists ONNX's own tests of single operators, which are read, too.
`tools/conversion_table.py` writes this page from the lists of the tests in `tests/exchange`.
"""


def constants(path: Path) -> Iterable[str]:
    """The texts in a Python file."""
    return (node.value for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str))


def words(texts: Iterable[str]) -> Set[str]:
    """The names in types of networks."""
    return {word for text in texts if "<" in text or text.isidentifier() for word in re.findall(r"\w+", text)}


def of_keras() -> Set[str]:
    """The layers of convert_models.py, and the activations that it names."""
    tree = ast.parse((TESTS / "convert_models.py").read_text())
    found = {node.attr for node in ast.walk(tree)
             if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "L"}
    named = dict(re.findall(r'"(\w+)": Node\("(\w+)', (ROOT / "tools/strata_convert/keras/config.py").read_text()))
    found |= {named[text] for text in constants(TESTS / "convert_models.py") if text in named}
    return found | ({"Residual"} if "Add" in found else set())


def without_form() -> Set[str]:
    """The layers that ONNX does not have, by its test."""
    tree = ast.parse((TESTS / "onnx_networks.py").read_text())
    return {name for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "WITHOUT_FORM" for name in ast.literal_eval(node.value)}


def network_of(path: Path) -> str:
    """The type in a model file."""
    with path.open("rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        return str(json.loads(file.read(size))["__metadata__"]["network"])


def columns() -> Dict[str, Set[str]]:
    """What each test has. The tests of Keras and PyTorch write all models back that they read."""
    keras = of_keras()
    torch = words(constants(TESTS / "torch_models.py"))
    stored = [network_of(path) for path in sorted((ROOT / "tests/data/exchange/onnx/strata").glob("*.safetensors"))]
    graphs = [text for name in ("onnx_graphs.py", "test_onnx_models.py") for text in constants(TESTS / name)]
    return {"Keras in": keras, "Keras out": keras, "PyTorch in": torch, "PyTorch out": torch,
            "ONNX in": words([*stored, *(text for text in graphs if "Input<" in text)]),
            "ONNX out": words(constants(TESTS / "onnx_networks.py")) - without_form()}


def table(names: Iterable[str], found: Dict[str, Set[str]]) -> List[str]:
    """Rows of some layers."""
    lines = [f"| | {' | '.join(found)} |", "|---" * (len(found) + 1) + "|"]
    return lines + [f"| {name} | {' | '.join('✓' if name in marked else '' for marked in found.values())} |"
                    for name in names]


def page() -> str:
    """The page."""
    known, found = {*layer_table.class_names(), *COMPOSITES}, columns()
    lines = [HEAD]
    for group in GROUPS:
        names = [name for name in layer_table.GROUPS[group].split() if name in known]
        names += MORE.get(group, [])
        lines += [f"## {group}", "", *table(names, found), ""]
        known -= set(names)
    activations = sorted(name for name in known if name not in layer_table.ALL_CLASSES or name in
                         layer_table.GROUPS["Activations"].split())
    lines += ["## Activations", "", *table((name for name in activations if name not in NO_ACTIVATIONS), found), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(layer_table.write_or_check(PAGE, page()))
