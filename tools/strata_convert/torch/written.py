"""Strata's layers as modules of PyTorch: lines of Python, and their tensors."""
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.graph import Step
from strata_convert.layers import Shape, class_name
from strata_convert.layers.table import Settings
from strata_convert.network import Node
from strata_convert.torch import layouts
from strata_convert.torch.layouts import Arrays

# What PyTorch has no module for, written beside the model where it is needed.
HELPERS = {
    "Axes": '''class Axes(nn.Module):
    """Axes in another order."""

    def __init__(self, *order):
        super().__init__()
        self.order = order

    def forward(self, x):
        return x.permute(self.order)''',
    "Backwards": '''class Backwards(nn.Module):
    """The steps from the last one to the first one."""

    def forward(self, x):
        return x.flip(1)''',
    "Rescaling": '''class Rescaling(nn.Module):
    """factor x + offset."""

    def __init__(self, factor, offset=0):
        super().__init__()
        self.factor, self.offset = factor, offset

    def forward(self, x):
        return self.factor * x + self.offset''',
    "AllStates": '''class AllStates(nn.Module):
    """The states of a recurrent layer after each step."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]''',
    "LastState": '''class LastState(nn.Module):
    """The state of a recurrent layer after the last step, of each direction."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        state = self.layer(x)[1]
        return torch.cat(list(state[0] if isinstance(state, tuple) else state), -1)''',
    "SelfAttention": '''class SelfAttention(nn.Module):
    """Attention of a sequence to itself."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x, x, x, need_weights=False)[0]''',
}
MERGES = {"Add": "sum(results)", "Average": "sum(results) / len(results)", "Subtract": "results[0] - results[1]",
          "Multiply": "torch.stack(results).prod(0)", "Maximum": "torch.stack(results).amax(0)",
          "Minimum": "torch.stack(results).amin(0)", "Concatenate": "torch.cat(results, self.axis)"}


def merge_helper(name: str) -> str:
    """The class of a layer that merges branches."""
    lines = [f"class {name}(nn.ModuleList):", '    """What branches make of one input, merged."""', ""]
    if name == "Concatenate":
        lines += ["    def __init__(self, axis, branches):", "        super().__init__(branches)",
                  "        self.axis = axis", ""]
    return "\n".join(lines + ["    def forward(self, x):", "        results = [branch(x) for branch in self]",
                              f"        return {MERGES[name]}"])


@dataclass
class Module:
    """An element of an nn.Sequential: its Python, on one line, or with parts of its own; and its tensors."""

    code: str
    tensors: Arrays = field(default_factory=dict)
    branches: Optional[List[List["Module"]]] = None


@dataclass
class State:
    """What is known where the next layer goes: the shape in strata, whether PyTorch has its channels first, and the
    rows of a flattened value: cell i of strata's is cell rows[i] of PyTorch's."""

    shape: Shape
    first: bool
    rows: Optional[np.ndarray] = None


@dataclass
class Writing:
    """One layer, and what it is written into."""

    step: Step
    weights: Arrays
    state: State
    modules: List[Module]
    helpers: List[str]

    @property
    def s(self) -> Settings:
        """The layer's settings."""
        return self.step.settings

    @property
    def x(self) -> Shape:
        """The shape of the input in strata."""
        return self.state.shape

    def help(self, name: str) -> str:
        """The name of a class that is to be written beside the model."""
        if name not in self.helpers:
            self.helpers.append(name)
        return name

    def channels_first(self, first: bool = True) -> None:
        """Brings the channels to where a module wants them."""
        rank = len(self.x)
        if rank > 1 and self.state.first != first:
            order = (0, rank, *range(1, rank)) if first else (0, *range(2, rank + 1), 1)
            self.modules.append(Module(f"{self.help('Axes')}({', '.join(map(str, order))})"))
        self.state.first = first

    def add(self, code: str, tensors: Optional[Arrays] = None) -> None:
        """A module."""
        self.modules.append(Module(code, tensors or {}))

    def ordered(self, arrays: Arrays) -> Arrays:
        """Tensors with a number for each cell, in PyTorch's order of a flattened value."""
        if self.state.rows is None:
            return arrays
        back = np.argsort(self.state.rows)
        return {name: values[back] for name, values in arrays.items()}


Writer = Callable[[Writing], None]
WRITERS: Dict[str, Writer] = {}


def writes(names: str) -> Callable[[Writer], Writer]:
    """Says which layers a function writes."""
    def add(function: Writer) -> Writer:
        for name in names.split():
            WRITERS[name] = function
        return function

    return add


def numbers(values: Sequence[int]) -> str:
    """One number, or a tuple."""
    return str(values[0]) if len(set(values)) == 1 else f"({', '.join(map(str, values))})"


def real(value: float) -> str:
    """A real number, shortest."""
    return repr(round(value, 12))


PLAIN = {"ReLU": "ReLU()", "Sigmoid": "Sigmoid()", "Tanh": "Tanh()", "ReLU6": "ReLU6()", "SELU": "SELU()",
         "SiLU": "SiLU()", "Mish": "Mish()", "Softplus": "Softplus()", "Softsign": "Softsign()",
         "LogSigmoid": "LogSigmoid()", "TanhShrink": "Tanhshrink()", "HardSigmoid": "Hardsigmoid()",
         "HardSiLU": "Hardswish()", "HardTanh": "Hardtanh()", "Linear": "Identity()"}
WITH_NUMBER = {"LeakyReLU": ("LeakyReLU", "negative_slope"), "ELU": ("ELU", "alpha"), "CELU": ("CELU", "alpha"),
               "HardShrink": ("Hardshrink", "threshold"), "SoftShrink": ("Softshrink", "threshold")}
OF_ROWS = {"Softmax": "Softmax", "LogSoftmax": "LogSoftmax", "GLU": "GLU"}


def activation_code(s: Settings, axis: int) -> str:
    """The module of an activation. Throws ConvertError."""
    name = class_name(s.layer)
    if name in OF_ROWS:
        return f"nn.{OF_ROWS[name]}({axis})"
    if name == "ReLU" and s.layer.args:
        slope, limit = s.real("negative_slope"), s.real("max_value")
        if s.real("threshold") == 0 and slope == 0 and np.isfinite(limit):
            return f"nn.Hardtanh(0.0, {limit!r})"
        if s.real("threshold") == 0 and not np.isfinite(limit):
            return f"nn.LeakyReLU({slope!r})"
    elif name in PLAIN:
        return f"nn.{PLAIN[name]}"
    elif name in WITH_NUMBER:
        module, setting = WITH_NUMBER[name]
        return f"nn.{module}({s.real(setting)!r})"
    elif name == "GELU":
        return 'nn.GELU("tanh")' if s.has("Approximate") else "nn.GELU()"
    raise ConvertError(f"PyTorch has no module for {s.layer}.")


def affine(w: Writing, arrays: Arrays, size: int) -> Tuple[bool, Arrays]:
    """Whether a normalization has parameters in PyTorch, and these: what only one of two lacks is written out."""
    if not {"gamma", "beta"} & set(w.weights):
        return False, arrays
    return True, {"weight": np.ones(size, np.float32), "bias": np.zeros(size, np.float32), **arrays}


@writes("BatchNormalization")
def batch_normalization(w: Writing) -> None:
    """BatchNorm1d, BatchNorm2d."""
    w.channels_first()
    channels = w.x[-1]
    given, arrays = affine(w, w.ordered(layouts.BATCH_NORMALIZATION.write(w.weights)), channels)
    arrays["num_batches_tracked"] = np.zeros((), np.int64)
    more = "" if given else ", affine=False"
    w.add(f"nn.BatchNorm{max(len(w.x) - 1, 1)}d({channels}, eps={w.s.real('epsilon')!r}, "
          f"momentum={real(1 - w.s.real('momentum'))}{more})", arrays)


@writes("LayerNormalization RMSNormalization")
def layer_normalization(w: Writing) -> None:
    """LayerNorm, RMSNorm."""
    w.channels_first(False)
    name, size, eps = w.step.layer.name, w.x[-1], w.s.real("epsilon")
    if name == "RMSNormalization":
        w.add(f"nn.RMSNorm({size}, eps={eps!r})", w.ordered(layouts.RMS_NORMALIZATION.write(w.weights)))
        return
    arrays = w.ordered(layouts.NORMALIZATION.write(w.weights))
    given, arrays = affine(w, arrays, size)
    more = "" if given else ", elementwise_affine=False"
    w.add(f"nn.LayerNorm({size}, eps={eps!r}{more})", arrays)


@writes("GroupNormalization")
def group_normalization(w: Writing) -> None:
    """GroupNorm."""
    w.channels_first()
    given, arrays = affine(w, layouts.NORMALIZATION.write(w.weights), w.x[-1])
    more = "" if given else ", affine=False"
    w.add(f"nn.GroupNorm({w.s.whole('groups')}, {w.x[-1]}, eps={w.s.real('epsilon')!r}{more})", arrays)


@writes("Dense")
def dense(w: Writing) -> None:
    """Linear."""
    w.channels_first(False)
    arrays = layouts.DENSE.write(w.weights)
    if w.state.rows is not None:
        arrays["weight"] = arrays["weight"][:, np.argsort(w.state.rows)]
        w.state.rows = None
    w.add(f"nn.Linear({w.x[-1]}, {w.s['units']}{'' if 'bias' in arrays else ', bias=False'})", arrays)


@writes("Embedding")
def embedding(w: Writing) -> None:
    """Embedding."""
    if w.s.has("MaskZero"):
        raise ConvertError("PyTorch has no masks.")
    w.add(f"nn.Embedding({w.s['count']}, {w.s['units']})", layouts.EMBEDDING.write(w.weights))
    w.state.first = False


@writes("PReLU")
def prelu(w: Writing) -> None:
    """PReLU."""
    alpha = w.weights["alpha"]
    if alpha.size not in (1, w.x[-1]) or alpha.shape[-1] != alpha.size:
        raise ConvertError("PyTorch's PReLU has one slope, or one for each channel.")
    w.channels_first()
    slopes = {"weight": alpha.ravel()}
    w.add(f"nn.PReLU({alpha.size})", slopes if alpha.size == 1 else w.ordered(slopes))


@writes("Dropout SpatialDropout1D SpatialDropout2D AlphaDropout")
def dropout(w: Writing) -> None:
    """Dropout, of cells or of channels."""
    name = w.step.layer.name
    if name.startswith("Spatial"):
        w.channels_first()
        name = f"Dropout{name[-2]}d"
    w.add(f"nn.{name}({w.s.real('rate')!r})")


@writes("Rescaling")
def rescaling(w: Writing) -> None:
    """A factor and an offset."""
    w.add(f"{w.help('Rescaling')}({', '.join(repr(n) for n in w.s.numbers)})")


@writes("Flatten")
def flatten(w: Writing) -> None:
    """All cells in a row."""
    w.add("nn.Flatten()")


@writes("Reshape")
def reshape(w: Writing) -> None:
    """Another shape, in strata's order."""
    w.channels_first(False)
    if len(w.x) > 1:
        w.add("nn.Flatten()")
    if len(w.step.shaped.output) > 1:
        w.add(f"nn.Unflatten(1, {w.step.shaped.output})")


@writes("Permute")
def permute(w: Writing) -> None:
    """Axes in another order."""
    w.channels_first(False)
    w.add(f"{w.help('Axes')}(0, {', '.join(str(n) for n in w.s.numbers)})")


KINDS = {"SimpleRNN": "RNN", "LSTM": "LSTM", "GRU": "GRU"}


def recurrent_code(w: Writing, more: str) -> str:
    """A recurrent module. Throws ConvertError for activations that PyTorch does not have there."""
    s, name = w.s, class_name(w.s.layer)
    activation = str(s.activation)
    gates = str(s.options["recurrent_activation"].args[0]) if "recurrent_activation" in s.options else "Sigmoid"
    if activation not in (("Tanh", "ReLU") if name == "SimpleRNN" else ("Tanh",)) or gates != "Sigmoid":
        raise ConvertError(f"PyTorch's {KINDS[name]} has no other activations.")
    if name == "GRU" and not s.has("ResetAfter"):
        raise ConvertError("PyTorch's GRU has its reset behind the product, not ResetBefore.")
    options = "" if activation == "Tanh" else ', nonlinearity="relu"'
    options += "" if s.has("UseBias") else ", bias=False"
    return f"nn.{KINDS[name]}({w.x[-1]}, {s['units']}{options}, batch_first=True{more})"


def of_layer(arrays: Arrays, ending: str) -> Arrays:
    """A direction's tensors by the names that a wrapped module has them by."""
    return {f"layer.{name}_l0{ending}": values for name, values in arrays.items()}


@writes("SimpleRNN LSTM GRU")
def recurrent(w: Writing) -> None:
    """One direction."""
    w.channels_first(False)
    if w.s.has("GoBackwards"):
        w.add(f"{w.help('Backwards')}()")
    wrapper = w.help("AllStates" if w.s.has("ReturnSequences") else "LastState")
    code = recurrent_code(w, "")
    w.add(f"{wrapper}({code})", of_layer(layouts.recurrent(w.step.layer.name).write(w.weights), ""))


def bidirectional(w: Writing, backward: Arrays, merge: Node) -> None:
    """Both directions, one behind the other."""
    if merge.name != "Concatenate":
        raise ConvertError("PyTorch has both directions one behind the other alone.")
    w.channels_first(False)
    wrapper = w.help("AllStates" if w.s.has("ReturnSequences") else "LastState")
    layout = layouts.recurrent(w.step.layer.name)
    w.add(f"{wrapper}({recurrent_code(w, ', bidirectional=True')})",
          {**of_layer(layout.write(w.weights), ""), **of_layer(layout.write(backward), "_reverse")})


@writes("MultiHeadAttention")
def attention(w: Writing) -> None:
    """Attention of a sequence to itself."""
    heads, size = w.s["heads"], w.x[-1]
    value, outputs = w.s.whole("value_units") or w.s["key_units"], w.s.whole("output_units") or size
    if (heads * w.s["key_units"], heads * value, outputs) != (size, size, size) or w.s.has("Causal"):
        raise ConvertError("PyTorch's MultiheadAttention has as many units in all heads as its input, and no Causal.")
    w.channels_first(False)
    bias = "" if w.s.has("UseBias") else ", bias=False"
    arrays = layouts.attention(heads).write(w.weights)
    w.add(f"{w.help('SelfAttention')}(nn.MultiheadAttention({size}, {heads}{bias}, batch_first=True))",
          {f"layer.{name}": values for name, values in arrays.items()})
