"""The comparison's networks as modules of PyTorch, up to the logits. Steps are columns of images of one row, so that
convolutions along them have all memory formats that others have."""
import torch
from torch import nn

from layers import (GRU, LSTM, Activation, BatchNormalization, Conv2D, Conv1D, Dense, DepthwiseConv2D, Dropout, Flatten,
                    GlobalAveragePooling, Pool, Residual, Rows)
from networks import channels_first

ACTIVATIONS = {"tanh": nn.Tanh, "relu": lambda: nn.ReLU(inplace=True)}


class Sum(nn.Module):
    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers, self.shortcut = layers, shortcut

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


class GlobalMean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


class RowsAsSteps(nn.Module):
    """N x 1 x steps x values to N x values x 1 x steps, without a copy."""

    def forward(self, x):
        return x.permute(0, 3, 1, 2)


class LastState(nn.Module):
    """The state of a recurrent module after the last step."""

    def __init__(self, recurrent):
        super().__init__()
        self.recurrent = recurrent

    def forward(self, x):
        state = self.recurrent(x.squeeze(2).permute(2, 0, 1))[1]
        return (state[0] if isinstance(state, tuple) else state)[0]


def assign(parameters, arrays):
    with torch.no_grad():
        for ours, given in zip(parameters, arrays, strict=True):
            ours.copy_(torch.from_numpy(given.copy()))


def convolution(layer, shape, tensors):
    along_steps = isinstance(layer, Conv1D)
    window = [1, layer.kernel] if along_steps else [layer.kernel] * 2
    pads = ([(0, 0)] if along_steps else []) + [layer.pads(extent) for extent in shape[:-1]]
    even = all(before == after for before, after in pads)
    channels = shape[-1]
    filters, groups = (channels, channels) if isinstance(layer, DepthwiseConv2D) else (layer.filters, 1)
    module = nn.Conv2d(channels, filters, window, layer.strides, [before for before, _ in pads] if even else 0,
                       layer.dilation, groups, layer.bias)
    assign(module.parameters(), tensors)
    return [module] if even else [nn.ZeroPad2d([pad for axis in reversed(pads) for pad in axis]), module]


def recurrent(layer, shape, tensors):
    """LSTM has a second row of biases in PyTorch, which is not trained: two would learn at twice the rate. The gates
    of GRU come in another order."""
    kernel, recurrent_kernel, bias = (torch.from_numpy(each.copy()) for each in tensors)
    if isinstance(layer, GRU):
        module = nn.GRU(shape[-1], layer.units)
        kernel, recurrent_kernel, bias = (
            torch.cat([r, z, c], -1) for z, r, c in (each.chunk(3, -1) for each in (kernel, recurrent_kernel, bias)))
    else:
        module = nn.LSTM(shape[-1], layer.units)
        module.bias_hh_l0.requires_grad_(False)
        bias = torch.stack([bias, torch.zeros_like(bias)])
    assign(module.parameters(), [each.numpy() for each in (kernel.T, recurrent_kernel.T, bias[0], bias[1])])
    return LastState(module)


def modules(layers, shape, tensors):
    """The modules of `layers`, which take what they need from the iterator `tensors`."""
    flattened = None
    for layer in layers:
        given = channels_first(layer, [next(tensors) for _ in layer.tensors(shape)], flattened)
        if isinstance(layer, Conv2D):
            yield from convolution(layer, shape, given)
        elif isinstance(layer, Dense):
            module = nn.Linear(shape[0], layer.units, layer.bias)
            assign(module.parameters(), given)
            flattened = None
            yield module
        elif isinstance(layer, BatchNormalization):
            kind = nn.BatchNorm2d if len(shape) > 1 else nn.BatchNorm1d
            module = kind(shape[-1], layer.epsilon, 1 - layer.momentum)
            assign((module.weight, module.bias, module.running_mean, module.running_var), given)
            yield module
        elif isinstance(layer, LSTM):
            yield recurrent(layer, shape, given)
        elif isinstance(layer, Pool):
            yield nn.AvgPool2d(2) if layer.kind == "average" else nn.MaxPool2d(2)
        elif isinstance(layer, GlobalAveragePooling):
            yield GlobalMean()
        elif isinstance(layer, Flatten):
            flattened = shape
            yield nn.Flatten()
        elif isinstance(layer, Rows):
            yield RowsAsSteps()
        elif isinstance(layer, Dropout):
            yield nn.Dropout(layer.rate)
        elif isinstance(layer, Residual):
            yield Sum(*(nn.Sequential(*modules(each, shape, tensors)) for each in (layer.layers, layer.shortcut)))
        elif not isinstance(layer, Activation):
            raise TypeError(f"no module for {layer}")
        activation = ACTIVATIONS.get(getattr(layer, "activation", None))
        if activation:
            yield activation()
        shape = layer.output(shape)


def module(network, parameters):
    return nn.Sequential(*modules(network.layers, network.input, iter(parameters)))
