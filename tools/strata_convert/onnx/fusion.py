"""Writes layers as people write them: an activation as an option of the layer before, KeepDims for a Reshape."""
from collections import Counter
from typing import Dict, Optional

from strata_convert.onnx.layers import Layer, in_order
from strata_convert.errors import ConvertError
from strata_convert.layers import ACTIVATIONS, class_name
from strata_convert.network import Node
from strata_convert.onnx.backwards import bidirectional, in_order_backwards
from strata_convert.onnx.operators.arithmetic import WITH_BIAS

MOST_BRANCHES = 64
RESHAPES = ("Reshape", "Flatten")


def with_option(layer: Layer, option: Node, after: Layer) -> Layer:
    """A layer with one more option, in place of the one behind it."""
    return Layer(Node(layer.node.name, (*layer.node.args, option), layer.node.comment), layer.inputs, after.shape,
                 layer.tensors)


def joined(layer: Layer, before: Layer) -> Optional[Layer]:
    """One layer for two; None where these stay two."""
    name = class_name(layer.node)
    if name in ACTIVATIONS - {"GLU"} and class_name(before.node) in WITH_BIAS:
        options = {class_name(option) for option in before.node.types()}
        if options & ACTIVATIONS:
            return None
        return with_option(before, Node(layer.node.name, layer.node.arguments), layer)
    if before.node.name.startswith("Global") and layer.node.name == "Reshape":
        ones = len(layer.shape) - 1
        if ones == int(before.node.name[-2]) and layer.shape[:-1] == (1,) * ones and len(before.shape) == 1:
            return with_option(before, Node("KeepDims"), layer)
    return None


def is_sum_of_sum(layer: Layer, first: Layer) -> bool:
    """Whether two merges are one of more branches, which are merged in the same order."""
    return layer.node.name in ("Add", "Multiply", "Maximum", "Minimum") and first.node.name == layer.node.name


def last_step(layer: Layer, cut: Layer) -> Optional[Layer]:
    """A recurrent layer without ReturnSequences, for one whose results but for the last are left out."""
    if cut.node.name != "Cropping1D" or not cut.inputs[0].inputs:
        return None
    before = cut.inputs[0]
    options = {option.name for option in before.node.types()}
    if before.node.name not in ("LSTM", "GRU", "SimpleRNN") or "ReturnSequences" not in options:
        return None
    if cut.node.args != (before.shape[0] - 1, 0) or layer.shape != before.shape[1:]:
        return None
    kept = tuple(a for a in before.node.args if a != Node("ReturnSequences"))
    return Layer(Node(before.node.name, kept, before.node.comment), before.inputs, layer.shape, before.tensors)


def fused(output: Layer) -> Layer:
    """The same graph with joined layers. A layer that others read, too, stays as it is."""
    order = in_order(output)
    readers = Counter(id(read) for layer in order for read in layer.inputs)
    new: Dict[Layer, Layer] = {}
    alone: Dict[Layer, bool] = {}  # whether a new layer is the only one that reads what it reads
    for layer in order:
        if not layer.inputs:
            new[layer] = layer
            continue
        inputs = [new[read] for read in layer.inputs]
        is_alone = len(inputs) == 1 and readers[id(layer.inputs[0])] == 1
        is_reshape = layer.node.name in RESHAPES
        if is_reshape and inputs[0].node.name in RESHAPES:
            is_alone = is_alone and alone[inputs[0]]
            inputs = inputs[0].inputs
        while is_sum_of_sum(layer, inputs[0]) and readers[id(layer.inputs[0])] == 1 and len(inputs) < MOST_BRANCHES:
            inputs = [*inputs[0].inputs, *inputs[1:]]
        made = joined(layer, inputs[0]) if is_alone else None
        if len(inputs) == 2 and all(readers[id(read)] == 1 for read in layer.inputs):
            made = bidirectional(layer, *inputs)
        if made is None and is_reshape and is_alone and alone.get(inputs[0]):
            made = last_step(layer, inputs[0])
        if made is None and is_reshape and inputs[0].shape == layer.shape:
            made = inputs[0]
        new[layer] = made if made is not None else Layer(layer.node, inputs, layer.shape, layer.tensors)
        alone.setdefault(new[layer], is_alone)
    for layer in in_order(new[output]):
        if in_order_backwards(layer):
            raise ConvertError(f"{layer.node.comment}: the results of all its steps backwards, in the order of its "
                               "input, are not in strata but as half of a Bidirectional.")
    return new[output]
