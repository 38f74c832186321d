"""Convolutions and pools: kernels from OIHW to HWIO, explicit pads to Same, or to a layer of zeros before."""
import math
from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

import numpy as np

from strata_convert.onnx.layers import Layer
from strata_convert.errors import ConvertError
from strata_convert.layers import class_name
from strata_convert.network import Node
from strata_convert.onnx.file import MOST_CELLS
from strata_convert.onnx.operators.table import Call, extents_option, operator, with_shape
from strata_convert.onnx.values import Value

NOT_NEGATIVE = ("ReLU ReLU6 Sigmoid HardSigmoid SparseSigmoid Softplus Exponential Softmax Sparsemax SparsePlus "
                "Squareplus").split()
KEEP_SIGN = ("Dropout Flatten Reshape Permute ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D MaxPooling1D "
             "MaxPooling2D AveragePooling1D AveragePooling2D Concatenate Add Maximum Minimum Multiply").split()


@dataclass(frozen=True)
class Windows:
    """The windows of an operator along each axis: their extents, distances, and the cells around the input."""

    inputs: Tuple[int, ...]
    kernel: Tuple[int, ...]
    strides: Tuple[int, ...]
    dilation: Tuple[int, ...]
    before: Tuple[int, ...]
    after: Tuple[int, ...]

    @property
    def axes(self) -> int:
        """How many axes they move along."""
        return len(self.kernel)

    @property
    def reach(self) -> Tuple[int, ...]:
        """How many cells a window goes over, gaps included."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation))

    def same(self) -> Tuple[Tuple[int, ...], Tuple[int, ...]]:
        """The cells that Same has around the input."""
        missing = [max((-(-n // s) - 1) * s + r - n, 0) for n, s, r in zip(self.inputs, self.strides, self.reach)]
        return tuple(m // 2 for m in missing), tuple(m - m // 2 for m in missing)

    @property
    def is_padded(self) -> bool:
        """Whether there are cells around the input."""
        return any(self.before) or any(self.after)


def per_axis(call: Call, name: str, axes: int, default: int) -> Tuple[int, ...]:
    """A list of whole numbers among the attributes. Throws ConvertError unless there is one for each axis."""
    values = tuple(call.op.get(name) or [default] * axes)
    if len(values) != axes or any(value < (default if name != "pads" else 0) for value in values):
        raise ConvertError(f"{name}={list(values)} does not fit an input of {axes + 2} axes.")
    return values


def windows_of(call: Call, kernel: Optional[Sequence[int]] = None) -> Windows:
    """The windows of an operator on its input, with auto_pad written out."""
    x = call.x
    axes = x.rank - 2
    if axes not in (1, 2):
        raise ConvertError(f"its input has {x.rank} axes; strata has layers for steps and images, 3 and 4.")
    shape = tuple(call.op.get("kernel_shape") or kernel or ())
    if len(shape) != axes or (kernel is not None and shape != tuple(kernel)) or min(shape) < 1:
        raise ConvertError(f"its kernel_shape {list(shape)} does not fit.")
    inputs = tuple(x.extent(k + 2) for k in range(axes))
    pads = per_axis(call, "pads", 2 * axes, 0) if call.op.get("pads") else (0,) * (2 * axes)
    found = Windows(inputs, shape, per_axis(call, "strides", axes, 1), per_axis(call, "dilations", axes, 1),
                    pads[:axes], pads[axes:])
    auto_pad = call.op.get("auto_pad", "NOTSET")
    if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        before, after = found.same()
        if auto_pad == "SAME_LOWER":
            before, after = after, before
        return Windows(inputs, shape, found.strides, found.dilation, before, after)
    if auto_pad == "VALID":
        return Windows(inputs, shape, found.strides, found.dilation, (0,) * axes, (0,) * axes)
    return found


def channels_last(call: Call) -> Value:
    """The input as steps, or rows x columns, x channels."""
    x = call.x
    if x.axes[0] != (-1,):
        raise ConvertError("the first axis of its input is not the batch.")
    return call.builder.placed(x, [[k] for k in (*range(2, x.rank), 1)])


def padded(call: Call, layer: Layer, w: Windows) -> Layer:
    """The layer's cells with zeros around them."""
    if not w.is_padded:
        return layer
    pairs = [count for pair in zip(w.before, w.after) for count in pair]
    return call.builder.layer(call.node(f"ZeroPadding{w.axes}D", *shortest_pairs(pairs)), [layer])


def shortest_pairs(pairs: List[int]) -> List[int]:
    """The numbers of a ZeroPadding or Cropping: one where all are the same, one for each axis where both sides are."""
    if len(set(pairs)) == 1:
        return pairs[:1]
    if len(pairs) == 4 and pairs[0] == pairs[1] and pairs[2] == pairs[3]:
        return [pairs[0], pairs[2]]
    return pairs


def channels_first(call: Call, layer: Layer) -> Value:
    """What a layer over steps or images makes, as ONNX sees it."""
    axes = len(layer.shape) - 1
    return with_shape(call.x, layer.shape, [(-1,), (axes,), *((k,) for k in range(axes))], layer)


@operator("Conv")
def convolution(call: Call) -> Value:
    """Conv1D, Conv2D or, with as many groups as channels, DepthwiseConv2D."""
    weights = call.constant(1, "kernel")
    bias = call.optional(2, "bias")
    w = windows_of(call, weights.shape[2:])
    groups, channels, filters = call.op.get("group", 1), call.x.extent(1), weights.shape[0]
    if groups < 1 or weights.shape[1] * groups != channels or filters % groups:
        raise ConvertError(f"its kernel of shape {weights.shape} does not fit {channels} channels in {groups} groups.")
    if any(s > 1 for s in w.strides) and any(d > 1 for d in w.dilation):
        raise ConvertError("strata combines no strides above 1 with dilations above 1.")
    layer = channels_last(call).layer
    padding = None
    if w.is_padded and (w.before, w.after) == w.same():
        padding = Node("Same")
    elif w.axes == 1 and w.before[0] == w.reach[0] - 1 > 0 and w.after == (0,):
        padding = Node("Causal")
    else:
        layer = padded(call, layer, w)
    is_depthwise = groups == channels > 1 and w.axes == 2
    order = (*range(2, weights.ndim), 1, 0)
    kernel = weights.transpose(order)
    count = filters // groups if is_depthwise else filters
    if is_depthwise:
        kernel = weights.reshape(groups, count, *weights.shape[2:]).transpose(2, 3, 0, 1)
    options = [extents_option("Kernel", w.kernel, 3), extents_option("Strides", w.strides, 1), padding,
               extents_option("Dilation", w.dilation, 1)]
    if is_depthwise:
        options += [Node("DepthMultiplier", (count,)) if count > 1 else None]
    else:
        options += [Node("Groups", (groups,)) if groups > 1 else None]
    options += [Node("NoBias") if bias is None else None]
    made = call.node("DepthwiseConv2D", *options) if is_depthwise else call.node(f"Conv{w.axes}D", filters, *options)
    tensors = {"kernel": kernel, **({} if bias is None else {"bias": bias})}
    return channels_first(call, call.builder.layer(made, [layer], tensors))


@operator("ConvTranspose")
def transposed_convolution(call: Call) -> Value:
    """Conv1DTranspose or Conv2DTranspose; where its pads are not those of Same, the whole result and a Cropping."""
    weights = call.constant(1, "kernel")
    bias = call.optional(2, "bias")
    call.refuse(group=1)
    w = windows_of(call, weights.shape[2:])
    if weights.shape[0] != call.x.extent(1):
        raise ConvertError(f"its kernel of shape {weights.shape} does not fit {call.x.extent(1)} channels.")
    if any(s > 1 for s in w.strides) and any(d > 1 for d in w.dilation):
        raise ConvertError("strata combines no strides above 1 with dilations above 1.")
    options, before, after = transposed_padding(w, *output_window(call, w))
    made = call.node(f"Conv{w.axes}DTranspose", weights.shape[1], extents_option("Kernel", w.kernel, 3),
                     extents_option("Strides", w.strides, 1), *options,
                     extents_option("Dilation", w.dilation, 1), Node("NoBias") if bias is None else None)
    kernel = weights.transpose(*range(2, weights.ndim), 1, 0)
    tensors = {"kernel": kernel, **({} if bias is None else {"bias": bias})}
    layer = call.builder.layer(made, [channels_last(call).layer], tensors)
    if any(before) or any(after):
        pairs = [count for pair in zip(before, after) for count in pair]
        layer = call.builder.layer(call.node(f"Cropping{w.axes}D", *shortest_pairs(pairs)), [layer])
    return channels_first(call, layer)


def transposed_padding(w: Windows, more: List[int], before: List[int],
                       after: List[int]) -> Tuple[List[Optional[Node]], List[int], List[int]]:
    """The options that make a transposed convolution's outputs as many as ONNX has, and the cells that a Cropping has
    to leave out then. Of each axis `more` cells are added behind what the windows cover."""
    covered = [(n - 1) * s + r for n, s, r in zip(w.inputs, w.strides, w.reach)]
    outputs = [c + m - b - a for c, m, b, a in zip(covered, more, before, after)]
    nothing = [0] * w.axes

    def is_same(wanted: List[int]) -> bool:
        """Whether Same with so many outputs has these cells."""
        return wanted == outputs and before == [max(c - o, 0) // 2 for c, o in zip(covered, wanted)] and more == [
            max(o - c, 0) for c, o in zip(covered, wanted)]

    by_strides = [n * s for n, s in zip(w.inputs, w.strides)]
    least = [(n - 1) * s + r % 2 for n, s, r in zip(w.inputs, w.strides, w.reach)]
    padding = [o - n for o, n in zip(outputs, least)]
    if not any(before) and not any(after) and more == [max(o - c, 0) for c, o in zip(covered, by_strides)]:
        return [], nothing, nothing  # the default: what the windows cover, or the strides
    if is_same(by_strides):
        return [Node("Same")], nothing, nothing
    if is_same(outputs) and any(before) and all(0 <= p < s for p, s in zip(padding, w.strides)):
        return [extents_option("OutputPadding", padding), Node("Same")], nothing, nothing
    if any(m >= s for m, s in zip(more, w.strides)):
        raise ConvertError(f"output_padding={more} is not less than its strides.")
    return [extents_option("OutputPadding", more)], before, after


def output_window(call: Call, w: Windows) -> Tuple[List[int], List[int], List[int]]:
    """Of each axis of a transposed convolution the cells that are added behind, and those that are left out before and
    behind. Pads may be given, or follow from output_shape or auto_pad: half of them before, rounded down for SAME_UPPER
    alone. Where windows cover less than the output, ONNX Runtime and ONNX's reference agree on one cell behind."""
    more = list(per_axis(call, "output_padding", w.axes, 0))
    auto_pad = call.op.get("auto_pad", "NOTSET")
    wanted = call.op.get("output_shape")
    if wanted is None and auto_pad.startswith("SAME"):
        wanted = [n * s for n, s in zip(w.inputs, w.strides)]
    before, after = list(w.before), list(w.after)
    if wanted is not None:
        if len(wanted) != w.axes:
            raise ConvertError(f"output_shape={wanted} does not fit.")
        for k in range(w.axes):
            left_out = (w.inputs[k] - 1) * w.strides[k] + more[k] + w.reach[k] - wanted[k]
            if left_out < 0:
                if left_out < -1 or auto_pad == "SAME_UPPER" or call.op.get("output_shape") is None:
                    raise ConvertError("its windows cover less than its output; where, is not the same everywhere.")
                more[k], left_out = more[k] + 1, 0
            half = left_out // 2
            before[k], after[k] = (half, left_out - half) if auto_pad == "SAME_UPPER" else (left_out - half, half)
    for k in range(w.axes):  # what is added and left out again
        both = min(more[k], after[k])
        more[k], after[k] = more[k] - both, after[k] - both
    return more, before, after


def is_not_negative(layer: Layer, deep: int = 0) -> bool:
    """Whether no cell can be below zero."""
    name = class_name(layer.node)
    if name in NOT_NEGATIVE:
        settings = {option.name: option for option in layer.node.types()}
        return "NegativeSlope" not in settings
    return bool(layer.inputs) and name in KEEP_SIGN and deep < 50 and all(
        is_not_negative(read, deep + 1) for read in layer.inputs)


@operator("MaxPool AveragePool")
def pool(call: Call) -> Value:
    """MaxPooling and AveragePooling. Cells around the input count for nothing in strata; zeros may stand there where
    they count as zero in ONNX, or where no cell of the input is less."""
    is_maximum = call.op.kind == "MaxPool"
    if len([name for name in call.op.outputs if name]) > 1:
        raise ConvertError("the indices of a MaxPool are not in strata.")
    w = windows_of(call)
    if any(d > 1 for d in w.dilation):
        raise ConvertError("dilations of a pool are not in strata.")
    layer = channels_last(call).layer
    extents = [n + b + a for n, b, a in zip(w.inputs, w.before, w.after)]
    if call.op.get("ceil_mode", 0) and any((n - k) % s for n, k, s in zip(extents, w.kernel, w.strides)):
        raise ConvertError("ceil_mode=1 makes windows here that lie outside of the input; strata has none.")
    same = w.is_padded and (w.before, w.after) == w.same()
    counts = not is_maximum and call.op.get("count_include_pad", 0) == 1
    if w.is_padded and (counts or not same):
        if not counts and not (is_maximum and is_not_negative(layer)):
            raise ConvertError(f"its pads {[*w.before, *w.after]} are not those of Same, and no layer of strata leaves "
                               "out other cells of a window.")
        layer, same = padded(call, layer, w), False
    name = f"{'Max' if is_maximum else 'Average'}Pooling{w.axes}D"
    strides = None if w.strides == w.kernel else extents_option("Strides", w.strides)
    made = call.node(name, extents_option("Pool", w.kernel, 2), strides, Node("Same") if same else None)
    return channels_first(call, call.builder.layer(made, [layer]))


@operator("GlobalMaxPool GlobalAveragePool")
def global_pool(call: Call) -> Value:
    """Over all positions."""
    x = channels_last(call)
    name = f"{'GlobalMax' if 'Max' in call.op.kind else 'GlobalAverage'}Pooling{call.x.rank - 2}D"
    if call.x.rank not in (3, 4):
        raise ConvertError(f"its input has {call.x.rank} axes; strata has layers for 3 and 4.")
    layer = call.builder.layer(call.node(name), [x.layer])
    return with_shape(call.x, layer.shape, [(-1,), (0,), *((),) * (call.x.rank - 2)], layer)


@operator("DepthToSpace SpaceToDepth")
def blocks(call: Call) -> Value:
    """Cells that move between channels and positions: a Reshape, a Permute and another Reshape."""
    from strata_convert.onnx.operators.shapes import transposed
    from strata_convert.onnx.values import reshaped
    x, b = call.x, int(call.op.get("blocksize", 1))
    if x.rank != 4 or x.axes[0] != (-1,) or b < 1:
        raise ConvertError("it takes a batch of images.")
    n, c, h, width = x.extents
    if call.op.kind == "SpaceToDepth":
        if h % b or width % b:
            raise ConvertError(f"blocks of {b} do not divide its input of shape {x.extents}.")
        cells = transposed(reshaped(call.builder, x, (n, c, h // b, b, width // b, b)), (0, 3, 5, 1, 2, 4))
        return reshaped(call.builder, cells, (n, c * b * b, h // b, width // b))
    if c % (b * b):
        raise ConvertError(f"blocks of {b} do not divide its input of shape {x.extents}.")
    if call.op.get("mode", "DCR") == "DCR":
        cells = transposed(reshaped(call.builder, x, (n, b, b, c // (b * b), h, width)), (0, 3, 4, 1, 5, 2))
    else:
        cells = transposed(reshaped(call.builder, x, (n, c // (b * b), b, b, h, width)), (0, 1, 4, 2, 5, 3))
    return reshaped(call.builder, cells, (n, c // (b * b), h * b, width * b))


def nearest(inputs: int, factor: int, coordinates: str, rounding: str) -> Optional[np.ndarray]:
    """Which cell of the input each output of a Resize takes; None for what is not known."""
    at = np.arange(inputs * factor, dtype=np.float64)
    if coordinates in ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric"):
        at = (at + 0.5) / factor - 0.5
    elif coordinates == "asymmetric":
        at = at / factor
    else:
        return None
    rule = {"floor": np.floor, "ceil": np.ceil, "round_prefer_floor": lambda v: np.ceil(v - 0.5),
            "round_prefer_ceil": lambda v: np.floor(v + 0.5)}.get(rounding)
    return None if rule is None else np.clip(rule(at), 0, inputs - 1)


@operator("Upsample Resize")
def upsampling(call: Call) -> Value:
    """UpSampling1D or UpSampling2D, for whole factors."""
    x = call.x
    is_resize = call.op.kind == "Resize" and call.opset >= 11
    scales, sizes = call.optional(2 if is_resize else 1, "scales"), call.optional(3, "sizes")
    if scales is None or scales.size == 0:
        if sizes is None or sizes.size != x.rank:
            raise ConvertError("it has neither scales nor sizes.")
        scales = np.asarray([float(size) / n for size, n in zip(sizes.reshape(-1), x.extents)])
    factors = [float(scale) for scale in scales.reshape(-1)[:5]]
    if len(factors) != x.rank or x.rank not in (3, 4) or factors[:2] != [1.0, 1.0] or any(
            f != int(f) or f < 1 for f in factors):
        raise ConvertError(f"its scales {factors} are not whole numbers along the rows and columns.")
    whole = [int(f) for f in factors[2:]]
    if math.prod(whole) * math.prod(x.extents[1:]) > MOST_CELLS:
        raise ConvertError(f"its scales {factors} ask for too much.")
    call.refuse("axes", antialias=0, exclude_outside=0)
    mode = call.op.get("mode", "nearest")
    coordinates = call.op.get("coordinate_transformation_mode", "half_pixel" if is_resize else "asymmetric")
    if mode == "nearest":
        rounding = call.op.get("nearest_mode", "round_prefer_floor" if is_resize else "floor")
        for f, n in zip(whole, x.extents[2:]):
            taken = nearest(n, f, coordinates, rounding)
            if taken is None or not np.array_equal(taken, np.arange(n * f) // f):
                raise ConvertError(f"{coordinates} with {rounding} does not repeat each cell equally often.")
    elif mode != "linear" or x.rank != 4 or not coordinates.endswith("half_pixel") or (
            coordinates.startswith("pytorch") and 1 in x.extents[2:]):
        raise ConvertError(f"the mode {mode} with {coordinates} is not in strata.")
    made = call.node(f"UpSampling{x.rank - 2}D", extents_option("Size", whole, 2),
                     Node("Bilinear") if mode == "linear" else None)
    return channels_first(call, call.builder.layer(made, [channels_last(call).layer]))


@operator("Pad")
def pad(call: Call) -> Value:
    """ZeroPadding; with another constant between two layers that move the numbers there and back."""
    x = call.x
    call.refuse(mode="constant")
    pads = call.whole_numbers(1, "pads") or []
    fill = call.number(2, "value", 0.0)
    given = call.whole_numbers(3, "axes")
    axes = [x.axis(axis) for axis in given] if given is not None else list(range(x.rank))
    if len(pads) != 2 * len(axes):
        raise ConvertError(f"its pads {pads} do not fit an input of {x.rank} axes.")
    before, after = dict(zip(axes, pads)), dict(zip(axes, pads[len(axes):]))
    wanted = [k for k in range(x.rank) if before.get(k) or after.get(k)]
    if x.batch_axis in wanted:
        raise ConvertError("it pads the batch.")
    if not wanted:
        return x
    if not math.isfinite(fill):
        raise ConvertError("it pads with infinity.")
    return padded_along(call, x, wanted, before, after, fill)


def padded_along(call: Call, x: Value, wanted: List[int], before: dict, after: dict, fill: float) -> Value:
    """Any two axes with more cells around them, or fewer where the numbers are negative."""
    if len(wanted) > 2:
        raise ConvertError("it pads more than two axes.")
    others = [k for k in x.others(*wanted) if x.axes[k]]
    moved = sorted(wanted, key=lambda k: min(x.axes[k], default=-1))
    placed = call.builder.placed(x, [*([k] for k in moved), others])
    layer = placed.layer
    if fill:
        layer = call.builder.layer(call.node("Rescaling", 1, -fill), [layer])
    for sign, name in ((-1, "Cropping"), (1, "ZeroPadding")):
        pairs = [max(sign * side.get(k, 0), 0) for k in moved for side in (before, after)]
        if any(pairs):
            layer = call.builder.layer(call.node(f"{name}{len(moved)}D", *shortest_pairs(pairs)), [layer])
    if fill:
        layer = call.builder.layer(call.node("Rescaling", 1, fill), [layer])
    runs: List[Sequence[int]] = [()] * x.rank
    shape = [*layer.shape[:-1], *(x.extent(k) for k in others)]
    for place, k in enumerate([*moved, *others]):
        runs[k] = (place,)
    runs[x.batch_axis] = (-1,)
    return with_shape(placed, shape, runs, layer)
