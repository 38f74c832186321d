"""How PyTorch's functions become layers: the table that the other modules of this package fill."""
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Sequence, Tuple

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.torch.values import Plan, Value


@dataclass
class Applied:
    """A function with its arguments: values, tensors, numbers and texts. What was not given has PyTorch's default."""

    name: str
    plan: Plan
    batch: int
    arguments: Dict[str, Any] = field(default_factory=dict)

    def get(self, key: str, default: Any = None) -> Any:
        """An argument."""
        return self.arguments.get(key, default)

    @property
    def x(self) -> Value:
        """The value that most functions read."""
        return self.value("input" if "input" in self.arguments else "self")

    def value(self, key: str) -> Value:
        """An argument that is a value."""
        found = self.arguments.get(key)
        if not isinstance(found, Value):
            raise ConvertError(f"its {key} is no value that comes from the model's input.")
        return found

    def tensors(self, **names: str) -> Dict[str, np.ndarray]:
        """Arguments that are tensors of the model, under other names; those that are None are left out."""
        found = {new: self.arguments.get(old) for new, old in names.items()}
        for new, tensor in found.items():
            if tensor is not None and not isinstance(tensor, np.ndarray):
                raise ConvertError(f"its {new} is computed, not a tensor of the model (weight_norm and other "
                                   "parametrizations: remove them first).")
        return {new: tensor for new, tensor in found.items() if tensor is not None}

    def extents(self, key: str, axes: int, default: Any) -> Tuple[int, ...]:
        """A number for each axis."""
        found = self.get(key, default)
        numbers = tuple(found) if isinstance(found, (list, tuple)) else (found,)
        numbers = numbers * axes if len(numbers) == 1 else numbers
        if len(numbers) != axes or not all(type(n) is int for n in numbers):
            raise ConvertError(f"its {key} is {found}, {axes} numbers expected.")
        return numbers

    def refuse(self, key: str, default: Any, because: str) -> None:
        """Throws ConvertError unless an argument has its default."""
        if self.get(key, default) != default:
            raise ConvertError(because)

    def in_inference(self, key: str) -> None:
        """Throws ConvertError for a model that was exported while it trained."""
        self.refuse(key, False, "the model was exported in training mode: call model.eval() first.")


Function = Callable[[Applied], Any]
FUNCTIONS: Dict[str, Function] = {}


def makes(names: str) -> Callable[[Function], Function]:
    """Says which of PyTorch's functions, without the names of overloads, a function here turns into layers."""
    def add(function: Function) -> Function:
        for name in names.split():
            FUNCTIONS[name] = function
        return function

    return add


def option(name: str, numbers: Sequence[int], default: Sequence[int] = ()) -> Any:
    """An option with a number for each axis, or one where all are the same; None where it is the default."""
    if tuple(numbers) == tuple(default):
        return None
    return Node(name, tuple(numbers[:1] if len(set(numbers)) == 1 else numbers))


def number(value: float) -> Any:
    """A real number for a type: whole ones without a point."""
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)


def padding_layer(axes: int, sides: Sequence[Tuple[int, int]]) -> Node:
    """Zeros before and behind each axis."""
    return around(f"ZeroPadding{axes}D", sides)


def around(name: str, sides: Sequence[Tuple[int, int]]) -> Node:
    """ZeroPadding or Cropping with as few numbers as say it."""
    if len(set(sides)) == 1 and sides[0][0] == sides[0][1]:
        return Node(name, (sides[0][0],))
    if len(sides) == 2 and all(before == behind for before, behind in sides):
        return Node(name, (sides[0][0], sides[1][0]))
    return Node(name, tuple(n for side in sides for n in side))


def padded(plan: Plan, x: Value, sides: Sequence[Tuple[int, int]]) -> Value:
    """Zeros around a value whose channels are last, if there are any."""
    if not any(n for side in sides for n in side):
        return x
    layer = padding_layer(len(sides), sides)
    return plan.add_node(Node(layer.name, layer.arguments, plan.place), [x])


def cropped(plan: Plan, x: Value, sides: Sequence[Tuple[int, int]]) -> Value:
    """A part of a value whose channels are last, if it is not all of it."""
    if not any(n for side in sides for n in side):
        return x
    layer = around(f"Cropping{len(sides)}D", sides)
    return plan.add_node(Node(layer.name, layer.arguments, plan.place), [x])


def windows_before(n: int, window: int, stride: int) -> Tuple[int, int]:
    """How many windows Same has along an axis, and how many cells are missing before it."""
    outputs = -(-n // stride)
    return outputs, max((outputs - 1) * stride + window - n, 0) // 2


def is_same(extents: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: Sequence[int]) -> bool:
    """Whether this padding, the same before and behind, is Keras' Same: as many windows, at the same places."""
    wanted = [((n + 2 * p - k) // s + 1, p) for n, k, s, p in zip(extents, window, strides, padding)]
    return wanted == [windows_before(n, k, s) for n, k, s in zip(extents, window, strides)]


def all_of(values: List[Any]) -> List[Value]:
    """Values, all of which come from the model's input."""
    if not values or not all(isinstance(value, Value) for value in values):
        raise ConvertError("one of its inputs does not come from the model's input.")
    return values
