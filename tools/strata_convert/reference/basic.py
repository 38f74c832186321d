"""Dense layers, lookups, layers that move cells, merges, and layers that do nothing in inference."""
import numpy as np

from strata_convert.layers.basic import around
from strata_convert.reference.activations import activate
from strata_convert.reference.table import Call, computes, plus_bias


@computes("Dense")
def dense(call: Call) -> np.ndarray:
    """x kernel + bias, along the last axis."""
    return activate(call.settings.activation, plus_bias(call, call.x @ call.weights["kernel"]))


@computes("RBF")
def radial_basis_functions(call: Call) -> np.ndarray:
    """The squared distance to each center."""
    return np.stack([((call.x - center)**2).sum(axis=-1) for center in call.weights["centers"]], axis=-1)


@computes("Embedding")
def embedding(call: Call) -> np.ndarray:
    """Rows of the table."""
    return call.weights["embeddings"][call.x.astype(np.int64)]


@computes("Masking")
def masking(call: Call) -> np.ndarray:
    """Steps that are left out become zeros."""
    return np.where(np.any(call.x != call.settings.real("mask_value"), axis=-1, keepdims=True), call.x, 0)


@computes("Dropout SpatialDropout1D SpatialDropout2D AlphaDropout GaussianDropout GaussianNoise")
def nothing(call: Call) -> np.ndarray:
    """What layers do that matter to training alone."""
    return call.x


@computes("Rescaling")
def rescaling(call: Call) -> np.ndarray:
    """Factor x + offset; the offset may be left out."""
    numbers = call.settings.numbers
    return call.x * float(numbers[0]) + (float(numbers[1]) if len(numbers) > 1 else 0.0)


@computes("PReLU")
def prelu(call: Call) -> np.ndarray:
    """A trained slope below zero."""
    return np.maximum(call.x, 0) + call.weights["alpha"] * np.minimum(call.x, 0)


@computes("Flatten")
def flatten(call: Call) -> np.ndarray:
    """Rows, columns, channels, in this order."""
    return call.x.reshape(len(call.x), -1)


@computes("Reshape")
def reshape(call: Call) -> np.ndarray:
    """The same cells in the same order."""
    return call.x.reshape(len(call.x), *(int(number) for number in call.settings.numbers))


@computes("Permute")
def permute(call: Call) -> np.ndarray:
    """Axes counted from 1; the batch stays the first one."""
    return call.x.transpose(0, *(int(number) for number in call.settings.numbers))


@computes("RepeatVector")
def repeat_vector(call: Call) -> np.ndarray:
    """The row, many times."""
    return np.repeat(call.x[:, None], call.settings["count"], axis=1)


@computes("ZeroPadding1D ZeroPadding2D")
def zero_padding(call: Call) -> np.ndarray:
    """Zeros around all axes but the last."""
    return np.pad(call.x, ((0, 0), *around(call.settings, call.x.ndim - 2), (0, 0)))


@computes("Cropping1D Cropping2D")
def cropping(call: Call) -> np.ndarray:
    """Without what is around."""
    sides = around(call.settings, call.x.ndim - 2)
    return call.x[(slice(None), *(slice(a, n - b) for n, (a, b) in zip(call.x.shape[1:], sides)))]


def lines_between(n: int, by: int) -> np.ndarray:
    """The matrix that makes n * by cells of n, on lines between the middles of the old ones."""
    middles = np.clip((np.arange(n * by) + 0.5) / by - 0.5, 0, n - 1)
    lower = np.floor(middles).astype(int)
    shares = np.zeros((n * by, n))
    shares[np.arange(n * by), lower] += 1 - (middles - lower)
    shares[np.arange(n * by), np.minimum(lower + 1, n - 1)] += middles - lower
    return shares


@computes("UpSampling1D UpSampling2D")
def up_sampling(call: Call) -> np.ndarray:
    """Repeats cells, or puts lines between them."""
    y = call.x
    for axis, by in enumerate(call.settings.extents("size", y.ndim - 2), 1):
        if call.settings.has("Bilinear"):
            y = np.moveaxis(np.tensordot(lines_between(y.shape[axis], by), y, (1, axis)), 0, axis)
        else:
            y = np.repeat(y, by, axis=axis)
    return y


@computes("Add Average Maximum Minimum Multiply Subtract Concatenate")
def merge(call: Call) -> np.ndarray:
    """Cell by cell, or one behind the other."""
    inputs = call.inputs
    functions = {"Add": lambda: sum(inputs), "Average": lambda: sum(inputs) / len(inputs),
                 "Maximum": lambda: np.maximum.reduce(inputs), "Minimum": lambda: np.minimum.reduce(inputs),
                 "Multiply": lambda: np.multiply.reduce(inputs), "Subtract": lambda: inputs[0] - inputs[1],
                 "Concatenate": lambda: np.concatenate(inputs, axis=-1)}
    return np.asarray(functions[call.settings.layer.name]())
