"""`strata-convert to-torch`: a model of strata's as a module of PyTorch, in Python, and its state_dict."""
import argparse
import importlib.util
import re
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import numpy as np
import safetensors.numpy

from strata_convert import __version__, model_file
from strata_convert.errors import ConvertError, Problems
from strata_convert.graph import MERGES, Graph, Step, settings_of
from strata_convert.layers import ACTIVATIONS, class_name
from strata_convert.model import Model
from strata_convert.network import Node, input_and_layers
from strata_convert.torch import layouts, written_windows
from strata_convert.torch.written import (HELPERS, WRITERS, Module, State, Writing, activation_code, bidirectional,
                                          merge_helper)

__all__ = ["written_windows"]

HEAD = '''"""{source}, by strata-convert {version}.

Input: {input}; output: {output}.

    module = model()
    module.load_state_dict(safetensors.torch.load_file("{weights}"))
    module.eval()
"""
'''
PASSED_BY_ROWS = ACTIVATIONS - {"GLU"} | {"Dropout", "AlphaDropout", "Rescaling", "BatchNormalization", "PReLU"}


def wants_channels_first(layers: List[Node]) -> bool:
    """Whether a sequence has its channels first in PyTorch: by the first layer that cares."""
    for layer in layers:
        name = class_name(layer)
        if name in (*MERGES, "Residual", "Chain", "Branch", "Shortcut", "Frozen"):
            return wants_channels_first(layer.types())
        if name.startswith(("Conv", "MaxPooling", "AveragePooling", "Global", "ZeroPadding", "Cropping", "UpSampling",
                            "BatchNorm", "GroupNorm", "Spatial")):
            return True
        if name not in PASSED_BY_ROWS:
            return False
    return False


class ModuleWriter:
    """Goes through a network as Graph does, and writes each layer."""

    def __init__(self, model: Model) -> None:
        self.graph = model.check()
        self.steps: Iterator[Step] = iter(self.graph.steps)
        self.tensors = model.tensors
        self.helpers: List[str] = []
        self.problems = Problems()

    def weights(self, step: Step) -> Dict[str, np.ndarray]:
        """A layer's tensors."""
        return {name: self.tensors[f"{step.name}/{name}"] for name in step.shaped.tensors}

    def chain(self, layers: List[Node], state: State, modules: List[Module]) -> State:
        """Layers, one after the other."""
        for at, layer in enumerate(layers):
            state = self.append(layer, state, modules, layers[at + 1:])
        return state

    def append(self, layer: Node, state: State, modules: List[Module], rest: List[Node]) -> State:
        """A layer, or a composite."""
        parts = layer.types()
        if layer.name in ("Chain", "Branch", "Shortcut", "Frozen"):
            return self.chain(parts, state, modules)
        if layer.name == "Residual":
            inside = Node("Chain", tuple(part for part in parts if part.name != "Shortcut"))
            shortcut = [part for part in parts if part.name == "Shortcut"] or [Node("Chain", ())]
            return self.merge("Add", [inside, *shortcut], state, modules)
        if layer.name in MERGES:
            return self.merge(layer.name, parts, state, modules)
        step = next(self.steps)
        writing = Writing(step, self.weights(step), State(step_input(self.graph, step), state.first, state.rows),
                          modules, self.helpers)
        try:
            if layer.name == "Bidirectional":
                backward, merge = next(self.steps), next(self.steps)
                bidirectional(writing, self.weights(backward), merge.layer)
                return State(merge.shaped.output, writing.state.first)
            self.write(writing, rest)
        except ConvertError as error:
            self.problems.add(f"{step.name}: {error}")
        return State(step.shaped.output, writing.state.first, writing.state.rows)

    def write(self, w: Writing, rest: List[Node]) -> None:
        """A layer that is none of others, and its activation."""
        layer = w.step.layer
        if w.step.name and class_name(layer) in ACTIVATIONS:
            w.add(activation_code(w.s, 1 if w.state.first else -1))
            return
        if layer.name not in WRITERS:
            raise ConvertError(f"PyTorch has no module for {layer.name}.")
        if layer.name == "Flatten" and w.state.first and len(w.x) > 1:
            if self.reaches_dense(rest):
                rows = layouts.flattened_rows(w.x)
                w.state.rows = None if np.array_equal(rows, np.arange(len(rows))) else rows
            else:
                w.channels_first(False)
            w.state.first = False
        WRITERS[layer.name](w)
        activation = w.s.options.get("activation")
        if activation is not None and class_name(activation) != "Linear" and "results" not in w.s.options:
            w.add(activation_code(settings_of(activation), 1 if w.state.first else -1))

    @staticmethod
    def reaches_dense(rest: List[Node]) -> bool:
        """Whether a Dense follows, behind layers that take cells in any order."""
        for layer in rest:
            if layer.name == "Dense":
                return True
            if class_name(layer) not in PASSED_BY_ROWS:
                return False
        return False

    def merge(self, name: str, branches: List[Node], state: State, modules: List[Module]) -> State:
        """Branches that read the same."""
        written: List[List[Module]] = []
        states: List[State] = []
        for branch in branches:
            inside: List[Module] = []
            states.append(self.append(branch, state, inside, []))
            written.append(inside)
        if name not in self.helpers:
            self.helpers.append(name)
        step = next(self.steps)
        if len({s.first for s in states if len(s.shape) > 1}) > 1:
            for s, inside in zip(states, written):
                Writing(step, {}, s, inside, self.helpers).channels_first(states[0].first)
        axis = "1, " if states[0].first else "-1, "
        modules.append(Module(f"{name}({axis if name == 'Concatenate' else ''}", {}, written))
        return State(step.shaped.output, states[0].first)


def step_input(graph: Graph, step: Step) -> Tuple[int, ...]:
    """The shape that a layer reads."""
    return graph.shape_at(step.inputs[0])


def lines_of(modules: List[Module], indent: int) -> List[str]:
    """The elements of an nn.Sequential."""
    pad, lines = " " * indent, []
    for module in modules:
        if module.branches is None:
            lines.append(f"{pad}{module.code},")
            continue
        lines.append(f"{pad}{module.code}[")
        for branch in module.branches:
            inside = lines_of(branch, indent + 8)
            lines += [f"{pad}    nn.Sequential(", *inside, f"{pad}    ),"] if inside else [f"{pad}    nn.Identity(),"]
        lines.append(f"{pad}]),")
    return lines


def tensors_of(modules: List[Module], prefix: str = "") -> Dict[str, np.ndarray]:
    """The state_dict of an nn.Sequential."""
    result: Dict[str, np.ndarray] = {}
    for at, module in enumerate(modules):
        result.update({f"{prefix}{at}.{name}": np.ascontiguousarray(values) for name, values in module.tensors.items()})
        for branch, inside in enumerate(module.branches or []):
            result.update(tensors_of(inside, f"{prefix}{at}.{branch}."))
    return result


def shape_text(state: State) -> str:
    """A shape in PyTorch."""
    shape = (state.shape[-1], *state.shape[:-1]) if state.first and len(state.shape) > 1 else state.shape
    return " x ".join(["batch", *map(str, shape)])


def to_torch(model: Model, source: str, weights: str) -> Tuple[str, Dict[str, np.ndarray]]:
    """The Python of a module, and its state_dict. Throws ConvertError with all that PyTorch does not have."""
    shape, layers = input_and_layers(model.network)
    writer = ModuleWriter(model)
    modules: List[Module] = []
    start = State(shape, len(shape) == 3 or (len(shape) == 2 and wants_channels_first(layers)))
    end = writer.chain(layers, State(shape, start.first), modules)
    writer.problems.raise_any(f"{source} cannot be written for PyTorch:")
    helpers = [HELPERS[name] if name in HELPERS else merge_helper(name) for name in writer.helpers]
    body = "\n".join(lines_of(modules, 8))
    torch = "import torch\n" if any("torch." in helper for helper in helpers) else ""
    head = HEAD.format(source=re.sub(r"[^ -~]|[\\\"]", "?", source), version=__version__, input=shape_text(start),
                       output=shape_text(end), weights=weights)
    text = "\n\n\n".join([f"{head}{torch}from torch import nn", *helpers,
                          f"def model():\n    return nn.Sequential(\n{body}\n    )\n"])
    return text, tensors_of(modules)


def main(arguments: List[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="strata-convert to-torch", description="Writes a model of strata's for PyTorch: an nn.Sequential in "
        "Python, and its state_dict as safetensors, and as .pt where PyTorch is installed.")
    parser.add_argument("source", type=Path, metavar="MODEL", help="a model file of strata's, model.safetensors")
    parser.add_argument("-o", dest="folder", type=Path, default=Path("."), metavar="FOLDER",
                        help="where to write torch_model.py and torch_model.safetensors, the current folder by default")
    options = parser.parse_args(arguments)
    if not options.source.is_file():
        raise ConvertError(f"{options.source} does not exist.")
    model, _ = model_file.read(options.source)
    text, tensors = to_torch(model, options.source.name, "torch_model.safetensors")
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConvertError(f"{options.folder} cannot be made: {error.strerror}.") from None
    model_file.write_together({options.folder / "torch_model.safetensors": safetensors.numpy.save(tensors),
                               options.folder / "torch_model.py": text.encode()})
    written = ["torch_model.py", "torch_model.safetensors"]
    if save_pt(tensors, options.folder / "torch_model.pt"):
        written.append("torch_model.pt")
    print(f"{options.folder}: {', '.join(written)}")
    return 0


def save_pt(tensors: Dict[str, np.ndarray], path: Path) -> Optional[Path]:
    """Writes the state_dict with PyTorch, if it is installed."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch  # only here

    torch.save({name: torch.from_numpy(values.copy()) for name, values in tensors.items()}, path)
    return path
