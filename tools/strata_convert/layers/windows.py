"""Convolutions and pools."""
from typing import List, Optional, Tuple

from strata_convert.errors import listed
from strata_convert.layers.table import (Settings, Shape, Shaped, after_activation, layer, require, require_rank,
                                         require_size, with_bias)

CONVOLUTION = {"kernel": "Kernel<3>", "strides": "Strides<1>", "padding": "Valid", "dilation": "Dilation<1>",
               "bias": "UseBias", "activation": "Linear"}


def window_outputs(s: Settings, x: Shape, window: Shape, strides: Shape, dilation: Shape) -> Shape:
    """How many windows lie along each axis."""
    if not s.has("Valid"):
        return tuple(-(-n // stride) for n, stride in zip(x, strides))
    outputs = tuple((n - (k - 1) * d - 1) // stride + 1 for n, k, stride, d in zip(x, window, strides, dilation))
    require(all(n > 0 for n in outputs), f"{s.layer}: its windows are larger than an input of shape {x}.")
    return outputs


def require_one_of(s: Settings, strides: Shape, dilation: Shape) -> None:
    """Throws ConvertError for strides together with a dilation, which strata does not have."""
    require(max(strides) == 1 or max(dilation) == 1,
            f"{s.layer}: strides above 1 and a dilation above 1 cannot be combined.")


def require_reach(x: Shape, window: Shape, dilation: Shape) -> None:
    """Throws ConvertError for windows that reach so far out of an input that only a damaged file can have them."""
    reach = ((k - 1) * d + 1 for k, d in zip(window, dilation))
    require_size((*(n + r for n, r in zip(x, reach)), x[-1]))


def convolution_outputs(s: Settings, x: Shape, axes: int) -> Shape:
    """The extents of a convolution's result, without channels."""
    require_rank(s, x, axes + 1)
    window, dilation = s.extents("kernel", axes), s.extents("dilation", axes)
    require_one_of(s, s.extents("strides", axes), dilation)
    require_reach(x, window, dilation)
    return window_outputs(s, x, window, s.extents("strides", axes), dilation)


# Tables of Connections that strata has: for each filter, the channels that it sees.
CONNECTIONS = {"lenet5_connections": "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345".split()}


def connections_of(s: Settings) -> Optional[List[Tuple[int, int]]]:
    """The channel and the filter of each connection, in the order of weights; None where all are connected."""
    option = s.options.get("connections")
    if option is None or option.name != "Connections":
        return None
    name = str(option.args[0]) if len(option.args) == 1 else ""
    require(name in CONNECTIONS, f"{option}: the only table that strata-convert knows is {listed(CONNECTIONS)}.")
    return sorted((int(channel), at) for at, channels in enumerate(CONNECTIONS[name]) for channel in channels)


@layer("Conv1D Conv2D", "filters", False, groups="Groups<1>", connections="AllConnections", **CONVOLUTION)
def convolution(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Steps, or rows x columns, x channels."""
    x, axes, filters, groups = inputs[0], int(s.layer.name[-2]), s["filters"], s.whole("groups")
    extents = convolution_outputs(s, x, axes)
    require(x[-1] % groups == 0 and filters % groups == 0, f"{s.layer}: the groups do not divide the channels.")
    kernel = (*s.extents("kernel", axes), x[-1] // groups, filters)
    connected = connections_of(s)
    if connected is not None:
        channels_of_table, filters_of_table = (n + 1 for n in connected[-1])
        require((x[-1], filters) == (channels_of_table, filters_of_table),
                f"{s.layer}: its table is one of {channels_of_table} channels and {filters_of_table} filters.")
        require(groups == 1, f"{s.layer}: Connections and Groups cannot be combined.")
        kernel = (*s.extents("kernel", axes), len(connected))
    return Shaped(after_activation(s, (*extents, filters)), with_bias(s, {"kernel": kernel}, filters))


@layer("DepthwiseConv2D", "", False, depth_multiplier="DepthMultiplier<1>", **CONVOLUTION)
def depthwise_convolution(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Rows x columns x channels; the outputs of one channel are neighbours."""
    x, multiplier = inputs[0], s.whole("depth_multiplier")
    extents, filters = convolution_outputs(s, x, 2), x[-1] * multiplier
    return Shaped(after_activation(s, (*extents, filters)),
                  with_bias(s, {"kernel": (*s.extents("kernel", 2), x[-1], multiplier)}, filters))


@layer("SeparableConv2D", "filters", False, depth_multiplier="DepthMultiplier<1>", **CONVOLUTION)
def separable_convolution(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """A depthwise convolution and one of 1 x 1."""
    x, multiplier, filters = inputs[0], s.whole("depth_multiplier"), s["filters"]
    extents = convolution_outputs(s, x, 2)
    kernels = {"depthwise_kernel": (*s.extents("kernel", 2), x[-1], multiplier),
               "pointwise_kernel": (1, 1, x[-1] * multiplier, filters)}
    return Shaped(after_activation(s, (*extents, filters)), with_bias(s, kernels, filters))


def transposed_outputs(s: Settings, x: Shape, axes: int) -> Shape:
    """The extents of a transposed convolution's result, by Keras' rule."""
    extents = []
    given = s.options["output_padding"].name == "OutputPadding"
    padding = s.extents("output_padding", axes) if given else (0,) * axes
    for n, k, stride, d, more in zip(x, s.extents("kernel", axes), s.extents("strides", axes),
                                     s.extents("dilation", axes), padding):
        reach = (k - 1) * d + 1
        if given:
            extents.append((n - 1) * stride + reach - (2 * (reach // 2) if s.has("Same") else 0) + more)
        else:
            extents.append(n * stride + (0 if s.has("Same") else max(reach - stride, 0)))
    return tuple(extents)


@layer("Conv1DTranspose Conv2DTranspose", "filters", False, output_padding="NoOutputPadding", **CONVOLUTION)
def transposed_convolution(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Steps, or rows x columns, x channels; the kernel has filters before channels."""
    x, axes, filters = inputs[0], int(s.layer.name[4]), s["filters"]
    require_rank(s, x, axes + 1)
    require_one_of(s, s.extents("strides", axes), s.extents("dilation", axes))
    strided = tuple(n * stride for n, stride in zip(x, s.extents("strides", axes)))
    require_reach((*strided, filters), s.extents("kernel", axes), s.extents("dilation", axes))
    return Shaped(after_activation(s, (*transposed_outputs(s, x, axes), filters)),
                  with_bias(s, {"kernel": (*s.extents("kernel", axes), filters, x[-1])}, filters))


def pool_strides(s: Settings, axes: int) -> Shape:
    """The strides of a pool, as large as the pool unless given."""
    given = s.options["strides"].name == "Strides"
    return s.extents("strides" if given else "pool", axes)


@layer("MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D", pool="Pool<2>", strides="StridesOfPool",
       padding="Valid")
def pooling(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Steps, or rows x columns, x channels."""
    axes = int(s.layer.name[-2])
    require_rank(s, inputs[0], axes + 1)
    window = s.extents("pool", axes)
    require_reach(inputs[0], window, (1,) * axes)
    extents = window_outputs(s, inputs[0][:-1], window, pool_strides(s, axes), (1,) * axes)
    return Shaped((*extents, inputs[0][-1]))


@layer("Subsampling2D", pool="Pool<2>", bias="UseBias", activation="Linear")
def subsampling(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Rows x columns x channels; a coefficient for each channel."""
    require_rank(s, inputs[0], 3)
    *extents, channels = inputs[0]
    outputs = tuple(n // size for n, size in zip(extents, s.extents("pool", 2)))
    return Shaped(after_activation(s, (*outputs, channels)), with_bias(s, {"kernel": (channels,)}, channels))


@layer("GlobalMaxPooling1D GlobalMaxPooling2D GlobalAveragePooling1D GlobalAveragePooling2D", keep_dims="DropDims")
def global_pooling(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """To channels, or with KeepDims to ones x channels."""
    axes = int(s.layer.name[-2])
    require_rank(s, inputs[0], axes + 1)
    return Shaped((*((1,) * axes if s.has("KeepDims") else ()), inputs[0][-1]))
