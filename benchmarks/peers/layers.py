"""The layers of the comparison's networks, described once for all Python peers, with Keras' names and options. Shapes
are those of one sample: rows x columns x channels, steps x channels, or values. Each layer has

    output(shape)     the shape of its result, given that of its input
    tensors(shape)    its parameters and state, in the order of Keras and of strata's files
"""
import math
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Tensor:
    """A parameter, or state that is not `trained`; its first values are drawn between `least` and `most`."""

    name: str
    shape: tuple
    least: float
    most: float
    trained: bool = True


def _glorot(name, shape, ins, outs):
    limit = math.sqrt(6 / (ins + outs))
    return Tensor(name, shape, -limit, limit)


def _bias(shape):
    """Not of zeros: a peer that left one out would not be found."""
    return Tensor("bias", shape, -0.05, 0.05)


class Layer:
    def output(self, shape):
        return shape

    def tensors(self, shape):
        return []


@dataclass(frozen=True)
class Conv2D(Layer):
    filters: int
    kernel: int = 3
    padding: str = "valid"
    activation: Optional[str] = None
    strides: int = 1
    dilation: int = 1
    bias: bool = True

    name = "conv2d"

    def pads(self, extent):
        """The zeros before and behind an axis, as TensorFlow chooses them: the odd one comes behind."""
        span = (self.kernel - 1) * self.dilation
        if self.padding == "causal":
            return span, 0
        if self.padding == "valid":
            return 0, 0
        total = max((-(-extent // self.strides) - 1) * self.strides + span + 1 - extent, 0)
        return total // 2, total - total // 2

    def output(self, shape):
        span = (self.kernel - 1) * self.dilation
        spatial = ((extent + sum(self.pads(extent)) - span - 1) // self.strides + 1 for extent in shape[:-1])
        return *spatial, self.filters

    def tensors(self, shape):
        window = (self.kernel,) * (len(shape) - 1)
        taps = math.prod(window)
        kernel = _glorot("kernel", (*window, shape[-1], self.filters), taps * shape[-1], taps * self.filters)
        return [kernel, _bias((self.filters,))] if self.bias else [kernel]


@dataclass(frozen=True)
class Conv1D(Conv2D):
    """The same along steps."""

    name = "conv1d"


@dataclass(frozen=True)
class DepthwiseConv2D(Conv2D):
    """One filter for each channel; `filters` says nothing."""

    filters: int = 0

    name = "depthwise_conv2d"

    def output(self, shape):
        return *super().output(shape)[:-1], shape[-1]

    def tensors(self, shape):
        taps = self.kernel**2
        kernel = _glorot("kernel", (self.kernel, self.kernel, shape[-1], 1), taps, taps)
        return [kernel, _bias(shape[-1:])] if self.bias else [kernel]


@dataclass(frozen=True)
class Dense(Layer):
    units: int
    activation: Optional[str] = None
    bias: bool = True

    name = "dense"

    def output(self, shape):
        return (self.units,)

    def tensors(self, shape):
        kernel = _glorot("kernel", (shape[0], self.units), shape[0], self.units)
        return [kernel, _bias((self.units,))] if self.bias else [kernel]


@dataclass(frozen=True)
class BatchNormalization(Layer):
    momentum: float = 0.99
    epsilon: float = 1e-3

    name = "batch_normalization"

    def tensors(self, shape):
        each = shape[-1:]
        return [Tensor("gamma", each, 0.8, 1.2), Tensor("beta", each, -0.1, 0.1),
                Tensor("moving_mean", each, -0.1, 0.1, False), Tensor("moving_variance", each, 0.8, 1.2, False)]


@dataclass(frozen=True)
class LSTM(Layer):
    """The state after the last step; the gates i, f, c, o side by side."""

    units: int

    name = "lstm"
    gates = 4

    def output(self, shape):
        return (self.units,)

    def tensors(self, shape):
        columns = self.gates * self.units
        return [_glorot("kernel", (shape[-1], columns), shape[-1], columns),
                _glorot("recurrent_kernel", (self.units, columns), self.units, columns), self.biases(columns)]

    def biases(self, columns):
        return _bias((columns,))


@dataclass(frozen=True)
class GRU(LSTM):
    """The gates z, r, c; the reset gate after the product, so there are two rows of biases."""

    name = "gru"
    gates = 3

    def biases(self, columns):
        return _bias((2, columns))


@dataclass(frozen=True)
class Pool(Layer):
    """2x2 with stride 2; kind is "average" or "max"."""

    kind: str

    def output(self, shape):
        return shape[0] // 2, shape[1] // 2, shape[2]


@dataclass(frozen=True)
class GlobalAveragePooling(Layer):
    """Over rows and columns, or over steps."""

    def output(self, shape):
        return shape[-1:]


@dataclass(frozen=True)
class Flatten(Layer):
    def output(self, shape):
        return (math.prod(shape),)


@dataclass(frozen=True)
class Rows(Layer):
    """The rows of an image of one channel as steps."""

    def output(self, shape):
        return shape[:2]


@dataclass(frozen=True)
class Activation(Layer):
    activation: str


@dataclass(frozen=True)
class Dropout(Layer):
    rate: float


@dataclass(frozen=True)
class Residual(Layer):
    """layers(x) + shortcut(x); an empty shortcut is x."""

    layers: tuple
    shortcut: tuple = ()

    def output(self, shape):
        return output(self.layers, shape)


def output(layers, shape):
    for layer in layers:
        shape = layer.output(shape)
    return shape


def walk(layers, shape):
    """Pairs of each layer and the shape of its input. Behind a Residual come the layers in it, first those of the
    branch, then those of the shortcut, as in strata's files."""
    for layer in layers:
        yield layer, shape
        if isinstance(layer, Residual):
            yield from walk(layer.layers, shape)
            yield from walk(layer.shortcut, shape)
        shape = layer.output(shape)
