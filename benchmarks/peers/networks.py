"""The networks of the comparison, and the parameters that all peers start from."""
import json
import math
import random
from array import array
from dataclasses import dataclass, replace

from layers import (GRU, LSTM, Activation, BatchNormalization, Conv1D, Conv2D, Dense, DepthwiseConv2D, Dropout, Flatten,
                    GlobalAveragePooling, Pool, Residual, Rows, walk)


@dataclass(frozen=True)
class Network:
    """`layers` on an input of rows x columns x channels; the last layer is a softmax over ten classes. Of `samples`
    there are random ones, or MNIST's where it is 0."""

    title: str
    input: tuple
    layers: tuple
    samples: int = 0

    def walk(self):
        return walk(self.layers, self.input)

    @property
    def draws(self):
        """Whether training draws random numbers of its own, so that no two peers get the same loss."""
        return any(isinstance(layer, Dropout) for layer, _ in self.walk())

    def tensors(self):
        """The parameters and the state of all layers under their names in strata's files."""
        seen = {}
        for layer, shape in self.walk():
            tensors = layer.tensors(shape)
            if tensors:
                before = seen.get(layer.name, 0)
                seen[layer.name] = before + 1
                name = f"{layer.name}_{before}" if before else layer.name
                yield from (replace(tensor, name=f"{name}/{tensor.name}") for tensor in tensors)


RELU, SOFTMAX = Activation("relu"), Dense(10, "softmax")
BN = BatchNormalization()


def _vgg_block(filters):
    return Conv2D(filters, 3, "same", "relu"), Conv2D(filters, 3, "same", "relu"), Pool("max")


def _resnet_block(filters, strides=1):
    def conv(kernel, strides):
        return Conv2D(filters, kernel, "same", strides=strides, bias=False)

    shortcut = (conv(1, strides), BN) if strides > 1 else ()
    return Residual((conv(3, strides), BN, RELU, conv(3, 1), BN), shortcut), RELU


def _separable_block(filters, strides):
    return (DepthwiseConv2D(padding="same", strides=strides, bias=False), BN, RELU,
            Conv2D(filters, 1, bias=False), BN, RELU)


def _tcn_block(dilation):
    return Residual((Conv1D(64, 3, "causal", "relu", dilation=dilation),) * 2)


def _normalized(units):
    return Dense(units, bias=False), BN, RELU, Dropout(0.2)


DIGIT, PICTURE = (28, 28, 1), (32, 32, 3)
NETWORKS = {
    "lenet5": Network("LeNet-5", DIGIT, (
        Conv2D(6, 5, "same", "tanh"), Pool("average"), Conv2D(16, 5, "valid", "tanh"), Pool("average"), Flatten(),
        Dense(120, "tanh"), Dense(84, "tanh"), SOFTMAX)),
    "mlp": Network("MLP 784-512-512-10", DIGIT, (Flatten(), Dense(512, "relu"), Dense(512, "relu"), SOFTMAX)),
    "vgg": Network("VGG-like, 32x32x3", PICTURE, (
        *_vgg_block(32), *_vgg_block(64), *_vgg_block(128), Flatten(), Dense(256, "relu"), SOFTMAX), 2048),
    "resnet20": Network("ResNet-20, 32x32x3", PICTURE, (
        Conv2D(16, 3, "same", bias=False), BN, RELU,
        *_resnet_block(16), *_resnet_block(16), *_resnet_block(16),
        *_resnet_block(32, 2), *_resnet_block(32), *_resnet_block(32),
        *_resnet_block(64, 2), *_resnet_block(64), *_resnet_block(64), GlobalAveragePooling(), SOFTMAX), 2048),
    "lstm": Network("LSTM of 64 units, 28 steps", DIGIT, (Rows(), LSTM(64), SOFTMAX)),
    "gru": Network("GRU of 64 units, 28 steps", DIGIT, (Rows(), GRU(64), SOFTMAX)),
    "tcn": Network("TCN, 28 steps", DIGIT, (
        Rows(), Conv1D(64, 1), *map(_tcn_block, (1, 2, 4, 8)), GlobalAveragePooling(), SOFTMAX)),
    "separable": Network("Depthwise separable, 32x32x3", PICTURE, (
        Conv2D(32, 3, "same", bias=False), BN, RELU, *_separable_block(64, 1), *_separable_block(128, 2),
        *_separable_block(128, 1), *_separable_block(256, 2), *_separable_block(256, 1),
        GlobalAveragePooling(), SOFTMAX), 2048),
    "mlp_normalized": Network("MLP with normalization and dropout", DIGIT, (
        Flatten(), *_normalized(512), *_normalized(512), SOFTMAX)),
}


def write_first_parameters(network, seed, path):
    """A safetensors file of values drawn for all tensors. The same seed gives the same file."""
    draw = random.Random(seed).uniform
    header, data = {}, array("f")
    for tensor in network.tensors():
        start = len(data)
        data.extend(draw(tensor.least, tensor.most) for _ in range(math.prod(tensor.shape)))
        header[tensor.name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [4 * start, 4 * len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data.tobytes())


def channels_first(layer, tensors, flattened=None):
    """The tensors of a layer for images of channels x rows x columns: kernels of filters x channels x rows x columns,
    with one row for those along steps, dense kernels of units x inputs, with the inputs in the other order behind a
    Flatten of an image of the shape `flattened`."""
    if isinstance(layer, Conv2D):
        kernel, *bias = tensors
        if isinstance(layer, DepthwiseConv2D):
            kernel = kernel.transpose(0, 1, 3, 2)
        elif isinstance(layer, Conv1D):
            kernel = kernel[None]
        tensors = kernel.transpose(3, 2, 0, 1), *bias
    elif isinstance(layer, Dense):
        kernel, *bias = tensors
        if flattened:
            kernel = kernel.reshape(*flattened, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
        tensors = kernel.T, *bias
    return [each.copy() for each in tensors]  # rows one after the other again
