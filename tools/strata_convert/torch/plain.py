"""Activations, layers that matter to training alone, arithmetic and merges, and what only moves axes."""
import math
from dataclasses import dataclass, replace
from typing import Any, Tuple

from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.torch.cells import States
from strata_convert.torch.functions import FUNCTIONS, Applied, all_of, makes, number
from strata_convert.torch.values import BATCH, NEW, Value
from strata_convert.torch.windows import scaled_by, selected, spread

SAME_NAME = {"relu": "ReLU", "relu6": "ReLU6", "sigmoid": "Sigmoid", "tanh": "Tanh", "selu": "SELU", "silu": "SiLU",
             "mish": "Mish", "hardsigmoid": "HardSigmoid", "hardswish": "HardSiLU", "log_sigmoid": "LogSigmoid",
             "exp": "Exponential"}
WITH_SETTING = {"leaky_relu": ("LeakyReLU", "NegativeSlope", "negative_slope", 0.01, 0.3),
                "elu": ("ELU", "Alpha", "alpha", 1.0, 1.0), "celu": ("CELU", "Alpha", "alpha", 1.0, 1.0),
                "hardshrink": ("HardShrink", "Threshold", "lambd", 0.5, 0.5),
                "softshrink": ("SoftShrink", "Threshold", "lambd", 0.5, 0.5)}


@makes(" ".join(SAME_NAME))
def activation(f: Applied) -> Value:
    """Activations without settings."""
    return f.plan.add(SAME_NAME[f.name], [f.x], brackets=False)


@makes(" ".join(WITH_SETTING))
def activation_with_setting(f: Applied) -> Value:
    """Activations with a setting, whose defaults differ."""
    name, setting, key, of_torch, of_strata = WITH_SETTING[f.name]
    value = f.get(key, of_torch)
    if f.name == "elu" and (f.get("scale", 1) != 1 or f.get("input_scale", 1) != 1):
        raise ConvertError("its scales are not 1.")
    if value == of_strata:
        return f.plan.add(name, [f.x], brackets=False)
    return f.plan.add(f"{name}::With", [f.x], Node(setting, (number(value),)))


@makes("gelu")
def gelu(f: Applied) -> Value:
    """GELU, exact or approximate."""
    if f.get("approximate", "none") == "none":
        return f.plan.add("GELU", [f.x], brackets=False)
    return f.plan.add("GELU::With", [f.x], "Approximate")


@makes("hardtanh clamp")
def hardtanh(f: Applied) -> Value:
    """HardTanh, ReLU6, and ReLU with a largest value."""
    if f.name == "clamp":
        low, high = f.get("min"), f.get("max")
    else:
        low, high = f.get("min_val", -1.0), f.get("max_val", 1.0)
    if low == 0 and high is None:
        return f.plan.add("ReLU", [f.x], brackets=False)
    if (low, high) in ((-1, 1), (0, 6)):
        return f.plan.add("HardTanh" if low else "ReLU6", [f.x], brackets=False)
    if low == 0 and high > 0:
        return f.plan.add("ReLU::With", [f.x], Node("MaxValue", (number(high),)))
    raise ConvertError(f"strata has no activation that keeps to [{low}, {high}].")


@makes("softplus")
def softplus(f: Applied) -> Value:
    """Softplus. Above PyTorch's threshold the two differ by less than 3e-9."""
    if f.get("beta", 1) != 1 or f.get("threshold", 20) < 20:
        raise ConvertError("strata's Softplus has beta=1 and no threshold.")
    return f.plan.add("Softplus", [f.x], brackets=False)


@makes("softmax log_softmax glu")
def of_rows(f: Applied) -> Value:
    """Softmax, LogSoftmax and GLU, along the axis that is strata's last."""
    x, dim = f.x, f.get("dim", -1)
    if f.name == "glu":
        x = f.plan.natural(x)
    if not x.is_last(dim):
        others = [i for i in x.others() if i != x.axis(dim)]
        x = f.plan.arranged(x, [*others, x.axis(dim)])
    return f.plan.add({"softmax": "Softmax", "log_softmax": "LogSoftmax", "glu": "GLU"}[f.name], [x], brackets=False)


@makes("dropout feature_dropout alpha_dropout")
def dropout(f: Applied) -> Value:
    """Dropout, of cells or of channels; it matters to training alone."""
    f.in_inference("train")
    x, rate = f.x, number(f.get("p", 0.5))
    if f.name == "feature_dropout" and len(x.axes) in (3, 4):
        axes = len(x.axes) - 2
        return f.plan.add(f"SpatialDropout{axes}D", [f.plan.channels_last(x, axes)], rate)
    return f.plan.add("AlphaDropout" if f.name == "alpha_dropout" else "Dropout", [x], rate)


@makes("contiguous clone detach alias lift_fresh_copy")
def unchanged(f: Applied) -> Any:
    """What changes no numbers."""
    return f.get("self", f.get("input"))


@makes("to _to_copy float double")
def converted(f: Applied) -> Any:
    """Another type of real numbers; the input's indices and bytes are numbers as they are."""
    dtype = f.get("dtype", 7)
    if dtype not in (7, 8) and not (f.plan.whole_numbers and f.x.at == 0 and dtype in (3, 4, 5)):
        raise ConvertError("numbers are rounded: strata computes with real numbers of single precision and up.")
    return f.x


@makes("flatten")
def flatten(f: Applied) -> Value:
    """Several axes as one."""
    x = f.x
    start, end = x.axis(f.get("start_dim", 0)), x.axis(f.get("end_dim", -1))
    extents = x.extents(f.batch)
    if start == 0 and end > 0:
        raise ConvertError("it flattens the batch.")
    return f.plan.reshaped(x, (*extents[1:start], math.prod(extents[start:end + 1]), *extents[end + 1:]))


@makes("view reshape _unsafe_view unflatten")
def reshape(f: Applied) -> Value:
    """Other extents."""
    x = f.x
    sizes = list(f.get("sizes") or f.get("size") or f.get("shape") or [])
    extents = x.extents(f.batch)
    if f.name == "unflatten":
        dim = x.axis(f.get("dim"))
        inner = [n if n != -1 else extents[dim] // max(-math.prod(sizes), 1) for n in sizes]
        sizes = [*extents[:dim], *inner, *extents[dim + 1:]]
    if not all(type(n) is int for n in sizes):
        raise ConvertError("its size is not known.")
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = math.prod(extents) // max(-math.prod(sizes), 1)
    if not sizes or sizes[0] != f.batch or math.prod(sizes) != math.prod(extents):
        raise ConvertError(f"it makes {sizes} of {list(extents)}: cells move between samples.")
    return f.plan.reshaped(x, sizes[1:])


@makes("permute transpose t")
def permute(f: Applied) -> Value:
    """Axes in another order: nothing moves, it is remembered."""
    x = f.x
    order = list(range(len(x.axes)))
    if f.name == "permute":
        order = [x.axis(dim) for dim in f.get("dims")]
    else:
        a, b = x.axis(f.get("dim0", 0)), x.axis(f.get("dim1", 1))
        order[a], order[b] = order[b], order[a]
    return replace(x, axes=tuple(x.axes[i] for i in order))


@makes("unsqueeze")
def unsqueeze(f: Applied) -> Value:
    """One more axis of extent one."""
    x = f.x
    at = f.get("dim") % (len(x.axes) + 1)
    return replace(x, axes=(*x.axes[:at], NEW, *x.axes[at:]))


@makes("squeeze")
def squeeze(f: Applied) -> Any:
    """Fewer axes of extent one."""
    x, dim = f.get("self"), f.get("dim")
    if isinstance(x, States):
        if dim in (None, [0], 0) and len(x.values) == 1:
            return x.at(0)
        raise ConvertError("h_n of several layers or directions: take one of them by its index.")
    x, extents = f.x, f.x.extents(f.batch)
    dims = range(len(extents)) if dim is None else [x.axis(d) for d in (dim if isinstance(dim, list) else [dim])]
    gone = [d for d in dims if extents[d] == 1 and x.axes[d] != BATCH]
    return f.plan.reshaped(x, [n for i, n in enumerate(extents) if i not in gone and x.axes[i] != BATCH])


@makes("select")
def select(f: Applied) -> Value:
    """h_n[-1], or a step of a sequence."""
    states = f.get("self")
    if not isinstance(states, States):
        return selected(f)
    if f.get("dim", 0) != 0:
        raise ConvertError("h_n is read by something else than the number of its layer.")
    return states.at(f.get("index", 0))


@makes("unbind")
def unbind(f: Applied) -> Tuple[Value, ...]:
    """All of h_n by themselves."""
    states = f.get("self")
    if not isinstance(states, States) or f.get("dim", 0) != 0:
        raise ConvertError("strata has no layer that splits arrays.")
    return tuple(states.values)


@makes("cat concatenate")
def concatenate(f: Applied) -> Value:
    """Concatenate along the axis that is strata's last."""
    values = all_of(f.get("tensors"))
    if len(values) == 1:
        return values[0]
    dim = values[0].axis(f.get("dim", 0))
    values = [f.plan.natural(value) for value in values]
    if len({value.axes for value in values}) > 1 or not values[0].is_last(dim):
        others = [i for i in values[0].others() if i != dim]
        values = [f.plan.arranged(value, [*others, dim]) for value in values]
    return f.plan.add("Concatenate", values)


@dataclass(frozen=True)
class Absolute:
    """|x|, or 1 + |x|: strata has it as a part of Softsign alone."""

    x: Value
    plus_one: bool = False


@makes("abs")
def absolute(f: Applied) -> Absolute:
    """A part of Softsign."""
    return Absolute(f.x)


def operands(f: Applied) -> Tuple[Any, Any]:
    """What is added, multiplied, …."""
    a, b = f.get("self", f.get("input")), f.get("other")
    f.refuse("alpha", 1, "alpha is not 1.")
    f.refuse("rounding_mode", None, "quotients are rounded.")
    for side in (a, b):
        if not isinstance(side, (Value, Absolute)) and type(side) not in (int, float):
            raise ConvertError("one of its sides is neither a number nor a value that comes from the model's input.")
    return a, b


MERGES = {"add": "Add", "sub": "Subtract", "mul": "Multiply", "maximum": "Maximum", "minimum": "Minimum"}


def merged(f: Applied, a: Value, b: Value) -> Value:
    """A layer on two branches, whose axes are brought into one order, and whose images are made equally large."""
    def one_cell(v: Value, of: Value) -> bool:
        return len(v.axes) == len(of.axes) > 2 and v.extents(1) != of.extents(1) and \
            all(n == 1 for n in v.extents(1)[2:]) and v.extents(1)[:2] == of.extents(1)[:2]

    if one_cell(b, a) and a.axes[-1] != NEW:
        a = f.plan.channels_last(a, len(a.axes) - 2)
        b = spread(f, b, a)
    elif one_cell(a, b) and b.axes[-1] != NEW:
        b = f.plan.channels_last(b, len(b.axes) - 2)
        a = spread(f, a, b)
    same_rows = (a.rows is None) == (b.rows is None) and (a.rows is None or bool((a.rows == b.rows).all()))
    if a.axes != b.axes or not same_rows:
        a, b = f.plan.in_order(a), f.plan.in_order(b)
    if a.extents(1) != b.extents(1):
        raise ConvertError(f"its sides have the shapes {a.extents(f.batch)} and {b.extents(f.batch)}: strata repeats "
                           "no values to make them fit.")
    return f.plan.add(MERGES[f.name], [a, b])


@makes("add sub mul div rsub maximum minimum true_divide")
def arithmetic(f: Applied) -> Any:
    """Rescaling by a number, or a merge of two branches."""
    a, b = operands(f)
    if isinstance(a, Absolute) or isinstance(b, Absolute):
        if f.name == "add" and isinstance(a, Absolute) and b == 1:
            return replace(a, plus_one=True)
        if f.name == "div" and isinstance(b, Absolute) and b.plus_one and isinstance(a, Value) and a == b.x:
            return f.plan.add("Softsign", [a], brackets=False)
        raise ConvertError("strata has absolute values in Softsign alone, x / (1 + |x|).")
    if isinstance(a, Value) and isinstance(b, Value):
        if f.name not in MERGES:
            raise ConvertError("strata has no layer that divides one branch by another.")
        return merged(f, a, b)
    if f.name in ("maximum", "minimum"):
        raise ConvertError("strata has no maximum or minimum with a number.")
    x, n, turned = (a, b, False) if isinstance(a, Value) else (b, a, True)
    turned = turned != (f.name == "rsub")
    if f.name in ("add", "mul"):
        return scaled_by(f, x, *((1.0, n) if f.name == "add" else (n, 0.0)))
    if f.name in ("sub", "rsub"):
        return scaled_by(f, x, *((-1.0, n) if turned else (1.0, -n)))
    if turned or n == 0:
        raise ConvertError("strata has no layer that divides by a value.")
    return scaled_by(f, x, 1.0 / n, 0.0)


@makes("neg")
def negative(f: Applied) -> Value:
    """-x."""
    return scaled_by(f, f.x, -1.0, 0.0)


@makes("sym_size")
def size(f: Applied) -> int:
    """An extent; the batch has the one that the model was exported with."""
    return f.x.extents(f.batch)[f.x.axis(f.get("dim"))]


IN_PLACE = {name + "_": function for name, function in FUNCTIONS.items()}
FUNCTIONS.update(IN_PLACE)
