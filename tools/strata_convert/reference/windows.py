"""Convolutions and pools: one product, or one comparison, for each tap of a window."""
import itertools
from functools import reduce
from typing import Iterator, Tuple

import numpy as np

from strata_convert.layers.table import Shape
from strata_convert.layers.windows import connections_of, pool_strides, transposed_outputs, window_outputs
from strata_convert.reference.activations import activate
from strata_convert.reference.table import Call, computes, plus_bias


def padding(call: Call, n: int, outputs: int, reach: int, stride: int) -> Tuple[int, int]:
    """How many cells are missing before and behind an axis; what is odd goes behind."""
    if call.settings.has("Valid"):
        return (0, 0)
    if call.settings.has("Causal"):
        return (reach - 1, 0)
    missing = max((outputs - 1) * stride + reach - n, 0)
    return (missing // 2, missing - missing // 2)


def taps(call: Call, x: np.ndarray, window: Shape, strides: Shape, dilation: Shape,
         fill: float) -> Iterator[Tuple[Tuple[int, ...], np.ndarray]]:
    """Each tap of a window, and what all windows have at it: batch x outputs x channels."""
    outputs = window_outputs(call.settings, x.shape[1:-1], window, strides, dilation)
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation)]
    sides = [padding(call, n, o, r, s) for n, o, r, s in zip(x.shape[1:-1], outputs, reach, strides)]
    padded = np.pad(x, ((0, 0), *sides, (0, 0)), constant_values=fill)
    for tap in itertools.product(*(range(k) for k in window)):
        places = (slice(t * d, t * d + (o - 1) * s + 1, s) for t, d, o, s in zip(tap, dilation, outputs, strides))
        yield tap, padded[(slice(None), *places)]


def of_convolution(call: Call, x: np.ndarray) -> Iterator[Tuple[Tuple[int, ...], np.ndarray]]:
    """The taps of a convolution's kernel."""
    axes = x.ndim - 2
    s = call.settings
    return taps(call, x, s.extents("kernel", axes), s.extents("strides", axes), s.extents("dilation", axes), 0)


@computes("Conv1D Conv2D")
def convolution(call: Call) -> np.ndarray:
    """A cross-correlation; kernels are taps x channels of a group x filters."""
    kernel, groups, connected = call.weights["kernel"], call.settings.whole("groups"), connections_of(call.settings)
    if connected is not None:  # zeros where there is no connection
        whole = np.zeros((*kernel.shape[:-1], call.x.shape[-1], call.settings["filters"]))
        whole[(..., *np.transpose(connected))] = kernel
        kernel = whole
    parts = []
    for x, k in zip(np.split(call.x, groups, axis=-1), np.split(kernel, groups, axis=-1)):
        parts.append(sum(np.tensordot(cells, k[tap], 1) for tap, cells in of_convolution(call, x)))
    return activate(call.settings.activation, plus_bias(call, np.concatenate(parts, axis=-1)))


def depthwise(call: Call, kernel: np.ndarray) -> np.ndarray:
    """Each channel by itself; what is made of one are neighbours."""
    y = sum(cells[..., None] * kernel[tap] for tap, cells in of_convolution(call, call.x))
    y = np.asarray(y)
    return y.reshape(*y.shape[:-2], -1)


@computes("DepthwiseConv2D")
def depthwise_convolution(call: Call) -> np.ndarray:
    """Kernels are rows x columns x channels x multiplier."""
    return activate(call.settings.activation, plus_bias(call, depthwise(call, call.weights["kernel"])))


@computes("SeparableConv2D")
def separable_convolution(call: Call) -> np.ndarray:
    """Each channel by itself, then a product for each pixel."""
    between = depthwise(call, call.weights["depthwise_kernel"])
    return activate(call.settings.activation, plus_bias(call, between @ call.weights["pointwise_kernel"][0, 0]))


@computes("Conv1DTranspose Conv2DTranspose")
def transposed_convolution(call: Call) -> np.ndarray:
    """The gradient of a convolution with respect to its input: that convolution goes from these outputs to x."""
    s, x, kernel = call.settings, call.x, call.weights["kernel"]
    axes = x.ndim - 2
    strides, dilation = s.extents("strides", axes), s.extents("dilation", axes)
    outputs = transposed_outputs(s, x.shape[1:], axes)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel.shape, dilation)]
    covered = [(n - 1) * stride + r for n, stride, r in zip(x.shape[1:], strides, reach)]
    before = [max(c - o, 0) // 2 if s.has("Same") else 0 for c, o in zip(covered, outputs)]
    whole = np.zeros((len(x), *(max(c, b + o) for c, b, o in zip(covered, before, outputs)), kernel.shape[-2]))
    for tap in itertools.product(*(range(k) for k in kernel.shape[:axes])):
        places = (slice(t * d, t * d + (n - 1) * stride + 1, stride)
                  for t, d, n, stride in zip(tap, dilation, x.shape[1:], strides))
        whole[(slice(None), *places)] += x @ kernel[tap].T
    y = whole[(slice(None), *(slice(b, b + o) for b, o in zip(before, outputs)))]
    return activate(s.activation, plus_bias(call, y))


@computes("MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D")
def pooling(call: Call) -> np.ndarray:
    """The largest cell, or the mean; cells of the padding do not count."""
    axes = call.x.ndim - 2
    window, strides = call.settings.extents("pool", axes), pool_strides(call.settings, axes)
    if call.settings.layer.name.startswith("Max"):
        return reduce(np.maximum, (cells for _, cells in taps(call, call.x, window, strides, (1,) * axes, -np.inf)))
    total = sum(cells for _, cells in taps(call, call.x, window, strides, (1,) * axes, 0))
    count = sum(cells for _, cells in taps(call, np.ones_like(call.x), window, strides, (1,) * axes, 0))
    return np.asarray(total) / np.asarray(count)


@computes("Subsampling2D")
def subsampling(call: Call) -> np.ndarray:
    """The sum of each window, of windows side by side, times a coefficient."""
    rows, columns = call.settings.extents("pool", 2)
    extents = (call.x.shape[1] // rows, call.x.shape[2] // columns)
    cells = call.x[:, :extents[0] * rows, :extents[1] * columns]
    sums = cells.reshape(len(cells), extents[0], rows, extents[1], columns, -1).sum(axis=(2, 4))
    return activate(call.settings.activation, plus_bias(call, sums * call.weights["kernel"]))


@computes("GlobalMaxPooling1D GlobalMaxPooling2D GlobalAveragePooling1D GlobalAveragePooling2D")
def global_pooling(call: Call) -> np.ndarray:
    """Over all steps or pixels; the mean over the steps that a mask does not leave out."""
    axes, keep = tuple(range(1, call.x.ndim - 1)), call.settings.has("KeepDims")
    if call.settings.layer.name.startswith("GlobalMax"):
        return call.x.max(axis=axes, keepdims=keep)
    if call.mask is None:
        return call.x.mean(axis=axes, keepdims=keep)
    count = np.maximum(call.mask.sum(axis=1), 1)[:, None]
    mean = np.where(call.mask[:, :, None], call.x, 0).sum(axis=1) / count
    return mean[:, None] if keep else mean
