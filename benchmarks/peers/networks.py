"""The networks of the comparison, described once for all Python peers, and the parameters that all peers start from."""
import json
import math
import random
from array import array
from dataclasses import dataclass


@dataclass(frozen=True)
class Conv:
    filters: int
    kernel: int
    padding: str
    activation: str


@dataclass(frozen=True)
class Pool:
    """2x2 with stride 2; kind is "average" or "max"."""

    kind: str


@dataclass(frozen=True)
class Flatten:
    pass


@dataclass(frozen=True)
class Dense:
    units: int
    activation: str


@dataclass(frozen=True)
class Network:
    """`layers` on an input of rows x columns x channels; the last layer is a softmax over the classes."""

    input: tuple
    layers: tuple


def _vgg_block(filters):
    return Conv(filters, 3, "same", "relu"), Conv(filters, 3, "same", "relu"), Pool("max")


NETWORKS = {
    "lenet5": Network((28, 28, 1), (
        Conv(6, 5, "same", "tanh"), Pool("average"), Conv(16, 5, "valid", "tanh"), Pool("average"), Flatten(),
        Dense(120, "tanh"), Dense(84, "tanh"), Dense(10, "softmax"))),
    "mlp": Network((28, 28, 1), (Flatten(), Dense(512, "relu"), Dense(512, "relu"), Dense(10, "softmax"))),
    "vgg": Network((32, 32, 3), (
        *_vgg_block(32), *_vgg_block(64), *_vgg_block(128), Flatten(), Dense(256, "relu"), Dense(10, "softmax"))),
}


def shapes(network):
    """Pairs of each layer and the shape of its input."""
    shape = network.input
    for layer in network.layers:
        yield layer, shape
        if isinstance(layer, Conv):
            lost = 0 if layer.padding == "same" else layer.kernel - 1
            shape = (shape[0] - lost, shape[1] - lost, layer.filters)
        elif isinstance(layer, Pool):
            shape = (shape[0] // 2, shape[1] // 2, shape[2])
        else:
            shape = (math.prod(shape),) if isinstance(layer, Flatten) else (layer.units,)


def kernels(network):
    """Name, shape and Glorot's limit of each layer's kernel, in Keras' layout: rows x columns x channels x filters,
    inputs x units. A layer without one is left out."""
    seen = {"conv2d": 0, "dense": 0}
    for layer, shape in shapes(network):
        if isinstance(layer, Conv):
            kind, kernel, taps = "conv2d", (layer.kernel, layer.kernel, shape[2], layer.filters), layer.kernel**2
        elif isinstance(layer, Dense):
            kind, kernel, taps = "dense", (shape[0], layer.units), 1
        else:
            continue
        yield kind + (f"_{seen[kind]}" if seen[kind] else ""), kernel, math.sqrt(6 / (taps * sum(kernel[-2:])))
        seen[kind] += 1


def write_first_parameters(network, seed, path):
    """A safetensors file with kernels drawn by Glorot's rule and zero biases. The same seed gives the same file."""
    draw = random.Random(seed).uniform
    header, data = {}, array("f")

    def append(name, shape, values):
        start = len(data)
        data.extend(values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [4 * start, 4 * len(data)]}

    for name, shape, limit in kernels(network):
        append(f"{name}/kernel", shape, (draw(-limit, limit) for _ in range(math.prod(shape))))
        append(f"{name}/bias", shape[-1:], (0.0 for _ in range(shape[-1])))
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data.tobytes())


def channels_first(network, parameters):
    """The same parameters for images of channels x rows x columns: kernels of filters x channels x rows x columns,
    dense kernels of units x inputs, with the inputs behind a Flatten in the other order."""
    result = []
    remaining = iter(parameters)
    flattened = None
    for layer, shape in shapes(network):
        if isinstance(layer, Conv):
            result += [next(remaining).transpose(3, 2, 0, 1), next(remaining)]
        elif isinstance(layer, Flatten):
            flattened = shape
        elif isinstance(layer, Dense):
            kernel = next(remaining)
            if flattened:
                kernel = kernel.reshape(*flattened, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
                flattened = None
            result += [kernel.T, next(remaining)]
    return [each.copy() for each in result]  # rows one after the other again
