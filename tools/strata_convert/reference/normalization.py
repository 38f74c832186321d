"""Normalizations, in inference."""
from typing import Tuple

import numpy as np

from strata_convert.reference.table import Call, computes


def scaled(call: Call, y: np.ndarray) -> np.ndarray:
    """gamma y + beta, with what the layer has of them."""
    return y * call.weights.get("gamma", 1) + call.weights.get("beta", 0)


def standardized(call: Call, x: np.ndarray, axes: Tuple[int, ...]) -> np.ndarray:
    """Less its mean, by its deviation."""
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + call.settings.real("epsilon"))


@computes("BatchNormalization")
def batch_normalization(call: Call) -> np.ndarray:
    """By the moving averages."""
    deviation = np.sqrt(call.weights["moving_variance"] + call.settings.real("epsilon"))
    return scaled(call, (call.x - call.weights["moving_mean"]) / deviation)


@computes("LayerNormalization")
def layer_normalization(call: Call) -> np.ndarray:
    """Along the last axis."""
    return scaled(call, standardized(call, call.x, (-1,)))


@computes("GroupNormalization")
def group_normalization(call: Call) -> np.ndarray:
    """Over all positions and neighbouring channels."""
    groups = call.settings.whole("groups")
    x = call.x.reshape(len(call.x), -1, groups, call.x.shape[-1] // groups)
    return scaled(call, standardized(call, x, (1, 3)).reshape(call.x.shape))


@computes("RMSNormalization")
def rms_normalization(call: Call) -> np.ndarray:
    """By the mean square along the last axis."""
    mean = np.mean(call.x**2, axis=-1, keepdims=True)
    return call.x / np.sqrt(mean + call.settings.real("epsilon")) * call.weights["scale"]


@computes("UnitNormalization")
def unit_normalization(call: Call) -> np.ndarray:
    """To length one along the last axis."""
    return call.x / np.maximum(np.sqrt(np.sum(call.x**2, axis=-1, keepdims=True)), 1e-12)


@computes("Normalization")
def normalization(call: Call) -> np.ndarray:
    """By given means and variances."""
    return (call.x - call.weights["mean"]) / np.maximum(np.sqrt(call.weights["variance"]), 1e-7)
