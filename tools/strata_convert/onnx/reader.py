"""Reads ONNX files: `strata-convert model.onnx`."""
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

import numpy as np

from strata_convert.onnx.layers import Layer, model_of
from strata_convert.errors import ConvertError, Problems, quoted
from strata_convert.model import Model
from strata_convert.network import Node, node
from strata_convert.onnx.file import MOST_CELLS, OnnxGraph, Op, open_graph
from strata_convert.onnx.folding import FOLDS, folded
from strata_convert.onnx.fusion import fused
from strata_convert.onnx.operators import OPERATORS, Call, Operand
from strata_convert.onnx.operators.activations import recognized
from strata_convert.onnx.recognize import Found, Recognizer
from strata_convert.onnx.values import BATCH, SYMBOLIC, Axes, Builder, Value
from strata_convert.onnx.whole import without_casts

MOST_INPUTS = 2**22
WITH_CHANNELS = ("Conv ConvTranspose MaxPool AveragePool GlobalMaxPool GlobalAveragePool BatchNormalization Resize "
                 "InstanceNormalization GroupNormalization Upsample DepthToSpace SpaceToDepth").split()

Orders = Dict[str, Tuple[int, ...]]


@dataclass
class Converted:
    """A model, and for each input and output of the graph its axes in the order in which strata has them, without the
    batch. Where there are several, their cells lie one behind the other in one row."""

    model: Model
    inputs: Orders
    outputs: Orders


@dataclass(frozen=True)
class Choice:
    """How the inputs are taken: which axis of each is the batch, and whether channels go last."""

    batch: Dict[str, int]
    channels_last: bool


def fold_constants(graph: OnnxGraph) -> List[Op]:
    """Computes what depends on constants alone; the operators that are left. What cannot be computed is left, too."""
    left = []
    for op in graph.ops:
        if op.kind in FOLDS and all(name in graph.constants or not name for name in op.inputs) and op.outputs:
            try:
                inputs = [graph.constants[name] if name else None for name in op.inputs]
                graph.constants[op.outputs[0]] = folded(op, inputs)
                continue
            except ConvertError:
                pass
        left.append(op)
    return left


class Conversion:
    """One attempt to write a graph as a network."""

    def __init__(self, graph: OnnxGraph, ops: List[Op], found: Dict[str, Found], choice: Choice) -> None:
        self.graph, self.ops, self.found, self.choice = graph, ops, found, choice
        self.problems = Problems()
        self.builder = Builder()
        self.values: Dict[str, Operand] = dict(graph.constants)
        self.broken = set()
        self.uses: Counter = Counter(graph.outputs)
        self.needed = self.needed_ops()

    def reads(self, op: Op) -> List[str]:
        """What an operator reads; one that ends a recognized layer reads what this begins with."""
        found = self.found.get(op.outputs[0]) if op.outputs else None
        return [found.base] if found else [name for name in op.inputs if name]

    def needed_ops(self) -> List[Op]:
        """The operators that outputs depend on, in the order of the graph; counts who reads each value."""
        needed = set(self.graph.outputs)
        ops = []
        for op in reversed(self.ops):
            if needed & set(op.outputs):
                ops.append(op)
                needed.update(self.reads(op))
                self.uses.update(self.reads(op))
        return ops[::-1]

    def take_inputs(self) -> Tuple[Layer, Orders]:
        """The inputs of the graph: one, or several that lie one behind the other in a row."""
        shapes: Dict[str, Tuple[Tuple[int, ...], Tuple[int, ...]]] = {}
        for name, extents in self.graph.inputs.items():
            axes = [k for k in range(len(extents)) if k != self.choice.batch[name]]
            if self.choice.channels_last and len(axes) > 1:
                axes = [*axes[1:], axes[0]]
            known = tuple(extents[k] or 0 for k in axes)
            if min(known, default=1) < 1 or max(known, default=1) >= MOST_CELLS:
                raise ConvertError(f"the input {quoted(name)} has axes without a fixed extent besides the batch.")
            shapes[name] = (tuple(axes), known or (1,))
        sizes = {name: int(np.prod(shape, dtype=object)) for name, (_, shape) in shapes.items()}
        total = sum(sizes.values())
        if total > MOST_INPUTS:
            raise ConvertError(f"the inputs hold {total} numbers, which is too much.")
        root = Layer(Node("Input"), [], next(iter(shapes.values()))[1] if len(shapes) == 1 else (total,))
        at = 0
        for name, (axes, shape) in shapes.items():
            layer = root
            if len(shapes) > 1:
                cut = node("Cropping1D", at, total - at - sizes[name], comment=f"the input {quoted(name)}")
                layer = self.builder.layer(cut, [self.builder.shaped(root, (total, 1))])
                at += sizes[name]
            batch = self.graph.inputs[name][self.choice.batch[name]] or SYMBOLIC
            runs: List[Axes] = [BATCH if k == self.choice.batch[name] else (axes.index(k),)
                                for k in range(len(axes) + 1)]
            self.values[name] = Value(layer, shape, tuple(runs), batch)
        return root, {name: axes for name, (axes, _) in shapes.items()}

    def run(self, op: Op) -> None:
        """Computes the outputs of an operator, or says why not."""
        found = self.found.get(op.outputs[0])
        reads = self.reads(op)
        if any(name in self.broken for name in reads):
            self.broken.update(op.outputs)
            if found is None and op.kind not in OPERATORS and op.kind not in FOLDS:
                self.problems.add(f"{op}: strata has no layer for it.")
            return
        try:
            missing = [name for name in reads if name not in self.values]
            if missing:
                raise ConvertError(f"its input {quoted(missing[0])} comes from nowhere.")
            results = self.results(op, found)
            outputs = results if isinstance(results, list) else [results]
            for name, value in zip(op.outputs, [*outputs, *[None] * len(op.outputs)]):
                if name and value is None and self.uses[name]:
                    raise ConvertError(f"its output {quoted(name)} is not in strata.")
                self.values[name] = value
        except ConvertError as error:
            self.problems.add(f"{op}: {error}")
            self.broken.update(op.outputs)
        except (ValueError, IndexError, TypeError, OverflowError) as error:  # shapes that NumPy refuses
            self.problems.add(f"{op}: its constants do not fit together ({type(error).__name__}).")
            self.broken.update(op.outputs)

    def results(self, op: Op, found: Optional[Found]) -> object:
        """What an operator makes of its inputs. Throws ConvertError."""
        if found is not None:
            call = Call(op, [self.values[found.base]], self.builder, self.graph.opset, self.uses.__getitem__)
            if found.rank not in (None, call.x.rank):
                raise ConvertError("it does not run along the last axis of its input.")
            return recognized(call, replace(found.layer, comment=str(op)))
        inputs = [self.values[name] if name else None for name in op.inputs]
        if inputs and all(isinstance(value, np.ndarray) for value in inputs if value is not None) or not inputs:
            return folded(op, [value for value in inputs if not isinstance(value, Value)])
        if op.kind not in OPERATORS:
            raise ConvertError("strata has no layer for it.")
        return OPERATORS[op.kind](Call(op, inputs, self.builder, self.graph.opset, self.uses.__getitem__))

    def take_outputs(self) -> Tuple[Layer, Orders]:
        """The outputs of the graph: one, or several one behind the other in a row."""
        layers, orders = [], {}
        for name in self.graph.outputs:
            value = self.values.get(name)
            if not isinstance(value, Value):
                raise ConvertError(f"the output {quoted(name)} does not depend on the input.")
            axes = [k for k in range(value.rank) if k != value.batch_axis]
            last = [*axes[1:], *axes[:1]]
            by_cells = [k for k in value.others() if value.axes[k]]
            if self.choice.channels_last and len(axes) > 1 and by_cells == [k for k in last if value.axes[k]]:
                axes = last
            layers.append(self.builder.placed(value, [[k] for k in axes]).layer)
            orders[name] = tuple(axes)
        if len(layers) == 1:
            return layers[0], orders
        rows = [self.builder.shaped(layer, (int(np.prod(layer.shape)),)) for layer in layers]
        return self.builder.layer(node("Concatenate"), rows), orders

    def convert(self) -> Converted:
        """The network. Throws ConvertError with all that stands in its way."""
        root, inputs = self.take_inputs()
        for op in self.needed:
            self.run(op)
        self.problems.raise_any("The graph cannot be written as a network of strata's:")
        output, outputs = self.take_outputs()
        output = fused(output)
        if output is root:
            output = self.builder.layer(Node("Linear"), [root])
        return Converted(model_of(output), inputs, outputs)


def choices(graph: OnnxGraph, ops: Sequence[Op]) -> List[Choice]:
    """The ways to take the inputs that are worth an attempt. The batch is the only axis without a fixed extent, or the
    first one, or the second one of what a recurrent layer reads with steps first."""
    steps_first = {op.inputs[0] for op in ops
                   if op.kind in ("RNN", "LSTM", "GRU") and op.inputs and not op.get("layout")}
    batch: Dict[str, int] = {}
    for name, extents in graph.inputs.items():
        if not extents:
            raise ConvertError(f"The input {quoted(name)} has no batch: it is one number.")
        free = [k for k, extent in enumerate(extents) if extent is None]
        batch[name] = free[0] if len(free) == 1 else 1 if name in steps_first and len(extents) == 3 else 0
    has_channels = any(op.kind in WITH_CHANNELS for op in ops)
    return [Choice(batch, channels_last) for channels_last in ((False, True) if has_channels else (False,))]


def cost(model: Model) -> Tuple[int, int]:
    """How many Permutes a network has, and how long it is."""
    text = str(model.network)
    return text.count("Permute<"), text.count(",") + text.count("<")


def convert(graph: OnnxGraph) -> Converted:
    """The network of a graph, in that layout which needs the fewest layers. Throws ConvertError."""
    ops = without_casts(graph, fold_constants(graph))
    if not graph.inputs or not graph.outputs:
        raise ConvertError("The graph has no input or no output.")
    recognizer = Recognizer(ops, graph.constants)
    found = {op.outputs[0]: layer for op in ops if op.outputs for layer in [recognizer.find(op)] if layer is not None}
    best: Optional[Converted] = None
    errors: List[ConvertError] = []
    for choice in choices(graph, ops):
        try:
            converted = Conversion(graph, ops, found, choice).convert()
        except ConvertError as error:
            errors.append(error)
            continue
        if best is None or cost(converted.model) < cost(best.model):
            best = converted
    if best is None:
        raise min(errors, key=lambda error: len(error.sentences))
    best.model.notes += notes(graph, best)
    return best


def notes(graph: OnnxGraph, converted: Converted) -> List[str]:
    """What is different for users: inputs and outputs with channels last, several of them in one row."""
    lines = []
    for what, orders in (("input", converted.inputs), ("output", converted.outputs)):
        for name, order in orders.items():
            batch = next(k for k in range(len(order) + 1) if k not in order)
            if (batch, *order) != tuple(range(len(order) + 1)):
                lines.append(f"the {what} {quoted(name)} has the graph's axes {[batch, *order]} in this order, the "
                             "batch first.")
        if len(orders) > 1:
            lines.append(f"the {what}s {', '.join(quoted(name) for name in orders)} lie one behind the other in a row.")
    return lines


def recognizes(path: Path) -> bool:
    """Whether a file is named as ONNX files are."""
    return path.suffix == ".onnx" and path.is_file()


def read(path: Path, onto: Optional[str] = None) -> Model:
    """The model of a file. Throws ConvertError."""
    if onto is not None:
        raise ConvertError("An ONNX file says itself what its network is: leave out --onto.")
    return convert(open_graph(path)).model
