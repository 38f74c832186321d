"""The activations of Keras, as formulas."""
import math
from typing import Callable, Dict

import numpy as np

from strata_convert.graph import settings_of
from strata_convert.layers import ACTIVATIONS, class_name
from strata_convert.layers.table import Settings
from strata_convert.network import Node
from strata_convert.reference.table import FUNCTIONS, Call, computes

erf = np.frompyfunc(math.erf, 1, 1)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * x))


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(0, x)


def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    """Keras 3's; Keras 2 had clip(0.2 x + 0.5)."""
    return np.clip(x + 3, 0, 6) / 6


def exp_minus_one(x: np.ndarray) -> np.ndarray:
    """exp(x) - 1 below zero, 0 elsewhere."""
    return np.expm1(np.minimum(x, 0))


def relu(s: Settings, x: np.ndarray) -> np.ndarray:
    """ReLU with its three settings."""
    threshold = s.real("threshold")
    y = np.where(x > threshold, x, s.real("negative_slope") * (x - threshold))
    return np.minimum(y, s.real("max_value"))


def gelu(s: Settings, x: np.ndarray) -> np.ndarray:
    """x P(X <= x), or its approximation."""
    if s.has("Approximate"):
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + np.asarray(erf(x / math.sqrt(2)), np.float64))


def softmax(x: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(x: np.ndarray) -> np.ndarray:
    """Along the last axis."""
    z = x - x.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def sparsemax(x: np.ndarray) -> np.ndarray:
    """The nearest point of the simplex, along the last axis (Martins, Astudillo 2016, algorithm 1)."""
    z = -np.sort(-x, axis=-1)
    sums = np.cumsum(z, axis=-1) - 1
    k = np.arange(1, x.shape[-1] + 1)
    support = np.sum(k * z > sums, axis=-1, keepdims=True)
    return np.maximum(x - np.take_along_axis(sums, support - 1, axis=-1) / support, 0)


def soft_shrink(s: Settings, x: np.ndarray) -> np.ndarray:
    """Towards zero by the threshold."""
    return np.sign(x) * np.maximum(np.abs(x) - s.real("threshold"), 0)


def glu(x: np.ndarray) -> np.ndarray:
    """a sigmoid(b) of the halves of the last axis."""
    a, b = np.split(x, 2, axis=-1)
    return a * sigmoid(b)


SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

PLAIN: Dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "Linear": lambda x: x,
    "Sigmoid": sigmoid,
    "Tanh": np.tanh,
    "ReLU6": lambda x: np.clip(x, 0, 6),
    "SELU": lambda x: SELU_SCALE * (np.maximum(x, 0) + SELU_ALPHA * exp_minus_one(x)),
    "Exponential": np.exp,
    "SiLU": lambda x: x * sigmoid(x),
    "Mish": lambda x: x * np.tanh(softplus(x)),
    "Softplus": softplus,
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "LogSigmoid": lambda x: -softplus(-x),
    "Squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
    "TanhShrink": lambda x: x - np.tanh(x),
    "HardSigmoid": hard_sigmoid,
    "HardSiLU": lambda x: x * hard_sigmoid(x),
    "HardTanh": lambda x: np.clip(x, -1, 1),
    "SparseSigmoid": lambda x: np.clip(x + 1, 0, 2) / 2,
    "SparsePlus": lambda x: np.where(x >= 1, x, np.where(x <= -1, 0, (x + 1)**2 / 4)),
    "Softmax": softmax,
    "LogSoftmax": log_softmax,
    "Sparsemax": sparsemax,
    "GLU": glu,
}

WITH_SETTINGS: Dict[str, Callable[[Settings, np.ndarray], np.ndarray]] = {
    "ReLU": relu,
    "LeakyReLU": lambda s, x: np.where(x >= 0, x, s.real("negative_slope") * x),
    "ELU": lambda s, x: np.maximum(x, 0) + s.real("alpha") * exp_minus_one(x),
    "CELU": lambda s, x: np.maximum(x, 0) + s.real("alpha") * exp_minus_one(x / s.real("alpha")),
    "GELU": gelu,
    "ScaledTanh": lambda s, x: s.real("alpha") * np.tanh(s.real("beta") * x),
    "HardShrink": lambda s, x: np.where(np.abs(x) > s.real("threshold"), x, 0),
    "SoftShrink": soft_shrink,
}


@computes(" ".join(ACTIVATIONS))
def activation_layer(call: Call) -> np.ndarray:
    """An activation as a layer."""
    name = class_name(call.settings.layer)
    return np.asarray(PLAIN[name](call.x) if name in PLAIN else WITH_SETTINGS[name](call.settings, call.x))


Activation = Callable[[np.ndarray], np.ndarray]


def function_of(activation: Node) -> Activation:
    """The function that an activation is, as an option of a layer."""
    function, settings = FUNCTIONS[class_name(activation)], settings_of(activation)
    return lambda x: function(Call(settings, {}, (x,)))


def activate(activation: Node, x: np.ndarray) -> np.ndarray:
    """An activation, as an option of a layer, applied to the layer's sums."""
    return function_of(activation)(x)
