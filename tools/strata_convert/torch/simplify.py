"""Makes a network that was put together from PyTorch's functions readable: the layers that people would have written.

Each rule replaces neighbours in a chain by fewer layers that compute the same.
"""
from dataclasses import replace
from typing import Any, List, Optional, Tuple

from strata_convert.graph import MERGES, settings_of
from strata_convert.layers import ACTIVATIONS, class_name
from strata_convert.network import Node

RECURRENT = ("SimpleRNN", "LSTM", "GRU")
WITH_ACTIVATION = ("Dense", "Conv1D", "Conv2D", "DepthwiseConv2D", "Conv1DTranspose", "Conv2DTranspose")
COMPOSITES = ("Sequential", "Chain", "Branch", "Shortcut", "Residual", *MERGES)


def without(layer: Node, *names: str, more: Tuple[Any, ...] = ()) -> Node:
    """A layer without some options, and with others."""
    kept = tuple(a for a in layer.args if not (isinstance(a, Node) and a.name in names))
    return replace(layer, arguments=(*kept, *more))


def has(layer: Node, name: str) -> bool:
    """Whether a layer is given an option."""
    return any(option.name == name for option in layer.types())


def last_step(a: Node, b: Node, c: Node) -> Optional[Node]:
    """The last row of all states: the layer without ReturnSequences."""
    if a.name not in RECURRENT or not has(a, "ReturnSequences") or (b.name, c.name) != ("Cropping1D", "Flatten"):
        return None
    before, behind = b.args if len(b.args) == 2 else (1, 1)  # one number: as much on both sides
    if has(a, "GoBackwardsInOrder"):
        swap = ("ReturnSequences", "GoBackwardsInOrder")
        return without(a, *swap, more=(Node("GoBackwards"),)) if before == 0 else None
    return without(a, "ReturnSequences") if behind == 0 else None


def causal(a: Node, b: Node, c: Optional[Node]) -> Optional[Node]:
    """Zeros before the steps, or on both sides and a Cropping of what is too much."""
    if a.name != "ZeroPadding1D" or b.name != "Conv1D":
        return None
    s = settings_of(b)
    missing = (s.extents("kernel", 1)[0] - 1) * s.extents("dilation", 1)[0]
    if s.extents("strides", 1) != (1,) or not s.has("Valid") or missing == 0:
        return None
    cut = c is not None and c.name == "Cropping1D"
    expected = (missing,) if cut else (missing, 0)
    if a.args != expected or (cut and c is not None and c.args != (0, missing)):
        return None
    return replace(b, arguments=(*b.args, Node("Causal")))


def pair(a: Node, b: Node) -> Optional[Node]:
    """Two neighbours that one layer stands for."""
    if a.name in WITH_ACTIVATION and class_name(b) in ACTIVATIONS - {"Linear", "GLU"} \
            and class_name(settings_of(a).activation) == "Linear":
        return replace(a, arguments=(*a.args, Node(b.name, b.arguments)))
    if a.name.startswith("Global") and b.name == "Reshape" and b.args[:-1] == (1,) * int(a.name[-2]):
        return replace(a, arguments=(Node("KeepDims"),))
    return None


def both_directions(merge: Node) -> Node:
    """Concatenate of a layer and the same from the other end: Bidirectional."""
    branches = merge.types()
    if merge.name != "Concatenate" or len(branches) != 2 or any(len(branch.args) != 1 for branch in branches):
        return merge
    forward, backward = branches[0].types()[0], branches[1].types()[0]
    if forward.name not in RECURRENT or has(forward, "GoBackwards") or has(forward, "GoBackwardsInOrder"):
        return merge
    direction = "GoBackwardsInOrder" if has(forward, "ReturnSequences") else "GoBackwards"
    if not has(backward, direction) or str(without(backward, direction)) != str(forward):
        return merge
    weights = {f"{side}/{name}": values for side, layer in (("forward", forward), ("backward", backward))
               for name, values in layer.weights.items()}
    return Node("Bidirectional", (replace(forward, comment="", weights={}),), forward.comment, weights)


def chain(layers: List[Node]) -> List[Node]:
    """Layers, as few as there need be."""
    result: List[Node] = []
    for layer in layers:
        result.append(both_directions(simplified(layer)))
        while True:
            shorter = shortened(result)
            if shorter is None:
                break
            result = shorter
    return result


def shortened(layers: List[Node]) -> Optional[List[Node]]:
    """The layers with their end replaced by fewer ones, if it can be."""
    if len(layers) >= 3:
        three = last_step(*layers[-3:]) or causal(*layers[-3:])
        if three is not None:
            return [*layers[:-3], three]
    if len(layers) >= 2:
        two = pair(*layers[-2:]) or (None if waits(layers) else causal(layers[-2], layers[-1], None))
        if two is not None:
            return [*layers[:-2], two]
    return None


def waits(layers: List[Node]) -> bool:
    """Whether zeros stand on both sides, so that a Cropping may follow."""
    return len(layers[-2].args) != 2


def simplified(layer: Node) -> Node:
    """A composite with simpler parts; other layers as they are."""
    if layer.name not in COMPOSITES or not layer.types():
        return layer
    if layer.name in MERGES:
        return replace(layer, arguments=tuple(simplified(part) for part in layer.types()))
    shortcut = [simplified(part) for part in layer.types() if part.name == "Shortcut"]
    inside = chain([part for part in layer.types() if part.name not in ("Shortcut", "Input")])
    first = [part for part in layer.types() if part.name == "Input"]
    return replace(layer, arguments=(*first, *inside, *shortcut))
