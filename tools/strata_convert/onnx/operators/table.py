"""How operators of ONNX are written down: a function for each, from values to values."""
import math
from dataclasses import dataclass, replace
from typing import Callable, Dict, List, Optional, Sequence, Union

import numpy as np

from strata_convert.onnx.layers import Tensors
from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.onnx.file import MOST_CELLS, Op
from strata_convert.onnx.folding import whole_numbers
from strata_convert.onnx.values import Builder, Value

Operand = Union[Value, np.ndarray, None]


@dataclass(frozen=True)
class Call:
    """An operator with its inputs: values that the network computes, constants, or None."""

    op: Op
    inputs: Sequence[Operand]
    builder: Builder
    opset: int
    used: Callable[[str], int]  # how many read a value of the graph

    @property
    def x(self) -> Value:
        """The first input. Throws ConvertError where it is a constant."""
        return self.value(0)

    def operand(self, index: int) -> Operand:
        """An input, None where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def value(self, index: int) -> Value:
        """An input that the network computes. Throws ConvertError."""
        found = self.operand(index)
        if not isinstance(found, Value):
            raise ConvertError(f"its input number {index + 1} is not computed from the input of the network.")
        return found

    def constant(self, index: int, what: str) -> np.ndarray:
        """A constant. Throws ConvertError."""
        found = self.operand(index)
        if not isinstance(found, np.ndarray):
            raise ConvertError(f"its {what} is no constant of the file.")
        if found.size > MOST_CELLS:  # one that is repeated
            raise ConvertError(f"its {what} of shape {found.shape} is too large.")
        return found

    def optional(self, index: int, what: str) -> Optional[np.ndarray]:
        """A constant, or None where it is left out. Throws ConvertError."""
        return None if self.operand(index) is None else self.constant(index, what)

    def number(self, index: int, name: str, default: float) -> float:
        """A number that is an input, or in older opsets an attribute."""
        found = self.optional(index, name)
        if found is None:
            return float(self.op.get(name, default))
        if found.size != 1:
            raise ConvertError(f"its {name} is not one number.")
        return exact(found.reshape(-1)[0])

    def whole_numbers(self, index: int, name: str) -> Optional[List[int]]:
        """Whole numbers that are an input, or in older opsets an attribute."""
        found = self.optional(index, name)
        return whole_numbers(self.op, [None] * index + [found], index, name)

    def refuse(self, *names: str, **others: object) -> None:
        """Throws ConvertError where these attributes are set, or those by name to something else."""
        for name in names:
            if self.op.get(name) is not None:
                raise ConvertError(f"{name} is not in strata.")
        for name, expected in others.items():
            if self.op.get(name, expected) != expected:
                raise ConvertError(f"{name}={self.op.get(name)} is not in strata.")

    def node(self, name: str, *arguments: object) -> Node:
        """A type with brackets that says which operator it came from."""
        return Node(name, tuple(a for a in arguments if a is not None), str(self.op))  # type: ignore[misc]

    def plain(self, name: str) -> Node:
        """A type without brackets."""
        return Node(name, None, str(self.op))

    def like(self, made: Node, value: Optional[Value] = None, tensors: Optional[Tensors] = None) -> Value:
        """A layer that works cell by cell, on the input or on another value. A value that is merely seen in another
        shape than its layer's stays so."""
        return self.builder.like(self.x if value is None else value, made, tensors)


Function = Callable[[Call], object]
OPERATORS: Dict[str, Function] = {}


def operator(names: str) -> Callable[[Function], Function]:
    """Says which operators a function reads. It returns a value, or as many as there are outputs."""
    def add(function: Function) -> Function:
        for name in names.split():
            OPERATORS[name] = function
        return function
    return add


def exact(value: object) -> float:
    """A number for a type's text: the shortest that is this float, or a whole one."""
    single = np.float32(value)  # type: ignore[arg-type]
    return float(str(single)) if float(single) == float(value) else float(value)  # type: ignore[arg-type]


def number(value: float) -> Union[int, float]:
    """As an argument of a type: 2, not 2.0."""
    return int(value) if math.isfinite(value) and value == int(value) and abs(value) < 2**31 else value


def extents_option(name: str, extents: Sequence[int], default: Optional[int] = None) -> Optional[Node]:
    """Kernel<3>, or Kernel<3, 5>; nothing for the default."""
    numbers = tuple(extents[:1]) if len(set(extents)) == 1 else tuple(extents)
    return None if numbers == (default,) else Node(name, numbers)


def with_shape(value: Value, shape: Sequence[int], axes: Sequence[Sequence[int]], layer: object) -> Value:
    """A value of a new layer."""
    return replace(value, layer=layer, shape=tuple(shape), axes=tuple(tuple(run) for run in axes))
