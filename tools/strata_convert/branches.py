"""From calls of layers, as other libraries list them, to strata's types: chains, Residual, Add and Concatenate of
branches. Readers of graphs share this."""
from dataclasses import dataclass
from typing import Dict, List, Sequence, Set, Tuple

from strata_convert.errors import ConvertError, quoted
from strata_convert.graph import MERGES
from strata_convert.layers import Shape
from strata_convert.network import Node


@dataclass
class Call:
    """A layer that makes the value `output` of other values. Calls stand in an order in which they can be computed."""

    layer: Node
    inputs: Tuple[int, ...]
    output: int
    name: str  # for messages


class Branches:
    """The network that leads from the value `source` to others."""

    def __init__(self, calls: Sequence[Call], source: int) -> None:
        self.makers: Dict[int, Call] = {call.output: call for call in calls}
        self.source = source
        self.used: Set[int] = set()
        self.above: Dict[int, int] = {}  # the value that all ways from the source to this one go through last
        self.depth: Dict[int, int] = {source: 0}
        for call in calls:
            if any(value not in self.depth for value in call.inputs):
                raise ConvertError(f"The layer {quoted(call.name)} does not follow from the input of the network.")
            meeting = call.inputs[0]
            for value in call.inputs[1:]:
                meeting = self.common(meeting, value)
            self.above[call.output] = meeting
            self.depth[call.output] = self.depth[meeting] + 1

    def common(self, a: int, b: int) -> int:
        """The last value that all ways to both go through."""
        while a != b:
            if self.depth[a] < self.depth[b]:
                a, b = b, a
            a = self.above[a]
        return a

    def chain(self, start: int, end: int) -> List[Node]:
        """The layers from one value to another one, which lies behind it on all ways."""
        layers: List[Node] = []
        while end != start:
            call = self.makers[end]
            if call.output in self.used:
                raise ConvertError(f"The layer {quoted(call.name)} is part of several branches that do not begin "
                                   "behind it: strata's branches begin at one value and meet in one layer.")
            self.used.add(call.output)
            start_of_branches = self.above[end]
            if len(call.inputs) == 1:  # a merge of one value, but for Subtract, which takes two, is that value
                layers += [] if call.layer.name in MERGES and call.layer.name != "Subtract" else [call.layer]
            else:
                ends = [self.chain(start_of_branches, value) for value in call.inputs]
                layers.append(merged(call.layer, ends))
            end = start_of_branches
        return layers[::-1]


def merged(layer: Node, branches: List[List[Node]]) -> Node:
    """A layer that reads the ends of branches."""
    if layer.name not in MERGES:
        if not any(branches) or len(branches) == 1:
            return layer
        return Node("CrossAttention", (layer, *(Node("Branch", tuple(branch)) for branch in branches)), layer.comment)
    lengths = [len(branch) for branch in branches]
    if layer.name == "Add" and len(branches) == 2 and lengths[0] != lengths[1]:
        longer, shorter = sorted(branches, key=len, reverse=True)
        shortcut = (Node("Shortcut", tuple(shorter)),) if shorter else ()
        return Node("Residual", (*longer, *shortcut), layer.comment)
    return Node(layer.name, tuple(Node("Branch", tuple(branch)) for branch in branches), layer.comment)


def network_of(shape: Shape, calls: Sequence[Call], source: int, output: int) -> Node:
    """The Sequential of calls. Throws ConvertError where they are no chains and branches, naming the layer."""
    layers = Branches(calls, source).chain(source, output)
    if not layers:
        raise ConvertError("The model has no layer that computes anything.")
    return Node("Sequential", (Node("Input", tuple(shape)), *layers))
