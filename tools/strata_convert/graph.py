"""From a network to a flat list of steps, as strata makes it: composites are taken apart, layers get their names."""
import re
from dataclasses import dataclass
from typing import Dict, List, Tuple

from strata_convert.errors import ConvertError, listed
from strata_convert.layers import TABLE, Settings, Shape, Shaped, class_name
from strata_convert.layers.table import OPTIONS, WITHOUT_MEANING, require_size
from strata_convert.network import Node, input_and_layers

MERGES = ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Concatenate")
BIDIRECTIONAL_MERGES = {"Concat": "Concatenate", "Sum": "Add", "Mul": "Multiply", "Ave": "Average"}

COMPOSITES = ("Chain", "Branch", "Shortcut", "Frozen", "Residual", "Bidirectional", "TimeDistributed", "CrossAttention")
NAMES = {*COMPOSITES, *MERGES, *BIDIRECTIONAL_MERGES, *OPTIONS}  # besides those of the table


@dataclass(frozen=True)
class Step:
    """A layer, the name that files have it by, and the activations that it reads; 0 is the input of the network, and
    step number i, counted from 1, makes activation i."""

    layer: Node
    name: str
    inputs: Tuple[int, ...]
    settings: Settings
    shaped: Shaped


def snake_case(name: str) -> str:
    """"AveragePooling2D" to "average_pooling2d": Keras' rule for the names of layers."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", name).lower()


def check_names(network: Node) -> None:
    """Throws ConvertError with all names of layers and options in a network that are not known."""
    unknown: List[str] = []

    def visit(tree: Node) -> None:
        name = class_name(tree)
        if name not in TABLE and tree.name not in NAMES and name not in unknown:
            unknown.append(name)
        for part in tree.types() if tree.name != "Connections" else []:
            if not part.name.endswith(WITHOUT_MEANING):
                visit(part)

    for layer in input_and_layers(network)[1]:
        visit(layer)
    if unknown:
        raise ConvertError(f"strata-convert does not know {listed(unknown)} of the network.")


def settings_of(layer: Node) -> Settings:
    """What a layer is given. Throws ConvertError for one that strata does not have."""
    kind = TABLE.get(class_name(layer))
    if kind is None:
        raise ConvertError(f"{layer} is no layer of strata's.")
    return kind.settings(layer)


class Graph:
    """The steps of a network, in order."""

    def __init__(self, network: Node) -> None:
        self.input, layers = input_and_layers(network)
        require_size(self.input)
        check_names(network)
        self.steps: List[Step] = []
        self.counts: Dict[str, int] = {}
        try:
            self.output_at = self.chain(layers, 0)
        except (IndexError, ZeroDivisionError, OverflowError, ValueError):  # numbers or parts that no layer can have
            raise ConvertError("The network has a layer with numbers or parts that it cannot have.") from None

    @property
    def output(self) -> Shape:
        """The shape of the network's output."""
        return self.shape_at(self.output_at)

    def shape_at(self, activation: int) -> Shape:
        """The shape of an activation."""
        return self.input if activation == 0 else self.steps[activation - 1].shaped.output

    def tensors(self) -> Dict[str, Shape]:
        """Names and shapes of all tensors, in the order of files."""
        return {f"{step.name}/{name}": shape for step in self.steps for name, shape in step.shaped.tensors.items()}

    def chain(self, layers: List[Node], at: int) -> int:
        """Appends layers, one after the other; the activation at the end."""
        for layer in layers:
            at = self.append(layer, at)
        return at

    def append(self, layer: Node, at: int) -> int:
        """Appends a layer or a composite that reads an activation; the activation that it makes."""
        name, parts = layer.name, layer.types()
        if name in ("Chain", "Branch", "Shortcut", "Frozen"):
            return self.chain(parts, at)
        if name == "Residual":
            shortcuts = [part for part in parts if part.name == "Shortcut"]
            if len(shortcuts) > 1:
                raise ConvertError("A Residual has one Shortcut at most.")
            inside = Node("Chain", tuple(part for part in parts if part.name != "Shortcut"))
            return self.merge(Node("Add", ()), [inside, shortcuts[0] if shortcuts else Node("Chain", ())], at)
        if name in MERGES:
            return self.merge(Node(name, ()), parts, at)
        if name == "Bidirectional":
            return self.bidirectional(layer, at)
        if name == "CrossAttention":
            return self.merge(parts[0], parts[1:], at)
        return self.add_step(layer, (at,))

    def merge(self, layer: Node, branches: List[Node], at: int) -> int:
        """Appends branches that read the same, and the layer that merges them."""
        if layer.name in MERGES and len(branches) < 2:
            raise ConvertError(f"{layer.name} takes two branches or more.")
        return self.add_step(layer, tuple(self.append(branch, at) for branch in branches))

    def bidirectional(self, layer: Node, at: int) -> int:
        """A layer, the same from the other end, and their merge."""
        parts = layer.types()
        merge = BIDIRECTIONAL_MERGES.get(parts[1].name if len(parts) > 1 else "Concat")
        if not parts or parts[0].name not in ("SimpleRNN", "LSTM", "GRU") or merge is None:
            raise ConvertError(f"{layer} is no layer of strata's.")
        directions = []
        for name, more in (("forward", []), ("backward", [Node("GoBackwardsInOrder")])):
            weights = {key[len(name) + 1:]: values for key, values in layer.weights.items()
                       if key.startswith(name + "/")}
            directions.append(Node(parts[0].name, (*parts[0].args, Node("ZeroOutputForMask"), *more),
                                   weights=weights))
        return self.merge(Node(merge, ()), directions, at)

    def add_step(self, layer: Node, inputs: Tuple[int, ...]) -> int:
        """Appends a layer that is none of others."""
        count = self.counts.get(class_name(layer), 0)
        self.counts[class_name(layer)] = count + 1
        name = snake_case(class_name(layer)) + (f"_{count}" if count else "")
        shapes = tuple(self.shape_at(activation) for activation in inputs)
        inner, outer = (layer.types()[0], shapes[0][:1]) if layer.name == "TimeDistributed" else (layer, ())
        if class_name(inner) == "Embedding" and (inputs != (0,) or inner is not layer):
            raise ConvertError(f"{layer} must be the first layer: it takes indices.")
        settings = settings_of(inner)
        shaped = TABLE[class_name(inner)].rule(settings, tuple(shape[len(outer):] for shape in shapes))
        for shape in ((*outer, *shaped.output), *shaped.tensors.values()):
            require_size(shape)
            if min(shape, default=1) < 1:
                raise ConvertError(f"{layer} makes or has an array of shape {shape}.")
        self.steps.append(Step(layer, name, inputs, settings,
                               Shaped((*outer, *shaped.output), shaped.parameters, shaped.state)))
        return len(self.steps)
