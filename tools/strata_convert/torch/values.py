"""Where the axes of PyTorch's values are in strata's, and the layers that are made on the way.

PyTorch has channels first, strata last. A value remembers for each of PyTorch's axes which of strata's axes it is, so
that most transposes and the order of channels cost nothing; a layer that moves cells is made only where one is needed.
"""
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from strata_convert import branches
from strata_convert.errors import ConvertError, Problems
from strata_convert.graph import settings_of
from strata_convert.layers import TABLE, Shape, class_name
from strata_convert.network import Node

BATCH = -1
NEW = -2  # an axis of extent one that PyTorch has and strata does not


@dataclass(frozen=True)
class Value:
    """Value number `at` of strata's, which has a shape; for each of PyTorch's axes the number of strata's axis. Of a
    flattened value, cell i of strata's is cell rows[i] of PyTorch's, and `back` are the layers that change that."""

    at: int
    shape: Shape
    axes: Tuple[int, ...]
    rows: Optional[np.ndarray] = field(default=None, compare=False)
    back: Tuple[Node, ...] = ()

    def extents(self, batch: int) -> Tuple[int, ...]:
        """Its shape in PyTorch."""
        return tuple(batch if axis == BATCH else 1 if axis == NEW else self.shape[axis] for axis in self.axes)

    def axis(self, number: int) -> int:
        """The number of one of PyTorch's axes, which may be counted from the end."""
        if not -len(self.axes) <= number < len(self.axes):
            raise ConvertError(f"an axis {number} of {len(self.axes)}.")
        return number % len(self.axes)

    def is_last(self, number: int) -> bool:
        """Whether one of PyTorch's axes is strata's last one."""
        return self.axes[self.axis(number)] == len(self.shape) - 1

    def others(self) -> List[int]:
        """PyTorch's axes, but for the batch."""
        return [i for i, axis in enumerate(self.axes) if axis != BATCH]


class Plan:
    """The layers, as calls on numbered values."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.calls: List[branches.Call] = []
        self.whole_numbers = False  # whether the input is indices, bytes and the like
        self.place = ""  # where in the model the next layers come from

    def add(self, name: str, inputs: Sequence[Value], *arguments: Any, weights: Optional[Dict[str, np.ndarray]] = None,
            brackets: bool = True) -> Value:
        """A layer on values; its result has the axes of the first one. Options are nodes, or names of such."""
        nodes = tuple(Node(a) if isinstance(a, str) else a for a in arguments if a is not None)
        return self.add_node(Node(name, nodes if nodes or brackets else None, self.place, weights or {}), inputs)

    def add_node(self, layer: Node, inputs: Sequence[Value]) -> Value:
        """A layer on values. Throws ConvertError where it does not take them, or its weights have other shapes."""
        shaped = TABLE[class_name(layer)].rule(settings_of(layer), tuple(value.shape for value in inputs))
        found = {key: np.shape(values) for key, values in layer.weights.items()}
        if found != shaped.tensors:
            raise ConvertError(f"its tensors have the shapes {found}, {shaped.tensors} expected.")
        if any(extent < 1 for extent in shaped.output):
            raise ConvertError(f"nothing is left of an input of shape {inputs[0].shape}.")
        self.calls.append(branches.Call(layer, tuple(value.at for value in inputs), len(self.calls) + 1,
                                        self.place or layer.name))
        return replace(inputs[0], at=len(self.calls), shape=shaped.output)

    def network(self, shape: Shape, output: int) -> Node:
        """The type of the network, without layers that nothing reads."""
        wanted, kept = {output}, []
        for call in reversed(self.calls):
            if call.output in wanted:
                wanted.update(call.inputs)
                kept.append(call)
        return branches.network_of(shape, kept[::-1], 0, output)

    def natural(self, value: Value) -> Value:
        """A flattened value in PyTorch's order, by layers that move its cells."""
        if value.rows is None:
            return value
        moved = value
        for layer in value.back:
            moved = self.add_node(layer, [moved])
        return replace(moved, rows=None, back=())

    def arranged(self, value: Value, order: Sequence[int]) -> Value:
        """The value with these of PyTorch's axes, all but the batch, as strata's axes in this order."""
        value = self.natural(value)
        old = [value.axes[i] for i in order if value.axes[i] != NEW]
        moved = value
        if old != sorted(old):
            moved = self.add("Permute", [value], *(axis + 1 for axis in old))
        if len(old) < len(order):
            extents = [1 if value.axes[i] == NEW else value.shape[value.axes[i]] for i in order]
            moved = self.add("Reshape", [moved], *extents)
        axes = tuple(BATCH if axis == BATCH else list(order).index(i) for i, axis in enumerate(value.axes))
        return replace(moved, axes=axes)

    def in_order(self, value: Value) -> Value:
        """The value with strata's axes in PyTorch's order."""
        others = value.others()
        if value.rows is None and [value.axes[i] for i in others] == list(range(len(value.shape))):
            return value
        return self.arranged(value, others)

    def channels_last(self, value: Value, axes: int) -> Value:
        """An image or a sequence of PyTorch, batch x channels x axes, with its channels last."""
        if len(value.axes) != axes + 2 or value.axes[0] != BATCH:
            raise ConvertError(f"it takes batch x channels x {axes} axes here, not an input of {len(value.axes)} axes "
                               "(the batch must be there, and come first).")
        return self.arranged(value, [*range(2, axes + 2), 1])

    def flattened(self, value: Value) -> Value:
        """All cells in a row, in the order that costs nothing."""
        batch_first = (BATCH, 0)
        if value.axes[0] != BATCH:
            raise ConvertError("the batch does not come first where it is flattened.")
        if len(value.shape) == 1:
            return replace(value, axes=batch_first)
        order = [value.axes[i] for i in value.others() if value.axes[i] != NEW]
        extents = [value.shape[axis] for axis in order]
        rows = np.arange(int(np.prod(extents))).reshape(extents).transpose(np.argsort(order)).ravel()
        flat = replace(self.add("Flatten", [value], brackets=False), axes=batch_first)
        if np.array_equal(rows, np.arange(len(rows))):
            return flat
        back = (Node("Reshape", value.shape), Node("Permute", tuple(axis + 1 for axis in order)), Node("Flatten"))
        return replace(flat, rows=rows, back=back)

    def reshaped(self, value: Value, extents: Sequence[int]) -> Value:
        """A value with other extents in PyTorch, without the batch, which comes first."""
        wanted = tuple(extents)
        others = value.others()
        now = tuple(1 if value.axes[i] == NEW else value.shape[value.axes[i]] for i in others)
        if value.axes[0] != BATCH or int(np.prod(wanted)) != int(np.prod(now)):
            raise ConvertError("cells move between samples where it is reshaped.")
        if wanted == now:
            return value
        if len(wanted) == 1:
            return self.flattened(value)
        kept = [value.axes[i] for i in others if value.axes[i] != NEW and value.shape[value.axes[i]] != 1]
        if len(kept) == len(value.shape) and [n for n in wanted if n != 1] == [value.shape[axis] for axis in kept]:
            axes = iter(kept)  # only axes of extent one come or go
            return replace(value, axes=(BATCH, *(NEW if n == 1 else next(axes) for n in wanted)))
        spatial = [value.axes[i] for i in others[1:]]
        if len(wanted) == 2 and len(others) == 3 and wanted[0] == now[0] and spatial == [0, 1] and value.rows is None:
            moved = self.add("Reshape", [value], wanted[1], wanted[0])  # images to sequences: channels stay last
            return replace(moved, axes=(BATCH, 1, 0))
        moved = self.add("Reshape", [self.in_order(value)], *wanted)
        return replace(moved, axes=(BATCH, *range(len(wanted))))
