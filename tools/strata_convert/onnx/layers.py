"""Layers of strata in a graph, before they become a type."""
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Dict, List, Tuple

import numpy as np

from strata_convert.branches import Call, network_of
from strata_convert.errors import ConvertError
from strata_convert.layers import Shape
from strata_convert.model import Model
from strata_convert.network import Node

Tensors = Dict[str, np.ndarray]
LAYOUT = ("Reshape", "Flatten", "Permute", "Cropping1D")


@dataclass(eq=False)
class Layer:
    """A layer, what it reads and makes, and its tensors. Without inputs it is the input of the network."""

    node: Node
    inputs: List["Layer"]
    shape: Shape
    tensors: Tensors = field(default_factory=dict)


def in_order(output: Layer) -> List[Layer]:
    """All layers that an output depends on, each behind those that it reads."""
    order: List[Layer] = []
    seen = set()
    stack: List[Tuple[Layer, bool]] = [(output, False)]
    while stack:
        layer, is_done = stack.pop()
        if is_done:
            order.append(layer)
        elif id(layer) not in seen:
            seen.add(id(layer))
            stack.append((layer, True))
            stack += [(read, False) for read in reversed(layer.inputs)]
    return order


def apart(output: Layer) -> Layer:
    """The same graph where each reader of a layer that changes nothing but the layout has one of its own."""
    order = in_order(output)
    new: Dict[Layer, Layer] = {}

    def own(layer: Layer) -> Layer:
        if layer.node.name not in LAYOUT or not layer.inputs:
            return new[layer]
        return Layer(layer.node, [own(layer.inputs[0])], layer.shape)

    for layer in order:
        new[layer] = Layer(layer.node, [own(read) for read in layer.inputs], layer.shape,
                           layer.tensors) if layer.inputs else layer
    return new[output]


def model_of(output: Layer) -> Model:
    """The network that ends in a layer. Throws ConvertError where it cannot be written as nested types."""
    try:
        return nested(output)
    except ConvertError:
        shared = Counter(id(read) for layer in in_order(output) for read in layer.inputs)
        if not any(shared[id(layer)] > 1 and layer.node.name in LAYOUT for layer in in_order(output)):
            raise
    return nested(apart(output))


def nested(output: Layer) -> Model:
    """The same, with each layer written once."""
    order = in_order(output)
    place = {layer: number for number, layer in enumerate(order)}
    calls = [Call(replace(layer.node, weights=layer.tensors), tuple(place[read] for read in layer.inputs), place[layer],
                  layer.node.comment or str(layer.node)) for layer in order if layer.inputs]
    return Model.of(network_of(order[0].shape, calls, 0, place[output]))
