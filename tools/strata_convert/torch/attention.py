"""Attention in exported programs. PyTorch exports an nn.MultiheadAttention as some twenty functions, in another way
with each of its options. So these are evaluated on random numbers, and compared with what strata's layer makes of them.
"""
from dataclasses import replace
from itertools import groupby
from typing import Any, Callable, Dict, List, Optional, Sequence

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.graph import Graph
from strata_convert.network import Node
from strata_convert.reference import evaluate
from strata_convert.reference.activations import softmax
from strata_convert.torch import layouts
from strata_convert.torch.exported import Call, Program, Ref, live
from strata_convert.torch.functions import Applied, makes
from strata_convert.torch.values import Value

MODULE = "(MultiheadAttention)"
FUNCTION = "multi_head_attention"
OPEN_BATCH = 2  # what stands for a batch of any size
LARGEST = 1 << 24  # numbers in what is evaluated
PARTS = (("in_proj_weight", 0, "weight"), ("in_proj_bias", 0, "bias"), ("out_proj.weight", 1, "weight"),
         ("out_proj.bias", 1, "bias"))  # the tensors of the module, and which linear function reads each
# What Python throws where a program calls a function with other things than it takes.
DAMAGE = (KeyError, ValueError, TypeError, IndexError, AttributeError, ArithmeticError, MemoryError, ConvertError)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A product of matrices. Throws ValueError for a very large one."""
    if a.size // a.shape[-1] * b.shape[-1] > LARGEST:
        raise ValueError("too large")
    return a @ b


def attend(query: np.ndarray, key: np.ndarray, value: np.ndarray, attn_mask: Any = None, dropout_p: float = 0.0,
           is_causal: bool = False, scale: Optional[float] = None) -> np.ndarray:
    """scaled_dot_product_attention; a mask is added, or says by ones what is seen."""
    scores = product(query, np.swapaxes(key, -1, -2)) * (query.shape[-1]**-0.5 if scale is None else scale)
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:]) == 1, scores, -np.inf)
    if attn_mask is not None:
        whole = attn_mask.dtype.kind in "biu"
        scores = np.where(attn_mask != 0, scores, -np.inf) if whole else scores + attn_mask
    if dropout_p:
        raise ValueError("dropout")
    return product(softmax(scores), value)


def unflatten(self: np.ndarray, dim: int, sizes: Sequence[int]) -> np.ndarray:
    """Several axes in place of one."""
    dim %= self.ndim
    return self.reshape(*self.shape[:dim], *sizes, *self.shape[dim + 1:])


# PyTorch's functions, with its names of their arguments.
FUNCTIONS: Dict[str, Callable[..., Any]] = {
    "linear": lambda input, weight, bias=None: product(input, weight.T) + (0 if bias is None else bias),
    "transpose": lambda self, dim0, dim1: np.swapaxes(self, dim0, dim1),
    "permute": lambda self, dims: self.transpose(dims),
    "view": lambda self, size: self.reshape(size),
    "reshape": lambda self, shape: self.reshape(shape),
    "unflatten": unflatten,
    "unsqueeze": lambda self, dim: np.expand_dims(self, dim),
    "squeeze": lambda self, dim: np.squeeze(self, dim),
    "select": lambda self, dim, index: np.take(self, index, dim),
    "chunk": lambda self, chunks, dim=0: tuple(np.split(self, chunks, dim)),
    "contiguous": lambda self: self,
    "clone": lambda self: self,
    "mul": lambda self, other: self * other,
    "div": lambda self, other: self / other,
    "add": lambda self, other: self + other,
    "bmm": lambda self, mat2: product(self, mat2),
    "baddbmm": lambda self, batch1, batch2: self + product(batch1, batch2),
    "softmax": lambda self, dim: np.moveaxis(softmax(np.moveaxis(self, dim, -1)), -1, dim),
    "scaled_dot_product_attention": attend,
}


def evaluated(calls: Sequence[Call], known: Dict[str, Any]) -> Dict[str, Any]:
    """All results of some calls. Throws KeyError for functions that attention does not need, and for other values."""
    def value(argument: Any) -> Any:
        if isinstance(argument, list):
            return [value(item) for item in argument]
        return known[argument.name] if isinstance(argument, Ref) else argument

    for call in calls:
        given = {key: value(argument) for key, argument in call.arguments.items()}
        result = FUNCTIONS[call.function.partition(".")[0]](**given)
        known.update(zip(call.outputs, result if isinstance(result, tuple) else (result,)))
    return known


def attention_layer(heads: int, causal: bool, arrays: layouts.Arrays) -> Node:
    """strata's layer with PyTorch's tensors."""
    width = arrays["in_proj_weight"].shape[1]
    options = [Node(name) for name, given in (("NoBias", "in_proj_bias" not in arrays), ("Causal", causal)) if given]
    return Node("MultiHeadAttention", (heads, width // heads, *options), "", layouts.attention(heads).read(arrays))


def sizes_of(program: Program) -> Dict[str, int]:
    """The size of the batch, and products of it and of numbers, where it is left open."""
    sizes: Dict[str, int] = {}
    for call in program.calls:
        if call.function == "sym_size.int" and call.arguments == {"self": Ref(program.input), "dim": 0}:
            sizes.update((name, OPEN_BATCH) for name in call.outputs)
        elif call.function == "_operator.mul":
            factors = [sizes.get(n.name) if isinstance(n, Ref) else n for n in call.arguments.values()]
            numbers = [n for n in factors if type(n) is int and 0 <= n <= LARGEST]
            if len(numbers) == len(factors) == 2:
                sizes.update((name, numbers[0] * numbers[1]) for name in call.outputs)
    return sizes


def recognized(calls: List[Call], program: Program, sizes: Dict[str, int]) -> Optional[Call]:
    """The one call that stands for those of a module; None where it computes something else than strata's layer."""
    calls = [call for call in calls if not set(call.outputs) <= set(sizes)]
    made = {name for call in calls for name in call.outputs}
    reads = {name for call in calls for name in call.refs()} - made - set(program.tensors) - set(sizes)
    read_by_others = {program.output, *(name for call in program.calls if call not in calls for name in call.refs())}
    results = sorted(made & read_by_others)
    linear = [call for call in calls if call.function.startswith("linear.")]
    extents = program.extents.get(min(reads, default=""), ())
    if (len(reads), len(results), len(linear), len(extents)) != (1, 1, 2, 3) or not all(extents[1:]):
        return None
    names = {part: argument for part, at, key in PARTS if isinstance(argument := linear[at].arguments.get(key), Ref)}
    r = np.random.default_rng(1)
    arrays = {part: r.normal(size=program.tensors[ref.name].shape) for part, ref in names.items()}
    batch, steps, width = (OPEN_BATCH if n is None else n for n in extents)
    if batch * steps * width > LARGEST:
        return None
    x = r.normal(size=(batch, steps, width))
    known = {**program.tensors, **sizes, **{ref.name: arrays[part] for part, ref in names.items()}, reads.pop(): x}
    source = next(name for name, value in known.items() if value is x)
    y = evaluated(calls, known)[results[0]]
    for heads in (n for n in range(1, width + 1) if width % n == 0 and batch * n * steps**2 <= LARGEST):
        for causal in (False, True):
            layer = attention_layer(heads, causal, arrays)
            graph = Graph(Node("Sequential", (Node("Input", (steps, width)), layer)))
            tensors = {f"{graph.steps[0].name}/{name}": values for name, values in layer.weights.items()}
            if y.shape == x.shape and np.allclose(y, evaluate(graph, tensors, x), rtol=1e-6, atol=1e-9):
                return Call(f"{FUNCTION}.default", {"input": Ref(source), "heads": heads, "causal": causal, **names},
                            results, calls[0].place)
    return None


def with_attention(program: Program) -> Program:
    """The program with one call for each module of attention, where it can be recognized."""
    calls: List[Call] = []
    sizes = sizes_of(program)
    for place, group in groupby(program.calls, lambda call: call.place):
        inside = list(group)
        try:
            found = recognized(inside, program, sizes) if place.endswith(MODULE) else None
        except DAMAGE:
            found = None
        calls += inside if found is None else [found]
    return replace(program, calls=live(calls, program.output))


@makes(FUNCTION)
def attention(f: Applied) -> Value:
    """MultiHeadAttention of a sequence to itself."""
    x = f.plan.arranged(f.x, f.x.others())
    if x.axes[:1] != (-1,) or len(x.axes) != 3:
        raise ConvertError("batch_first=False is not read: make the module with batch_first=True.")
    arrays = f.tensors(**{part: part for part, _, _ in PARTS})
    layer = attention_layer(f.get("heads"), f.get("causal"), arrays)
    return f.plan.add(layer.name, [x], *layer.args, weights=dict(layer.weights))
