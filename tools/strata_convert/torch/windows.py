"""Convolutions, pools, and what is around images."""
from typing import Any, Dict, List, Tuple

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.torch import layouts
from strata_convert.torch.functions import Applied, cropped, is_same, makes, number, option, padded
from strata_convert.torch.values import BATCH, NEW, Value


def convolution_padding(f: Applied, x: Value, reach: Tuple[int, ...], strides: Tuple[int, ...]) -> Tuple[Value, Any]:
    """The input, with zeros around it where no option says them, and the option."""
    axes, padding = len(reach), f.get("padding", [0])
    if padding == "same":
        return x, "Same" if any(k > 1 for k in reach) else None
    numbers = (0,) * axes if padding == "valid" else f.extents("padding", axes, [0])
    if not any(numbers):
        return x, None
    if is_same(x.shape[:-1], reach, strides, numbers):
        return x, "Same"
    return padded(f.plan, x, [(n, n) for n in numbers]), None


@makes("conv1d conv2d")
def convolution(f: Applied) -> Value:
    """Conv1D, Conv2D, and with a group for each channel DepthwiseConv2D."""
    axes = int(f.name[4])
    x = f.plan.channels_last(f.x, axes)
    arrays = f.tensors(weight="weight", bias="bias")
    weight, groups = arrays["weight"], f.get("groups", 1)
    strides, dilation = f.extents("stride", axes, [1]), f.extents("dilation", axes, [1])
    if max(strides) > 1 and max(dilation) > 1:
        raise ConvertError("stride and dilation are both above 1: strata has no such convolution, nor has Keras.")
    window = weight.shape[2:]
    x, padding = convolution_padding(f, x, tuple((k - 1) * d + 1 for k, d in zip(window, dilation)), strides)
    options = [option("Kernel", window), option("Strides", strides, (1,) * axes),
               option("Dilation", dilation, (1,) * axes), padding, None if "bias" in arrays else "NoBias"]
    channels = x.shape[-1]
    if axes == 2 and groups == channels > 1:
        multiplier = len(weight) // groups
        more = [option("DepthMultiplier", (multiplier,), (1,))]
        y = f.plan.add("DepthwiseConv2D", [x], *options, *more, weights=layouts.depthwise(channels).read(arrays))
    else:
        y = f.plan.add(f"Conv{axes}D", [x], len(weight), *options, option("Groups", (groups,), (1,)),
                       weights=layouts.CONVOLUTION[axes].read(arrays))
    return y


@makes("conv_transpose1d conv_transpose2d")
def transposed_convolution(f: Applied) -> Value:
    """Conv1DTranspose and Conv2DTranspose; what PyTorch's padding takes away is Same, or a Cropping behind it."""
    axes = int(f.name[14])
    x = f.plan.channels_last(f.x, axes)
    arrays = f.tensors(weight="weight", bias="bias")
    f.refuse("groups", 1, "strata has no groups in transposed convolutions.")
    strides, dilation = f.extents("stride", axes, [1]), f.extents("dilation", axes, [1])
    padding, more = f.extents("padding", axes, [0]), f.extents("output_padding", axes, [0])
    window, filters = arrays["weight"].shape[2:], arrays["weight"].shape[1]
    if max(strides) > 1 and max(dilation) > 1:
        raise ConvertError("stride and dilation are both above 1: strata has no such convolution, nor has Keras.")
    if any(m >= s for m, s in zip(more, strides)):
        if any(more):
            raise ConvertError("output_padding is not less than stride.")
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilation)]
    covered = [(n - 1) * s + r for n, s, r in zip(x.shape, strides, reach)]
    outputs = [c - 2 * p + m for c, p, m in zip(covered, padding, more)]
    same = [(n * s, max(c - n * s, 0) // 2) for n, s, c in zip(x.shape, strides, covered)]
    options: List[Any] = [option("Kernel", window), option("Strides", strides, (1,) * axes),
                          option("Dilation", dilation, (1,) * axes), None if "bias" in arrays else "NoBias"]
    sides: List[Tuple[int, int]] = []
    if list(zip(outputs, padding)) == same and any(padding):
        options.append("Same")
    else:
        sides = [(p, p) for p in padding]
        if any(more) or any(r < s for r, s in zip(reach, strides)):
            options.append(Node("OutputPadding", more[:1] if len(set(more)) == 1 else more))
    y = f.plan.add(f"Conv{axes}DTranspose", [x], filters, *options, weights=layouts.TRANSPOSED[axes].read(arrays))
    return cropped(f.plan, y, sides)


def never_negative(f: Applied, x: Value) -> bool:
    """Whether a value has no cells below zero, because of the layer that makes it."""
    if x.at == 0:
        return False
    name = f.plan.calls[x.at - 1].layer.name
    return name in ("ReLU", "ReLU6", "Sigmoid", "HardSigmoid", "Softmax", "Softplus")


@makes("max_pool1d max_pool2d avg_pool1d avg_pool2d")
def pool(f: Applied) -> Value:
    """Pools. Cells of the padding do not count in strata's, and do in PyTorch's means, unless it is said."""
    axes, largest = int(f.name[8]), f.name.startswith("max")
    x = f.plan.channels_last(f.x, axes)
    window = f.extents("kernel_size", axes, None)
    strides = f.extents("stride", axes, f.get("stride") or list(window)) if f.get("stride") else window
    padding = f.extents("padding", axes, [0])
    f.refuse("divisor_override", None, "divisor_override is not supported.")
    if any(d != 1 for d in f.extents("dilation", axes, [1])):
        raise ConvertError("strata has no dilation in pools.")
    uneven = any((n + 2 * p - k) % s for n, p, k, s in zip(x.shape, padding, window, strides))
    if f.get("ceil_mode", False) and uneven:
        raise ConvertError("ceil_mode=True: strata's pools have no windows that hang over the end.")
    options = [option("Pool", window, (2,) * axes), option("Strides", strides, window)]
    if any(padding):
        with_zeros = never_negative(f, x) if largest else f.get("count_include_pad", True)
        if not (not largest and with_zeros) and is_same(x.shape[:-1], window, strides, padding):
            options.append("Same")
        elif with_zeros:
            x = padded(f.plan, x, [(n, n) for n in padding])
        else:
            raise ConvertError(f"its padding {list(padding)} is not that of strata's Same, and zeros in its place "
                               "would change the result.")
    return f.plan.add(("Max" if largest else "Average") + f"Pooling{axes}D", [x], *options)


def global_pool(f: Applied, x: Value, largest: bool, axes: int, keep: bool) -> Value:
    """A pool over all of an image or a sequence whose channels are last."""
    y = f.plan.add(f"Global{'Max' if largest else 'Average'}Pooling{axes}D", [x])
    new: Tuple[int, ...] = (NEW,) * axes if keep else ()
    return Value(y.at, y.shape, (BATCH, 0, *new))


@makes("adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d")
def adaptive_pool(f: Applied) -> Value:
    """To one cell a global pool; to a size that divides the input's a pool."""
    axes, largest = int(f.name[-2]), "max" in f.name
    x = f.plan.channels_last(f.x, axes)
    given = f.get("output_size")
    sizes = [n if size is None else size for n, size in zip(x.shape, given if isinstance(given, list) else [given] * 2)]
    if all(size == 1 for size in sizes):
        return global_pool(f, x, largest, axes, True)
    if any(type(size) is not int or size < 1 or n % size for n, size in zip(x.shape, sizes)):
        raise ConvertError(f"its output_size {sizes} does not divide the size of its input, {list(x.shape[:-1])}.")
    window = tuple(n // size for n, size in zip(x.shape, sizes))
    if all(k == 1 for k in window):
        return x
    return f.plan.add(("Max" if largest else "Average") + f"Pooling{axes}D", [x], option("Pool", window, (2,) * axes))


@makes("mean amax")
def reduction(f: Applied) -> Value:
    """The mean, or the largest, over all rows and columns, or all steps."""
    x, given = f.x, f.get("dim")
    if x.axes[0] != BATCH or given is None:
        raise ConvertError("strata has no mean over samples or over all axes.")
    dims = sorted(x.axis(dim) for dim in (given if isinstance(given, list) else [given]))
    left = [i for i in range(1, len(x.axes)) if i not in dims]
    if len(left) != 1 or len(dims) not in (1, 2) or 0 in dims:
        raise ConvertError(f"strata has no mean or maximum over the axes {dims} of {len(x.axes)}.")
    moved = f.plan.arranged(x, [*dims, *left])
    y = global_pool(f, moved, f.name == "amax", len(dims), False)
    if not f.get("keepdim", False):
        return y
    return Value(y.at, y.shape, tuple(BATCH if i == 0 else 0 if i in left else NEW for i in range(len(x.axes))))


@makes("pad constant_pad_nd")
def pad(f: Applied) -> Value:
    """ZeroPadding and Cropping of rows and columns, or steps."""
    x, given = f.x, f.get("pad") or []
    mode, value = f.get("mode", "constant"), f.get("value")
    if mode != "constant" or value not in (None, 0):
        raise ConvertError(f"strata has no padding but with zeros, not {value if mode == 'constant' else mode}.")
    sides = {x.axis(-1 - i): (given[2 * i], given[2 * i + 1]) for i in range(len(given) // 2)}
    sides = {axis: side for axis, side in sides.items() if side != (0, 0)}
    return sized(f, x, sides)


def sized(f: Applied, x: Value, sides: Dict[int, Tuple[int, int]]) -> Value:
    """A value with more cells, or fewer, before and behind some of PyTorch's axes."""
    if not sides:
        return x
    rank = len(x.axes)
    if rank not in (3, 4) or x.axes[0] != BATCH or 0 in sides:
        raise ConvertError("strata has no padding or cropping here, but of rows, columns and steps.")
    last = 1 if 1 not in sides else rank - 1
    if last in sides:
        raise ConvertError("strata has no padding or cropping of channels.")
    order = [i for i in range(1, rank) if i != last]
    x = f.plan.arranged(x, [*order, last])
    pairs = [sides.get(i, (0, 0)) for i in order]
    y = padded(f.plan, x, [(max(a, 0), max(b, 0)) for a, b in pairs])
    return cropped(f.plan, y, [(max(-a, 0), max(-b, 0)) for a, b in pairs])


@makes("slice")
def part(f: Applied) -> Value:
    """x[:, :, a:b] as a Cropping."""
    x = f.x
    axis = x.axis(f.get("dim", 0))
    n = x.extents(f.batch)[axis]
    start, end, step = slice(f.get("start"), f.get("end"), f.get("step", 1)).indices(n)
    if (start, end, step) == (0, n, 1):
        return x
    if step != 1 or end <= start:
        raise ConvertError("strata has no slices with steps.")
    return sized(f, x, {axis: (-start, end - n)})


def selected(f: Applied) -> Value:
    """x[:, t]: one step of a sequence."""
    x = f.x
    axis = x.axis(f.get("dim", 0))
    n = x.extents(f.batch)[axis]
    index = f.get("index", 0)
    if x.axes[axis] == NEW:
        return Value(x.at, x.shape, tuple(a for i, a in enumerate(x.axes) if i != axis), x.rows, x.back)
    if x.axes[axis] == BATCH or len(x.axes) != 3 or not -n <= index < n:
        raise ConvertError(f"strata takes no cells out of an array of {len(x.axes)} axes by their index.")
    other = next(i for i in x.others() if i != axis)
    moved = f.plan.arranged(x, [axis, other])
    return f.plan.flattened(Value(*one_step(f, moved, index % n)))


def one_step(f: Applied, x: Value, index: int) -> Tuple[int, Tuple[int, ...], Tuple[int, ...]]:
    """The number, shape and axes of one step of a sequence, which still is a sequence."""
    y = cropped(f.plan, x, [(index, x.shape[0] - 1 - index)])
    return y.at, y.shape, (BATCH, 0, 1)


@makes("upsample_nearest1d upsample_nearest2d upsample_bilinear2d")
def up_sampling(f: Applied) -> Value:
    """UpSampling by whole factors."""
    axes, bilinear = int(f.name[-2]), "bilinear" in f.name
    x = f.plan.channels_last(f.x, axes)
    f.refuse("align_corners", False, "align_corners=True: strata's Bilinear has the middles of cells in their place.")
    sizes, scales = f.get("output_size"), f.get("scale_factors")
    factors = [size / n for size, n in zip(sizes, x.shape)] if sizes else list(scales or [0.0])
    if len(factors) != axes or any(factor < 1 or factor != int(factor) for factor in factors):
        raise ConvertError(f"strata enlarges by whole numbers, not by {factors}.")
    size = option("Size", [int(factor) for factor in factors], (2,) * axes)
    return f.plan.add(f"UpSampling{axes}D", [x], size, "Bilinear" if bilinear else None)


def scaled_by(f: Applied, x: Value, factor: float, offset: float) -> Value:
    """factor x + offset."""
    if factor == 0 or not np.isfinite([factor, offset]).all():
        raise ConvertError("a factor of zero, or one that is not finite.")
    if (factor, offset) == (1, 0):
        return x
    return f.plan.add("Rescaling", [x], number(factor), None if offset == 0 else number(offset))


def spread(f: Applied, small: Value, large: Value) -> Value:
    """A value of one cell for each channel, repeated over an image."""
    axes = len(large.axes) - 2
    repeated = f.plan.channels_last(small, axes)
    y = f.plan.add(f"UpSampling{axes}D", [repeated], option("Size", large.shape[:axes], (2,) * axes))
    return Value(y.at, y.shape, large.axes)
