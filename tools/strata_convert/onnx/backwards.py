"""Recurrent layers that go backwards. ONNX has their results in the order of the input, which in strata only one half
of a Bidirectional has; a layer of its own has them in the order of its steps, the last row of the input first."""
from typing import Optional

from strata_convert.network import Node
from strata_convert.onnx.layers import Layer

IN_ORDER = Node("GoBackwardsInOrder")  # no word of strata's users: it has to be gone in the end
RECURRENT = ("SimpleRNN", "LSTM", "GRU")
MERGES = {"Concatenate": None, "Add": "Sum", "Multiply": "Mul", "Average": "Ave"}


def in_order_backwards(layer: Layer) -> bool:
    """Whether a layer goes backwards and has its results in the order of the input."""
    return layer.node.name in RECURRENT and IN_ORDER in layer.node.types()


def forwards(layer: Layer, direction: str = "") -> Layer:
    """The layer without this order, or with another direction."""
    other = (Node(direction),) if direction else ()
    arguments = tuple(new for a in layer.node.args for new in (other if a == IN_ORDER else (a,)))
    return Layer(Node(layer.node.name, arguments, layer.node.comment), layer.inputs, layer.shape, layer.tensors)


def bidirectional(merge: Layer, first: Layer, second: Layer) -> Optional[Layer]:
    """The Bidirectional of two layers that read the same, the second one backwards, and of their merge."""
    if merge.node.name not in MERGES or not {first.node.name, second.node.name} <= set(RECURRENT):
        return None
    if first.inputs[0] is not second.inputs[0] or "GoBackwards" in str(first.node):
        return None
    backwards = [a for a in second.node.args if a not in (IN_ORDER, Node("GoBackwards"))]
    in_order = in_order_backwards(second) == ("ReturnSequences" in str(first.node))
    if len(backwards) == len(second.node.args) or tuple(backwards) != first.node.args or not in_order:
        return None
    name = MERGES[merge.node.name]
    node = Node("Bidirectional", (Node(first.node.name, first.node.arguments), *([Node(name)] if name else [])),
                first.node.comment)
    tensors = {f"{prefix}/{name}": values for prefix, part in (("forward", first), ("backward", second))
               for name, values in part.tensors.items()}
    return Layer(node, first.inputs, merge.shape, tensors)
