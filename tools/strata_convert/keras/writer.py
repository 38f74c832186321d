"""Writes a network as Keras' `.keras`, which `keras.models.load_model` opens."""
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any, Dict, List, Tuple

import numpy as np

from strata_convert.errors import ConvertError, Problems
from strata_convert.graph import MERGES, Graph, Step, snake_case
from strata_convert.keras.configs import config_of
from strata_convert.keras.onto import is_backward, parts_of
from strata_convert.keras.table import Parts
from strata_convert.layers import Shape, class_name
from strata_convert.layers.windows import connections_of
from strata_convert.model import Model

KERAS_VERSION = "3.0.0"  # the first one of this form
MODES = {"Concatenate": "concat", "Add": "sum", "Multiply": "mul", "Average": "ave"}


def serialized(own: str, config: Dict[str, Any]) -> Dict[str, Any]:
    """A layer as Keras writes it."""
    return {"module": "keras.layers", "class_name": own, "config": config, "registered_name": None}


@dataclass
class Added:
    """A layer of Keras', by its class and name, with the activations that it reads and the places of its weights."""

    own: str
    name: str
    inputs: Tuple[int, ...]
    parts: Parts


class Writer:
    """Collects Keras' layers, and the groups of their weights."""

    def __init__(self, model: Model, graph: Graph) -> None:
        self.model = model
        self.layers: List[Dict[str, Any]] = []
        self.added: Dict[int, Added] = {}
        self.names: Dict[int, Tuple[str, Shape]] = {}  # an activation to the layer that makes it, and its shape
        self.counts: Dict[str, int] = {}
        self.problems = Problems()
        shape = graph.input
        self.names[0] = ("input", shape)
        self.layers.append({**serialized("InputLayer", {"batch_shape": [None, *shape], "dtype": "float32",
                                                        "name": "input"}), "name": "input", "inbound_nodes": []})

    def tensor(self, activation: int) -> Dict[str, Any]:
        """An activation as an argument."""
        name, shape = self.names[activation]
        return {"class_name": "__keras_tensor__",
                "config": {"shape": [None, *shape], "dtype": "float32", "keras_history": [name, 0, 0]}}

    def add(self, own: str, config: Dict[str, Any], inputs: Tuple[int, ...], output: int, shape: Shape,
            parts: Parts, **kwargs: Any) -> None:
        """One more layer, called with its inputs."""
        count = self.counts.get(own, 0)
        self.counts[own] = count + 1
        name = snake_case(own) + (f"_{count}" if count else "")
        tensors = [self.tensor(activation) for activation in inputs]
        alone = own == "MultiHeadAttention" and len(inputs) == 1  # of a sequence to itself
        args = [tensors] if own in MERGES else tensors * 2 if alone else tensors
        self.layers.append({**serialized(own, {**config, "name": name}), "name": name,
                            "inbound_nodes": [{"args": args, "kwargs": kwargs}]})
        self.names[output] = (name, shape)
        self.added[output] = Added(own, name, inputs, parts)

    def in_order(self, output: int) -> List["Added"]:
        """The layers in the order in which Keras counts them: those that are farthest from the output first, and of
        those that are equally far the ones that a walk from the output meets first."""
        depths: Dict[int, int] = {output: 0}
        for activation in sorted(self.added, reverse=True):
            for other in self.added[activation].inputs:
                depths[other] = max(depths.get(other, 0), depths.get(activation, 0) + 1)
        met: List[int] = []
        waiting = [output]
        while waiting:
            activation = waiting.pop()
            if activation in self.added and activation not in met:
                met.append(activation)
                waiting += self.added[activation].inputs[::-1]
        return [self.added[activation] for activation in sorted(met, key=lambda a: (-depths[a], met.index(a)))]

    def places(self, output: int) -> Dict[str, Tuple[str, List[np.ndarray]]]:
        """The groups of weights: their layers' names and arrays."""
        counts: Dict[str, int] = {}
        found: Dict[str, Tuple[str, List[np.ndarray]]] = {}
        for layer in self.in_order(output):
            count = counts.get(layer.own, 0)
            counts[layer.own] = count + 1
            group = snake_case(layer.own) + (f"_{count}" if count else "")
            for path, wanted in layer.parts:
                arrays = [self.model.tensors[tensor] if tensor else np.zeros((), np.int64) for tensor in wanted]
                found["/".join(filter(None, ("layers", group, path, "vars")))] = (layer.name, arrays)
        return found

    def step(self, number: int, step: Step) -> None:
        """The layer of a step."""
        own = class_name(step.layer)
        if connections_of(step.settings):
            self.problems.add(f"Keras' {own} has no {step.settings.options['connections']}.")
        try:
            own, config = config_of(step.layer, step.settings)
        except ConvertError as error:
            self.problems.add(str(error))
            config = {}
        more = {"use_causal_mask": True} if own == "MultiHeadAttention" and step.settings.has("Causal") else {}
        self.add(own, config, step.inputs, number, step.shaped.output, parts_of(step) if step.shaped.tensors else [],
                 **more)

    def bidirectional(self, forward: Step, backward: Step, number: int, merge: Step) -> None:
        """Two steps and their merge as the one layer that they are in Keras."""
        own, config = config_of(forward.layer, forward.settings)
        parts = [(f"{way}_layer/cell", [f"{step.name}/{name}" for name in step.shaped.tensors])
                 for way, step in (("forward", forward), ("backward", backward))]
        inner = serialized(own, {**config, "name": f"forward_{snake_case(own)}"})
        self.add("Bidirectional", {"layer": inner, "merge_mode": MODES[merge.layer.name]}, forward.inputs, number,
                 merge.shaped.output, parts)


def keras_bytes(model: Model) -> bytes:
    """The `.keras` file of a model. Throws ConvertError, with all that Keras does not have at once."""
    try:
        import h5py
    except ImportError:
        raise ConvertError("Keras' files need the package h5py: pip install h5py.") from None
    graph = model.check()
    writer = Writer(model, graph)
    number = 1
    while number <= len(graph.steps):
        if number + 1 < len(graph.steps) and is_backward(graph.steps[number]):
            writer.bidirectional(graph.steps[number - 1], graph.steps[number], number + 2, graph.steps[number + 1])
            number += 3
        else:
            writer.step(number, graph.steps[number - 1])
            number += 1
    writer.problems.raise_any("The network cannot be written for Keras:")
    config = {"module": "keras.src.models.functional", "class_name": "Functional", "registered_name": "Functional",
              "config": {"name": "model", "trainable": True, "layers": writer.layers, "input_layers": [["input", 0, 0]],
                         "output_layers": [[writer.names[graph.output_at][0], 0, 0]]}}
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        for path, (name, arrays) in writer.places(graph.output_at).items():
            group = file.create_group(path)
            group.attrs["name"] = name
            for index, values in enumerate(arrays):
                group[str(index)] = values if values.dtype.kind == "i" else values.astype(np.float32)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in (("metadata.json", json.dumps({"keras_version": KERAS_VERSION})),
                           ("config.json", json.dumps(config)), ("model.weights.h5", weights.getvalue())):
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()
