"""A network with its weights: what readers make and writers take."""
from dataclasses import dataclass, field
from typing import Dict, List

import numpy as np

from strata_convert.errors import ConvertError, Problems, quoted
from strata_convert.graph import Graph
from strata_convert.network import Node


@dataclass
class Model:
    """A network, its tensors under strata's names and in strata's layouts (Keras'), and the names of its classes."""

    network: Node
    tensors: Dict[str, np.ndarray]
    class_names: List[str] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)  # what a user should know, besides

    @classmethod
    def of(cls, network: Node) -> "Model":
        """A network whose layers hold their tensors: see Node.weights."""
        return cls(network, {f"{step.name}/{name}": np.asarray(values) for step in Graph(network).steps
                             for name, values in step.layer.weights.items()})

    def check(self) -> Graph:
        """The steps of the network. Throws ConvertError unless it has exactly these tensors."""
        graph = Graph(self.network)
        for name in self.class_names:
            if any("\ud800" <= c <= "\udfff" for c in name):
                raise ConvertError(f"The name {quoted(name)} of a class is no text: it has half of a character.")
        wanted = graph.tensors()
        problems = Problems()
        for name, shape in wanted.items():
            if name not in self.tensors:
                problems.add(f"{name} of shape {shape} is missing.")
            elif self.tensors[name].shape != shape:
                problems.add(f"{name} has the shape {self.tensors[name].shape}, {shape} expected.")
        for name in self.tensors:
            if name not in wanted:
                problems.add(f"{name} belongs to no layer.")
        problems.raise_any(f"The tensors are not those of {self.network}:")
        return graph
