"""The tensors of a state_dict onto the layers of a given type: in order, with kinds and shapes checked."""
import itertools
import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

import numpy as np

from strata_convert.errors import ConvertError, Problems, quoted
from strata_convert.graph import Graph, Step
from strata_convert.layers import class_name
from strata_convert.layers.windows import connections_of
from strata_convert.model import Model
from strata_convert.network import Node
from strata_convert.torch import layouts
from strata_convert.torch.layouts import Arrays, Layout

BIAS = ("bias",)
OF_NORMALIZATION = ("weight", "bias")
OF_RECURRENT = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
OF_ATTENTION = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
# The epsilon that PyTorch's layers have by default, which their weights do not tell.
EPSILONS = {"BatchNormalization": 1e-5, "LayerNormalization": 1e-5, "GroupNormalization": 1e-5,
            "RMSNormalization": 1.1920928955078125e-07}


@dataclass
class Module:
    """A module of a state_dict: its name, and its tensors by their own names."""

    name: str
    tensors: Arrays

    def __str__(self) -> str:
        return f"{quoted(self.name)} with {', '.join(f'{k} {v.shape}' for k, v in self.tensors.items())}"


def modules_of(tensors: Dict[str, np.ndarray]) -> List[Module]:
    """The tensors by module; a recurrent one is a module for each layer and direction."""
    found: Dict[str, Module] = {}
    for key, values in tensors.items():
        module, _, name = key.rpartition(".")
        outer, _, inner = module.rpartition(".")
        if inner == "out_proj" and f"{outer}.in_proj_weight".lstrip(".") in tensors:
            module, name = outer, f"out_proj.{name}"
        match = re.fullmatch(r"(weight|bias)_(ih|hh|hr)(_l\d+(?:_reverse)?)", name)
        if match:
            module, name = f"{module}{match.group(3)}", f"{match.group(1)}_{match.group(2)}"
        found.setdefault(module, Module(module, {})).tensors[name] = values
    return list(found.values())


def layout_of(step: Step, channels: int) -> Optional[Tuple[Layout, Tuple[str, ...]]]:
    """How a layer's tensors are converted, and what PyTorch calls them. None for a layer that PyTorch does not have."""
    name = class_name(step.layer)
    axes = int(name[4]) if name.startswith("Conv") and name[4].isdigit() else 0
    if name == "Dense":
        return layouts.DENSE, ("weight", "bias")
    if name in ("Conv1D", "Conv2D"):
        return None if connections_of(step.settings) else (layouts.CONVOLUTION[axes], ("weight", "bias"))
    if name in ("Conv1DTranspose", "Conv2DTranspose"):
        return layouts.TRANSPOSED[axes], ("weight", "bias")
    if name == "DepthwiseConv2D":
        return layouts.depthwise(channels), ("weight", "bias")
    if name == "BatchNormalization":
        return layouts.BATCH_NORMALIZATION, ("weight", "bias", "running_mean", "running_var")
    if name in ("LayerNormalization", "GroupNormalization"):
        return layouts.NORMALIZATION, OF_NORMALIZATION
    if name == "RMSNormalization":
        return layouts.RMS_NORMALIZATION, ("weight",)
    if name == "Embedding":
        return layouts.EMBEDDING, ("weight",)
    if name in layouts.GATES:
        return layouts.recurrent(name), OF_RECURRENT
    if name == "MultiHeadAttention":
        return layouts.attention(step.settings["heads"]), OF_ATTENTION
    return None


@dataclass(frozen=True)
class Order:
    """What is known of the cells of an activation in PyTorch: whether channels come first, and for flattened ones the
    cell of PyTorch's for each of strata's."""

    channels_first: Optional[bool]
    rows: Optional[np.ndarray] = None
    unknown: str = ""  # a layer after which neither is known


CHANNELS_FIRST = ("Conv", "Depthwise", "Separable", "MaxPooling", "AveragePooling", "UpSampling", "BatchNorm",
                  "GroupNorm", "SpatialDropout")
SEQUENCES = ("SimpleRNN", "LSTM", "GRU", "Embedding", "MultiHeadAttention", "Permute", "TimeDistributed")


def order_after(step: Step, before: List[Order], shapes: List[Tuple[int, ...]]) -> Order:
    """The order of what a layer makes."""
    name, first, shape = class_name(step.layer), before[0], shapes[0]
    if name == "Flatten":
        if first.channels_first and len(shape) > 1:
            rows = layouts.flattened_rows(shape)
            return Order(None, None if np.array_equal(rows, np.arange(len(rows))) else rows)
        return first
    if name in ("Reshape", "RepeatVector") and len(step.shaped.output) > 1:
        return Order(False, None, str(step.layer))
    if name == "Dense" and len(step.shaped.output) == 1:
        return Order(None)
    if name == "Concatenate" and len(shape) == 1:
        if all(order.rows is None for order in before):
            return first
        starts = np.cumsum([0, *(s[-1] for s in shapes)])
        return Order(None, np.concatenate([start + (np.arange(s[-1]) if order.rows is None else order.rows)
                                           for start, s, order in zip(starts, shapes, before)]))
    if name in SEQUENCES:
        return Order(False)
    if name in ("LayerNormalization", "RMSNormalization") and len(shape) == 2 and first.channels_first is None:
        return Order(False)
    of_windows = name.startswith(CHANNELS_FIRST) and len(shape) > 1
    if of_windows and not first.channels_first:
        return Order(True, None, first.unknown)
    return first


class Matching:
    """Gives each layer with tensors the next module."""

    def __init__(self, graph: Graph, modules: List[Module], problems: Problems) -> None:
        self.graph = graph
        self.modules = modules
        self.problems = problems
        self.tensors: Arrays = {}
        self.pairs: List[str] = []
        self.notes: List[str] = []
        self.orders = [Order(True if len(graph.input) == 3 else None)]

    def run(self) -> None:
        """All layers, and what is left."""
        for step in self.graph.steps:
            shapes = [self.graph.shape_at(at) for at in step.inputs]
            orders = [self.orders[at] for at in step.inputs]
            if class_name(step.layer) == "Flatten" and orders[0].channels_first is None and len(shapes[0]) == 2:
                self.notes.append(f"{step.name} was taken to flatten steps x channels in PyTorch, too: channels x "
                                  "steps would be another order of numbers.")
            if step.shaped.tensors:
                self.match(step, shapes[0], orders[0])
            self.orders.append(order_after(step, orders, shapes))
        for module in self.modules:
            self.problems.add(f"no layer is left for {module}.")

    def match(self, step: Step, shape: Tuple[int, ...], order: Order) -> None:
        """The tensors of one layer."""
        if layout_of(step, shape[-1]) is None and class_name(step.layer) != "PReLU":
            self.problems.add(f"{step.name}: {class_name(step.layer)} has no counterpart among PyTorch's modules.")
            return
        if not self.modules:
            self.problems.add(f"{step.name}: no tensors are left for it.")
            return
        module = self.modules.pop(0)
        self.pairs.append(f"{module.name} to {step.name}")
        arrays = converted(step, module, shape, order)
        if arrays is None:
            self.problems.add(f"{step.name} of the shapes {step.shaped.tensors} cannot take {module}.")
            return
        if order.unknown and class_name(step.layer).startswith(("Conv", "Depthwise")):
            self.problems.add(f"{step.name}: behind {order.unknown} it is not known how PyTorch's cells lie: say it "
                              "with Reshape<channels, rows, columns>, Permute<2, 3, 1>.")
        self.tensors.update({f"{step.name}/{name}": values for name, values in arrays.items()})


def converted(step: Step, module: Module, shape: Tuple[int, ...], order: Order) -> Optional[Arrays]:
    """A module's tensors under strata's names and in strata's layouts; None where they do not fit the layer."""
    found = layout_of(step, shape[-1])
    layout, names = found if found is not None else (layouts.with_names({"weight": "alpha"}), ("weight",))
    if not set(module.tensors) <= set(names):
        return None
    try:
        arrays = layout.read(module.tensors)
        if found is None:
            arrays = {"alpha": arrays["alpha"].reshape(step.shaped.tensors["alpha"])}
    except (KeyError, ValueError, IndexError):
        return None
    if {name: values.shape for name, values in arrays.items()} != step.shaped.tensors:
        return None
    if order.rows is None:
        return arrays
    if class_name(step.layer) == "Dense":
        return {**arrays, "kernel": arrays["kernel"][order.rows]}
    return {name: values[order.rows] for name, values in arrays.items()}


def by_fit(graph: Graph, modules: List[Module]) -> List[Module]:
    """The modules in the order of the layers, if each layer has exactly one that it can take; else as they are."""
    fitting = [[module for module in modules if converted(step, module, graph.shape_at(step.inputs[0]), Order(None))]
               for step in graph.steps if step.shaped.tensors]
    first = [found[0] for found in fitting if len(found) == 1]
    alone = len(first) == len(fitting) == len(modules) and len({module.name for module in first}) == len(first)
    return first if alone else modules


def epsilons(graph: Graph) -> List[str]:
    """What a user should look at: weights do not tell the epsilon of a normalization."""
    notes = []
    for step in graph.steps:
        usual = EPSILONS.get(class_name(step.layer))
        given = step.settings.real("epsilon") if usual is not None else None
        if given != usual:
            notes.append(f"{step.name} has the epsilon {given!r}, PyTorch's default is {usual!r}: weights do not tell "
                         f"it; write Epsilon<{usual!r}> if the model has that.")
    return notes


def named_in_order(one: Module, other: Module) -> bool:
    """Whether names tell which of two modules comes first: where they part, both have the number of an nn.Sequential,
    or they are layers and directions of one recurrent module."""
    names = [re.sub(r"_l\d+(_reverse)?$", "", module.name) if "weight_ih" in module.tensors else module.name
             for module in (one, other)]
    if names[0] == names[1]:
        return True
    parting = next((pair for pair in zip(names[0].split("."), names[1].split(".")) if pair[0] != pair[1]), ("", ""))
    return all(part.isdecimal() for part in parting)


def check_order(graph: Graph, modules: List[Module], source: str) -> None:
    """Throws ConvertError where two modules fit one layer, and their names do not tell which of them it has."""
    fitting = {tuple(m.name for m in modules if converted(step, m, graph.shape_at(step.inputs[0]), Order(None))): step
               for step in graph.steps if step.shaped.tensors}
    by_name = {module.name: module for module in modules}
    for names, step in fitting.items():
        for one, other in itertools.combinations(names, 2):
            if not named_in_order(by_name[one], by_name[other]):
                raise ConvertError(f"{source} keeps no order of its tensors, and both {quoted(one)} and "
                                   f"{quoted(other)} fit {step.name}: give a .pt file, which keeps the order, or a "
                                   ".pt2 file.")


def model_of(tensors: Dict[str, np.ndarray], network: Node, source: str, sorted_names: bool) -> Model:
    """The model. Throws ConvertError."""
    graph, problems = Graph(network), Problems()
    modules = modules_of(tensors)
    matching = Matching(graph, list(by_fit(graph, modules) if sorted_names else modules), problems)
    matching.run()
    hint = " (a safetensors file keeps no order, its names were sorted; a .pt file keeps it)" if sorted_names else ""
    problems.raise_any(f"{source} does not fit {network}{hint}:")
    if sorted_names:
        check_order(graph, modules, source)
    notes = [f"the tensors of {source}, in order: {', '.join(matching.pairs)}.", *matching.notes, *epsilons(graph)]
    return Model(network, matching.tensors, [], notes)
