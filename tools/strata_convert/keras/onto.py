"""Weights alone, `.weights.h5`, onto a network that the user names."""
from typing import Dict, List, Optional, Tuple

import numpy as np

from strata_convert.errors import ConvertError, Problems, listed
from strata_convert.graph import Graph, Step, snake_case
from strata_convert.keras import hdf5
from strata_convert.keras.archive import Source
from strata_convert.keras.models import Slot
from strata_convert.keras.stores import Groups, Legacy
from strata_convert.keras.table import Parts
from strata_convert.layers import class_name
from strata_convert.model import Model
from strata_convert.network import Node


def parts_of(step: Step) -> Parts:
    """Where a layer of strata's has its weights in a file of Keras', with the names that they have here."""
    inner = step.layer.types()[0] if step.layer.name == "TimeDistributed" else step.layer
    names = [f"{step.name}/{name}" for name in step.shaped.tensors]
    parts: Parts = [("", names)]
    if inner.name in ("SimpleRNN", "LSTM", "GRU"):
        parts = [("cell", names)]
    elif inner.name == "Normalization":
        parts = [("", [*names, ""])]
    elif inner.name == "MultiHeadAttention":
        parts = [(f"{path}_dense", [name for name in names if f"/{own}/" in name])
                 for path, own in (("query", "query"), ("key", "key"), ("value", "value"),
                                   ("output", "attention_output"))]
    if step.layer.name == "TimeDistributed":
        return [(f"layer/{path}" if path else "layer", found) for path, found in parts]
    return parts


def is_backward(step: Step) -> bool:
    """Whether a layer is the second half of a Bidirectional."""
    return "direction" in step.settings.options and step.settings.has("GoBackwardsInOrder")


def layers_of(graph: Graph) -> List[Tuple[str, Parts]]:
    """Keras' class of each layer, in order, with the places of its weights."""
    found: List[Tuple[str, Parts]] = []
    for step in graph.steps:
        if is_backward(step):
            forward, names = found.pop(-1)[1][0], [f"{step.name}/{name}" for name in step.shaped.tensors]
            found.append(("Bidirectional", [("forward_layer/cell", forward[1]), ("backward_layer/cell", names)]))
        else:
            found.append((class_name(step.layer), parts_of(step) if step.shaped.tensors else []))
    return found


def slots_of(graph: Graph, order: Optional[List[str]]) -> Dict[str, Slot]:
    """The place of each layer with weights: Keras counts the layers of each class."""
    counts: Dict[str, int] = {}
    slots: Dict[str, Slot] = {}
    waiting = list(order or [])
    for own, parts in layers_of(graph):
        count = counts.get(own, 0)
        counts[own] = count + 1
        path = f"layers/{snake_case(own)}" + (f"_{count}" if count else "")
        if parts:
            top = waiting.pop(0) if waiting else ""
            slots[path] = Slot(path, top, path, parts, True)
    if order is not None and len(order) != len(slots):
        raise ConvertError(f"The file has weights of {len(order)} layers, and the network {len(slots)} layers with "
                           "some (of a model in a model? save the whole model as .keras).")
    return slots


def has_branches(network: Node) -> bool:
    """Whether two branches of a network have weights, so that the order of their layers is Keras' own choice."""
    for part in network.types():
        with_layers = [branch for branch in part.types() if branch.types()]
        if part.name in ("Add", "Concatenate", "Average", "Multiply", "Maximum", "Minimum", "Subtract"):
            if len(with_layers) > 1:
                return True
        if part.name == "Residual" and any(branch.name == "Shortcut" for branch in with_layers):
            return True
        if has_branches(part):
            return True
    return False


def fill(network: Node, source: Source) -> Model:
    """The network with the weights of a file. Throws ConvertError unless each array finds its layer."""
    graph = Graph(network)
    if has_branches(network):
        raise ConvertError("The network has branches with layers, whose order in a file of weights alone is not known: "
                           "save the whole model as .keras.")
    order = None
    if isinstance(source.store, Legacy):
        group = source.store.group
        order = [name for name in source.layer_names or []
                 if hdf5.names(hdf5.child(group, name) or group, "weight_names")]
    slots = slots_of(graph, order)
    problems = Problems()
    weights = source.store.fill(slots, problems)
    if isinstance(source.store, Groups):
        left = [path for path in source.store.layers() if path not in slots]
        if left:
            problems.add(f"The file has weights of layers that the network does not have: {listed(left)} (models in "
                         "models? save the whole model as .keras).")
    problems.raise_any("The weights are not those of the network:")
    tensors: Dict[str, np.ndarray] = {}
    for found in weights.values():
        tensors.update(found)
    return Model(network, tensors)
