"""Finds layers that exporters wrote with several operators, a GELU with Erf for example.

What the operators compute from one value is evaluated, and compared with what strata's layers make of the same numbers:
so it does not matter in which of many ways an exporter wrote a function.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Callable, Dict, List, Optional, Set

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.graph import Graph
from strata_convert.layers import ACTIVATIONS
from strata_convert.network import Node, node, parse
from strata_convert.onnx.file import Op
from strata_convert.onnx.folding import whole_numbers
from strata_convert.onnx.operators.table import exact, number
from strata_convert.reference import activations, evaluate

LAST_OPS = ("Mul", "Add", "Div", "Sub", "Where", "Min", "Max", "Neg", "Log")
MOST_BEHIND = 16
MOST_TRIED = 2_000
SMALLEST, UNBOUNDED = 0.03, 1e30  # constants of an activation that the numbers tried do not tell from 0, and from none
OF_ROWS = ("Softmax", "LogSoftmax")
NORMALIZATIONS = ("LayerNormalization", "RMSNormalization")
BY_NAME = sorted(ACTIVATIONS - {"GLU", "Linear", "Sparsemax", *OF_ROWS})


def hard_sigmoid(op: Op, x: List[Any]) -> Any:
    """min(max(alpha x + beta, 0), 1)."""
    return np.clip(op.get("alpha", 0.2) * x[0] + op.get("beta", 0.5), 0, 1)


def clip(op: Op, x: List[Any]) -> Any:
    """Bounds that are inputs, attributes, or left out."""
    bounds = [x[k] if k < len(x) and x[k] is not None else op.get(name) for k, name in ((1, "min"), (2, "max"))]
    return np.clip(x[0], -np.inf if bounds[0] is None else bounds[0], np.inf if bounds[1] is None else bounds[1])


ELEMENTWISE: Dict[str, Callable[[Op, List[Any]], Any]] = {
    "Identity": lambda op, x: x[0],
    "Add": lambda op, x: x[0] + x[1],
    "Sub": lambda op, x: x[0] - x[1],
    "Mul": lambda op, x: x[0] * x[1],
    "Div": lambda op, x: x[0] / x[1],
    "Pow": lambda op, x: x[0] ** x[1],
    "Neg": lambda op, x: -x[0],
    "Abs": lambda op, x: np.abs(x[0]),
    "Sqrt": lambda op, x: np.sqrt(x[0]),
    "Reciprocal": lambda op, x: 1 / x[0],
    "Exp": lambda op, x: np.exp(x[0]),
    "Log": lambda op, x: np.log(x[0]),
    "Tanh": lambda op, x: np.tanh(x[0]),
    "Erf": lambda op, x: activations.erf(x[0]).astype(np.float64),
    "Sigmoid": lambda op, x: activations.sigmoid(x[0]),
    "Softplus": lambda op, x: activations.softplus(x[0]),
    "Relu": lambda op, x: np.maximum(x[0], 0),
    "LeakyRelu": lambda op, x: np.where(x[0] > 0, x[0], op.get("alpha", 0.01) * x[0]),
    "HardSigmoid": hard_sigmoid,
    "Clip": clip,
    "Min": lambda op, x: np.minimum(x[0], x[1]),
    "Max": lambda op, x: np.maximum(x[0], x[1]),
    "Where": lambda op, x: np.where(x[0], x[1], x[2]),
    "Greater": lambda op, x: x[0] > x[1],
    "GreaterOrEqual": lambda op, x: x[0] >= x[1],
    "Less": lambda op, x: x[0] < x[1],
    "LessOrEqual": lambda op, x: x[0] <= x[1],
}
REDUCTIONS: Dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "ReduceMean": lambda x: x.mean(-1, keepdims=True),
    "ReduceSum": lambda x: x.sum(-1, keepdims=True),
    "ReduceMax": lambda x: x.max(-1, keepdims=True),
    "ReduceSumSquare": lambda x: (x * x).sum(-1, keepdims=True),
    "ReduceL2": lambda x: np.sqrt((x * x).sum(-1, keepdims=True)),
}


@dataclass(frozen=True)
class Found:
    """A layer that stands for the operators between two values; of a function along the last axis the number of axes
    that its operators were written for, where they tell."""

    base: str
    layer: Node
    rank: Optional[int]


class Unknown(Exception):
    """Something that depends on another value, or an operator without an entry above."""


class Recognizer:
    """Looks for layers in the operators of a graph."""

    def __init__(self, ops: List[Op], constants: Dict[str, np.ndarray]) -> None:
        self.made_by = {output: op for op in ops for output in op.outputs[:1]}
        self.place = {op.outputs[0]: place for place, op in enumerate(ops) if op.outputs}
        self.constants = constants
        self.tried = 0

    def behind(self, name: str) -> List[str]:
        """The values that a value is computed from, the nearest first."""
        found: Set[str] = set()
        waiting = [name]
        while waiting and len(found) <= MOST_BEHIND:
            op = self.made_by.get(waiting.pop(0))
            if op is None or not (op.kind in ELEMENTWISE or op.kind in REDUCTIONS):
                continue
            new = [read for read in op.inputs if read and read not in self.constants and read not in found]
            found.update(new)
            waiting += new
        return sorted(found, key=lambda read: -self.place.get(read, -1))

    def find(self, op: Op) -> Optional[Found]:
        """The layer whose last operator is this one: an activation of the nearest value, or a normalization or Softmax
        of the farthest one. What is centered first may be a LayerNormalization, or an RMSNormalization of the rest;
        what a maximum is subtracted from first may be a Softmax, or one of the difference."""
        best: Optional[Found] = None
        if op.kind not in LAST_OPS or self.tried >= MOST_TRIED:
            return None
        for base in self.behind(op.outputs[0]):
            self.tried += 1
            try:
                found = Function(self, base, op.outputs[0]).layer()
            except (Unknown, ConvertError, ValueError, IndexError, TypeError, AttributeError):
                continue
            if found is not None and found.layer.name not in (*NORMALIZATIONS, *OF_ROWS):
                return found
            best = found or best
        return best


class Function:
    """What some operators compute from one value."""

    def __init__(self, graph: Recognizer, base: str, result: str) -> None:
        self.graph, self.base, self.result = graph, base, result
        self.numbers: Set[float] = set()
        self.ranks: Set[Optional[int]] = set()
        self.steps = 0

    def value(self, name: str, known: Dict[str, Any]) -> Any:
        """A value, for given numbers as the base. Throws Unknown."""
        if name in known:
            return known[name]
        if name in self.graph.constants:
            constant = self.graph.constants[name]
            if constant.size != 1:
                raise Unknown
            found: Any = float(constant.reshape(-1)[0])
            self.numbers.add(exact(found))
        else:
            op = self.graph.made_by.get(name)
            self.steps += 1
            if op is None or self.steps > 8 * MOST_BEHIND:
                raise Unknown
            if op.kind in REDUCTIONS:
                found = self.reduced(op, known)
            elif op.kind in ELEMENTWISE:
                found = ELEMENTWISE[op.kind](op, [self.value(read, known) if read else None for read in op.inputs])
            else:
                raise Unknown
        known[name] = found
        return found

    def reduced(self, op: Op, known: Dict[str, Any]) -> np.ndarray:
        """A reduction over the last axis. Throws Unknown for others."""
        given = self.graph.constants.get(op.inputs[1]) if op.has(1) else None
        axes = whole_numbers(op, [None, given], 1, "axes")
        if axes is None or len(axes) != 1 or axes[0] == 0 or axes[0] < -1 or not op.get("keepdims", 1):
            raise Unknown
        self.ranks.add(None if axes[0] < 0 else axes[0] + 1)
        x = self.value(op.inputs[0], known)
        if np.ndim(x) == 0:
            raise Unknown
        return REDUCTIONS[op.kind](x)

    def layer(self) -> Optional[Found]:
        """The layer that computes the same."""
        with np.errstate(all="ignore"):
            result = self.value(self.result, {self.base: GRID})
            if not self.ranks:
                return self.activation(np.broadcast_to(result, GRID.shape))
            results = [self.value(self.result, {self.base: rows}) for rows in (EXPONENTS, VECTORS)]
        ranks = self.ranks - {None}
        if len(ranks) > 1 or any(np.shape(result) != EXPONENTS.shape for result in results):
            return None
        candidates = [Node(name) for name in (*OF_ROWS, "UnitNormalization")]
        for value in sorted(self.numbers):
            if 0 < value < 0.5:
                candidates += [node("LayerNormalization", node("Epsilon", value), Node("NoCenter"), Node("NoScale")),
                               node("RMSNormalization", node("Epsilon", value))]
        for candidate in candidates:
            is_normalization = candidate.name not in OF_ROWS
            if near(results[is_normalization], of_rows(candidate, VECTORS if is_normalization else EXPONENTS)):
                return Found(self.base, without_defaults(candidate), next(iter(ranks), None))
        return None

    def activation(self, result: np.ndarray) -> Optional[Found]:
        """The activation that has these results; none where a constant lies outside of what is tried."""
        if any(0 < abs(value) < SMALLEST or GRID[-1] / 2 < abs(value) < UNBOUNDED for value in self.numbers):
            return None
        for name, expected in activation_results().items():
            if near(result, expected):
                return Found(self.base, parse(f"Sequential<Input<1>, {name}>").types()[1], None)
        slope = exact(np.float32(result[1] - result[0]) / np.float32(GRID[1] - GRID[0]))
        most = exact(np.float32(result[-1]))
        for threshold in sorted({0.0, *(value for value in self.numbers if 0 < value < GRID[-1])}):
            for negative in sorted({slope, *(value for value in self.numbers if 0 < value < 1)}):
                found = bounded_relu(negative, most, threshold)
                if negative >= 0 and most > 0 and near(result, of_row(str(found))):
                    return Found(self.base, found, None)
        return None


def bounded_relu(slope: float, most: float, threshold: float) -> Node:
    """LeakyReLU, or ReLU with its settings."""
    if slope and most >= GRID[-1] and not threshold:
        return node("LeakyReLU::With", node("NegativeSlope", number(slope)))
    options = [node(name, number(value)) for name, value, given in (
        ("MaxValue", most, most < GRID[-1]), ("NegativeSlope", slope, slope), ("Threshold", threshold, threshold))
        if given]
    return node("ReLU::With", *options) if options else Node("ReLU")


def without_defaults(layer: Node) -> Node:
    """A layer without an Epsilon that is strata's default."""
    defaults = {"LayerNormalization": 0.001, "RMSNormalization": 1e-6}
    if layer.arguments is None or layer.name not in defaults:
        return layer
    kept = [a for a in layer.args if a != node("Epsilon", defaults[layer.name])]
    return Node(layer.name, tuple(kept))


def near(result: np.ndarray, expected: np.ndarray) -> bool:
    """Whether two functions are the same but for what constants in single precision make of them."""
    return bool(np.all(np.abs(result - expected) <= 2e-6 * np.abs(expected) + 1e-7))


GRID = np.concatenate([np.linspace(-24, 24, 4801), np.geomspace(24.5, 30, 8)])
GRID = np.concatenate([-GRID[:4800:-1], GRID])
# Of functions along the last axis constants are told from 0, and from none, by small and by large rows: by sums of very
# small exponentials, and by vectors of very small lengths.
ROWS = np.random.default_rng(1).normal(size=(12, 7)) * np.geomspace(1e-3, 3, 12).reshape(-1, 1) + 0.01
EXPONENTS = np.concatenate([ROWS, 20 * ROWS, ROWS - 40, ROWS + 40])
VECTORS = np.concatenate([ROWS, 1e-6 * ROWS, 1e-10 * ROWS, 1e6 * ROWS])


def of_row(layer: str) -> np.ndarray:
    """What an activation makes of the grid."""
    return evaluate(Graph(parse(f"Sequential<Input<{len(GRID)}>, {layer}>")), {}, GRID.reshape(1, -1))[0]


def of_rows(layer: Node, rows: np.ndarray) -> np.ndarray:
    """What a layer along the last axis makes of some rows."""
    graph = Graph(parse(f"Sequential<Input<{rows.shape[1]}>, {layer}>"))
    return evaluate(graph, {name: np.ones(shape) for name, shape in graph.tensors().items()}, rows)


@lru_cache(maxsize=None)
def activation_results() -> Dict[str, np.ndarray]:
    """What each activation makes of the grid."""
    return {name: of_row(name) for name in [*BY_NAME, "GELU::With<Approximate>"]}


