"""Values of a graph as strata has them, and how the axes of the one lie in the other.

A Transpose or Reshape of ONNX changes no cell here, only how they are seen: strata's Permute and Reshape are written
where a layer needs the cells in another order, or in another shape.
"""
import math
from dataclasses import dataclass, replace
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np

from strata_convert.onnx.layers import Layer, Tensors
from strata_convert.errors import ConvertError
from strata_convert.graph import settings_of
from strata_convert.layers import TABLE, Shape, class_name
from strata_convert.network import Node, node
from strata_convert.onnx.file import MOST_CELLS

Axes = Tuple[int, ...]
BATCH: Axes = (-1,)
MIXED = "it mixes samples of the batch; strata computes each by itself."
SYMBOLIC = 2**31 - 1  # the extent of a batch that a file leaves open: a prime, so no product has it by chance


@dataclass(frozen=True, eq=False)
class Value:
    """The cells that a layer makes, seen in a shape of as many cells in the same order, and for each axis of ONNX the
    axes of this shape that it runs over: BATCH, one, several (those that a Reshape made one), or none (extent 1)."""

    layer: Layer
    shape: Shape
    axes: Tuple[Axes, ...]
    batch: int

    @property
    def rank(self) -> int:
        """How many axes it has in ONNX."""
        return len(self.axes)

    def extent(self, axis: int) -> int:
        """The extent of an axis of ONNX."""
        return self.batch if self.axes[axis] == BATCH else math.prod(self.shape[k] for k in self.axes[axis])

    @property
    def extents(self) -> Shape:
        """The shape in ONNX."""
        return tuple(self.extent(axis) for axis in range(self.rank))

    @property
    def batch_axis(self) -> int:
        """Which axis of ONNX is the batch."""
        return self.axes.index(BATCH)

    def axis(self, number: int) -> int:
        """An axis that may be counted from the end. Throws ConvertError."""
        if not -self.rank <= number < self.rank:
            raise ConvertError(f"its input has {self.rank} axes, none of number {number}.")
        return number % self.rank

    def others(self, *without: int) -> List[int]:
        """The axes of ONNX but for the batch and these, in the order of the cells."""
        axes = [k for k, run in enumerate(self.axes) if run != BATCH and k not in without]
        return sorted(axes, key=lambda k: min(self.axes[k], default=-1))

    def in_order(self, axis: int) -> np.ndarray:
        """For each cell along an axis of ONNX, in the order of strata, its number in ONNX."""
        run = self.axes[axis]
        numbers = np.arange(self.extent(axis)).reshape([self.shape[k] for k in run])
        return numbers.transpose(np.argsort(run)).reshape(-1) if run else np.zeros(1, int)


def seen_axes(axes: Sequence[Axes], numbers: Dict[int, Axes]) -> Tuple[Axes, ...]:
    """Axes after those of the shape got other numbers."""
    return tuple(run if run == BATCH else tuple(new for k in run for new in numbers[k]) for run in axes)


def split(value: Value, axis: int, extents: Sequence[int]) -> Value:
    """Sees one axis of the shape as several."""
    numbers: Dict[int, Axes] = {}
    for k in range(len(value.shape)):
        first = k if k <= axis else k + len(extents) - 1
        numbers[k] = tuple(range(first, first + len(extents))) if k == axis else (first,)
    shape = (*value.shape[:axis], *extents, *value.shape[axis + 1:])
    return replace(value, shape=shape, axes=seen_axes(value.axes, numbers))


class Builder:
    """Makes layers. The same layer on the same value is made once."""

    def __init__(self) -> None:
        self.made: Dict[Tuple[Layer, Node], Layer] = {}

    def layer(self, made: Node, inputs: List[Layer], tensors: Optional[Tensors] = None,
              shape: Optional[Shape] = None) -> Layer:
        """A layer. Its shape follows from its inputs, but for a Bidirectional. Throws ConvertError."""
        if shape is None:
            shape = TABLE[class_name(made)].rule(settings_of(made), tuple(read.shape for read in inputs)).output
        if math.prod(shape) > MOST_CELLS or min(shape, default=1) < 1:
            raise ConvertError(f"a layer of shape {shape} is not possible here.")
        if tensors or len(inputs) != 1:
            return Layer(made, inputs, shape, tensors or {})
        return self.made.setdefault((inputs[0], made), Layer(made, inputs, shape))

    def shaped(self, layer: Layer, shape: Shape) -> Layer:
        """The same cells in another shape."""
        if layer.shape == shape:
            return layer
        return self.layer(Node("Flatten") if len(shape) == 1 else node("Reshape", *shape), [layer])

    def placed(self, value: Value, groups: Sequence[Sequence[int]]) -> Value:
        """The cells in the order of these groups of axes of ONNX, each of which becomes one axis of the layer's shape.
        The result is seen with all of their axes."""
        runs = [[k for axis in group for k in value.axes[axis]] for group in groups]
        return self.placed_runs(value, runs)

    def placed_runs(self, value: Value, runs: Sequence[Sequence[int]]) -> Value:
        """The same with the axes of the shape."""
        order = [k for run in runs for k in run]
        order += [k for k in range(len(value.shape)) if k not in order and value.shape[k] == 1]
        if sorted(order) != list(range(len(value.shape))):
            raise ConvertError("its cells cannot be put in the order that it asks for.")
        cells = [k for k in order if value.shape[k] != 1]
        layer = value.layer
        if cells != sorted(cells):
            layer = self.shaped(layer, value.shape)
            layer = self.layer(node("Permute", *(k + 1 for k in order)), [layer])
        layer = self.shaped(layer, tuple(math.prod(value.shape[k] for k in run) for run in runs) or (1,))
        numbers = {k: (place,) for place, k in enumerate(order)}
        return Value(layer, tuple(value.shape[k] for k in order), seen_axes(value.axes, numbers), value.batch)

    def features_last(self, value: Value, axis: int) -> Value:
        """The cells with an axis of ONNX as the last one of the layer's shape, in whatever order (see in_order)."""
        others = value.others(axis)
        runs = [list(value.axes[k]) for k in others if value.axes[k]]
        return self.placed_runs(value, [*runs, sorted(value.axes[axis])])

    def like(self, value: Value, made: Node, tensors: Optional[Tensors] = None) -> Value:
        """A layer that changes no shape, on a placed value."""
        return replace(value, layer=self.layer(made, [value.layer], tensors))


def reshaped(builder: Builder, value: Value, target: Sequence[int]) -> Value:
    """A value in another shape of ONNX, without -1. Throws ConvertError where the batch would not stay an axis."""
    if math.prod(target) != math.prod(value.extents) or min(target, default=1) < 1:
        raise ConvertError(f"its input of shape {value.extents} cannot become one of shape {tuple(target)}.")
    at = place = 0  # the axes before `at` are those of the target already, for whatever is seen otherwise behind them
    while at < value.rank and place < len(target):
        first, begin = at, place
        source, wanted, at, place = value.extent(at), target[place], at + 1, place + 1
        while source != wanted:  # until some axes hold as many cells as some extents
            if source < wanted:
                source, at = source * value.extent(at), at + 1
            else:
                wanted, place = wanted * target[place], place + 1
        group, extents = list(range(first, at)), target[begin:place]
        if any(value.axes[k] == BATCH for k in group):
            if math.prod(value.extent(k) for k in group if value.axes[k] != BATCH) != 1 or value.batch not in extents:
                raise ConvertError(MIXED)
            runs = [BATCH if k == list(extents).index(value.batch) else () for k in range(place - begin)]
        else:
            value, runs = divided(builder, value, group, extents)
        value = replace(value, axes=(*value.axes[:first], *runs, *value.axes[at:]))
        at = first + len(runs)
    if BATCH not in value.axes[:at]:
        raise ConvertError(MIXED)
    return replace(value, axes=(*value.axes[:at], *((),) * (len(target) - place)))  # what is left has the extent 1


def divided(builder: Builder, value: Value, group: List[int], extents: Sequence[int]) -> Tuple[Value, List[Axes]]:
    """The value, seen so that a group of its axes can be axes of these extents, and what these run over."""
    for _ in range(len(extents) + len(value.shape) + 1):
        run = [k for axis in group for k in value.axes[axis] if value.shape[k] != 1]
        parts: List[Axes] = []
        for extent in extents:
            part: List[int] = []
            while run and math.prod(value.shape[k] for k in part) < extent:
                part.append(run.pop(0))
            size = math.prod(value.shape[k] for k in part)
            if size != extent:
                before = math.prod(value.shape[k] for k in part[:-1])
                if part and extent % before == 0 and value.shape[part[-1]] % (extent // before) == 0:
                    needed = extent // before
                    value = split(value, part[-1], (needed, value.shape[part[-1]] // needed))
                else:  # the cells do not lie so: put them in the order of ONNX
                    others = [[k] for k in value.others(*group) if value.axes[k]]
                    value = one_axis(builder.placed(value, [*others, group]), group)
                break
            parts.append(tuple(part))
        else:
            return value, parts
    raise ConvertError("its input cannot be divided so.")


def one_axis(value: Value, group: List[int]) -> Value:
    """Sees a group of axes, which lie behind all others, as one, which is that of its first axis."""
    runs = [k for axis in group for k in value.axes[axis]]
    first = min(runs)
    assert sorted(runs) == runs and first + len(runs) <= len(value.shape)
    shape = (*value.shape[:first], math.prod(value.shape[first:]))
    axes = list(value.axes)
    for axis in group:
        axes[axis] = ()
    axes[group[0]] = (first,)
    return replace(value, shape=shape, axes=tuple(axes))
