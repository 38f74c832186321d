"""What it costs to evaluate a network: a small file may ask for more than a machine has."""
import math
from typing import Tuple

from strata_convert.graph import Graph, Step
from strata_convert.layers import class_name

MOST_CELLS = 1 << 25  # numbers in all arrays
MOST_PRODUCTS = 1 << 35  # several seconds
OF_A_STEP = 1 << 18  # what Python takes for a step of a recurrent layer, in products
OF_A_POOL = 1 << 4  # what NumPy takes for a cell of a pool's window, in products


def window_of(step: Step, axes: int) -> Tuple[Tuple[int, ...], Tuple[int, ...]]:
    """The extents of a window, and how far it reaches: more with a dilation. Ones for a layer without."""
    for kind in ("kernel", "pool"):
        if kind in step.settings.options:
            window = step.settings.extents(kind, axes)
            dilation = step.settings.extents("dilation", axes) if kind == "kernel" else (1,) * axes
            return window, tuple((k - 1) * d + 1 for k, d in zip(window, dilation))
    return (1,) * axes, (1,) * axes


def cost_of(graph: Graph, step: Step) -> Tuple[int, int]:
    """How many numbers a step needs place for, and how many products it takes."""
    x, y, name, s = graph.shape_at(step.inputs[0]), step.shaped.output, class_name(step.settings.layer), step.settings
    cells, products = math.prod(y), math.prod(y)
    kernels = sum(math.prod(shape) for tensor, shape in step.shaped.tensors.items()
                  if "kernel" in tensor or tensor == "centers")
    if name in ("SimpleRNN", "LSTM", "GRU"):
        return cells + math.prod(x[:-1]) * 4 * s["units"], math.prod(x[:-1]) * (kernels + OF_A_STEP)
    if name == "MultiHeadAttention":
        pairs = s["heads"] * x[-2] * graph.shape_at(step.inputs[-1])[-2]
        return cells + pairs, math.prod(y[:-1]) * kernels + pairs * (s["key_units"] + s.whole("value_units"))
    if name == "UpSampling2D" and s.has("Bilinear"):
        return cells + sum(n * m for n, m in zip(x[-3:-1], y[-3:-1])), 2 * products * max(x[-3:-1])
    window, reach = window_of(step, len(x) - 1)
    if max(reach, default=1) > 1:
        cells += math.prod(n + r for n, r in zip(x, reach)) * max(x[-1], y[-1])
        products += OF_A_POOL * products * math.prod(window) if "pool" in s.options else 0
    return cells, products + math.prod(y[:-1]) * kernels


def is_too_much(graph: Graph) -> bool:
    """Whether a network should better not be evaluated."""
    costs = [cost_of(graph, step) for step in graph.steps]
    cells = math.prod(graph.input) + sum(cells for cells, _ in costs)
    return cells > MOST_CELLS or sum(products for _, products in costs) > MOST_PRODUCTS
