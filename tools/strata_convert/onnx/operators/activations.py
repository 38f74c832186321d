"""Activations."""
import math
from typing import Optional

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.onnx.operators.table import Call, number, operator
from strata_convert.onnx.values import Value, BATCH

PLAIN = {"Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Softplus": "Softplus", "Softsign": "Softsign",
         "Exp": "Exponential", "Mish": "Mish", "HardSwish": "HardSiLU"}


@operator(" ".join(PLAIN))
def plain(call: Call) -> Value:
    """Activations without settings."""
    return call.like(call.plain(PLAIN[call.op.kind]))


def with_setting(call: Call, name: str, setting: str, value: float, default: float) -> Node:
    """An activation, with its setting where that is not the default."""
    if value < 0:
        raise ConvertError(f"its {setting} {value} is negative.")
    if value == default:
        return call.plain(name)
    return call.node(f"{name}::With", Node(setting, (number(value),)))


@operator("LeakyRelu Elu Celu")
def with_slope(call: Call) -> Value:
    """Activations with one setting."""
    name, setting, default, ours = {"LeakyRelu": ("LeakyReLU", "NegativeSlope", 0.01, 0.3),
                                    "Elu": ("ELU", "Alpha", 1.0, 1.0),
                                    "Celu": ("CELU", "Alpha", 1.0, 1.0)}[call.op.kind]
    return call.like(with_setting(call, name, setting, call.op.get("alpha", default), ours))


@operator("ThresholdedRelu")
def thresholded(call: Call) -> Value:
    """x above a threshold, 0 elsewhere."""
    threshold = call.op.get("alpha", 1.0)
    return call.like(with_setting(call, "ReLU", "Threshold", threshold, 0.0))


@operator("Selu")
def selu(call: Call) -> Value:
    """SELU, or with other constants a multiple of ELU."""
    alpha, gamma = call.op.get("alpha", 1.67326), call.op.get("gamma", 1.0507)
    if math.isclose(alpha, 1.6732632, rel_tol=1e-5) and math.isclose(gamma, 1.050701, rel_tol=1e-5):
        return call.like(call.plain("SELU"))
    return call.like(call.node("Rescaling", number(gamma)), call.like(with_setting(call, "ELU", "Alpha", alpha, 1.0)))


@operator("Gelu")
def gelu(call: Call) -> Value:
    """GELU, exact or by tanh."""
    if call.op.get("approximate", "none") == "tanh":
        return call.like(call.node("GELU::With", Node("Approximate")))
    return call.like(call.plain("GELU"))


@operator("Swish")
def swish(call: Call) -> Value:
    """x sigmoid(alpha x): SiLU of alpha x, divided by alpha."""
    alpha = call.op.get("alpha", 1.0)
    if alpha == 1:
        return call.like(call.plain("SiLU"))
    if alpha == 0:
        return call.like(call.node("Rescaling", 0.5))
    inside = call.like(call.plain("SiLU"), call.like(call.node("Rescaling", number(alpha))))
    return call.like(call.node("Rescaling", number(1 / alpha)), inside)


@operator("HardSigmoid")
def hard_sigmoid(call: Call) -> Value:
    """min(max(alpha x + beta, 0), 1)."""
    alpha, beta = call.op.get("alpha", 0.2), call.op.get("beta", 0.5)
    if beta == 0.5 and math.isclose(alpha, 1 / 6, rel_tol=1e-6):
        return call.like(call.plain("HardSigmoid"))
    if beta == 0.5 and alpha == 0.5:
        return call.like(call.plain("SparseSigmoid"))
    if alpha == 0:
        raise ConvertError("its alpha is zero.")
    return clipped(call, call.like(call.node("Rescaling", number(alpha), number(beta))), 0.0, 1.0)


@operator("Shrink")
def shrink(call: Call) -> Value:
    """HardShrink and SoftShrink."""
    threshold, bias = call.op.get("lambd", 0.5), call.op.get("bias", 0.0)
    if bias not in (0.0, threshold):
        raise ConvertError(f"its bias {bias} is neither 0 nor its threshold {threshold}.")
    return call.like(with_setting(call, "SoftShrink" if bias else "HardShrink", "Threshold", threshold, 0.5))


def clipped(call: Call, x: Value, low: float, high: float) -> Value:
    """min(max(x, low), high)."""
    if (low, high) == (0, 6):
        return call.like(call.plain("ReLU6"), x)
    if (low, high) == (-1, 1):
        return call.like(call.plain("HardTanh"), x)
    if low == 0:
        made = call.plain("ReLU") if high == math.inf else call.node("ReLU::With", Node("MaxValue", (number(high),)))
        return call.like(made, x)
    if not low < high:
        raise ConvertError(f"its bounds are {low} and {high}.")
    if low == -math.inf:
        if high == math.inf:
            return x
        below = call.like(call.plain("ReLU"), call.like(call.node("Rescaling", -1, number(high)), x))
        return call.like(call.node("Rescaling", -1, number(high)), below)
    inside = clipped(call, call.like(call.node("Rescaling", 1, number(-low)), x), 0.0, high - low)
    return call.like(call.node("Rescaling", 1, number(low)), inside)


@operator("Clip")
def clip(call: Call) -> Value:
    """Bounds that are inputs, attributes, or left out."""
    return clipped(call, call.x, call.number(1, "min", -math.inf), call.number(2, "max", math.inf))


@operator("PRelu")
def prelu(call: Call) -> Value:
    """PReLU, which shares its slopes along the axes where there is one for all."""
    x, slope = call.x, call.constant(1, "slope")
    if slope.ndim > x.rank:
        raise ConvertError(f"its slope of shape {slope.shape} has more axes than its input.")
    slope = slope.reshape((1,) * (x.rank - slope.ndim) + slope.shape)
    if slope.shape[x.batch_axis] != 1 or any(n not in (1, x.extent(k)) for k, n in enumerate(slope.shape)):
        raise ConvertError(f"its slope of shape {slope.shape} does not fit an input of shape {x.extents}.")
    order = [k for k in x.others() if x.axes[k]]
    placed = call.builder.placed(x, [[k] for k in order])
    alpha = slope.transpose(*order, *(k for k in range(x.rank) if k not in order))
    alpha = alpha.reshape(alpha.shape[:len(order)] or (1,))
    shared = [place + 1 for place, k in enumerate(order) if slope.shape[k] == 1]
    shared = shared if any(x.extent(order[place - 1]) != 1 for place in shared) else []
    made = call.node("PReLU", Node("SharedAxes", tuple(shared)) if shared else None)
    return call.like(made, placed, {"alpha": alpha})


@operator("Softmax LogSoftmax")
def softmax(call: Call) -> Value:
    """Along the axis that comes to lie last."""
    x = call.x
    axis = x.axis(call.op.get("axis", -1 if call.opset >= 13 else 1))
    if x.axes[axis] == BATCH:
        raise ConvertError("it runs over the batch.")
    if call.opset < 13 and axis != x.rank - 1:
        raise ConvertError("before opset 13 it runs over several axes, unless its axis is the last one.")
    return call.like(call.plain(call.op.kind), call.builder.features_last(x, axis))


def recognized(call: Call, made: Node, scale: Optional[np.ndarray] = None) -> Value:
    """A layer that stands for several operators; of those along the last axis, that of ONNX."""
    if not made.name.endswith("Normalization") and made.name not in ("Softmax", "LogSoftmax"):
        return call.like(made)
    placed = call.builder.features_last(call.x, call.x.rank - 1)
    if call.x.axes[-1] == BATCH:
        raise ConvertError("it runs over the batch.")
    tensors = {"scale": np.ones(call.x.extent(call.x.rank - 1), np.float32)}
    return call.like(made, placed, tensors if made.name == "RMSNormalization" else None)
