"""Convolutions, pools and what is around images, as modules of PyTorch: see written.py."""
from typing import List, Sequence, Tuple

from strata_convert.errors import ConvertError
from strata_convert.layers.basic import around
from strata_convert.layers.windows import connections_of, pool_strides, transposed_outputs, window_outputs
from strata_convert.torch import layouts
from strata_convert.torch.written import Writing, numbers, writes

Sides = List[Tuple[int, int]]


def pad_code(axes: int, sides: Sequence[Tuple[int, int]], value: str = "0.0") -> str:
    """Cells before and behind each axis; PyTorch names the last axis first."""
    flat = ", ".join(str(n) for side in reversed(sides) for n in side)
    return f"nn.ConstantPad{axes}d(({flat}), {value})"


def missing(w: Writing, window: Sequence[int], strides: Sequence[int]) -> Sides:
    """How many cells are missing before and behind each axis."""
    if w.s.has("Valid"):
        return [(0, 0)] * len(window)
    if w.s.has("Causal"):
        return [(k - 1, 0) for k in window]
    outputs = window_outputs(w.s, w.x[:-1], tuple(window), tuple(strides), (1,) * len(window))
    total = [max((o - 1) * s + k - n, 0) for o, s, k, n in zip(outputs, strides, window, w.x)]
    return [(t // 2, t - t // 2) for t in total]


def padding_option(w: Writing, sides: Sides, value: str = "0.0") -> str:
    """The option for cells around the input, or a module before it where PyTorch has no option."""
    if all(before == behind for before, behind in sides) and value == "0.0":
        before = [side[0] for side in sides]
        return f", padding={numbers(before)}" if any(before) else ""
    w.add(pad_code(len(sides), sides, value))
    return ""


def convolution_code(w: Writing, filters: int, groups: int, bias: bool) -> str:
    """A convolution on the layer's input."""
    axes = len(w.x) - 1
    window, strides = w.s.extents("kernel", axes), w.s.extents("strides", axes)
    dilation = w.s.extents("dilation", axes)
    options = "" if set(strides) == {1} else f", stride={numbers(strides)}"
    options += padding_option(w, missing(w, [(k - 1) * d + 1 for k, d in zip(window, dilation)], strides))
    options += "" if set(dilation) == {1} else f", dilation={numbers(dilation)}"
    options += "" if groups == 1 else f", groups={groups}"
    options += "" if bias else ", bias=False"
    return f"nn.Conv{axes}d({w.x[-1]}, {filters}, {numbers(window)}{options})"


@writes("Conv1D Conv2D")
def convolution(w: Writing) -> None:
    """Conv1d, Conv2d."""
    if connections_of(w.s):
        raise ConvertError(f"PyTorch has no {w.s.options['connections']}.")
    w.channels_first()
    code = convolution_code(w, w.s["filters"], w.s.whole("groups"), "bias" in w.weights)
    w.add(code, layouts.CONVOLUTION[len(w.x) - 1].write(w.weights))


@writes("DepthwiseConv2D")
def depthwise(w: Writing) -> None:
    """Conv2d with a group for each channel."""
    w.channels_first()
    channels = w.x[-1]
    code = convolution_code(w, channels * w.s.whole("depth_multiplier"), channels, "bias" in w.weights)
    w.add(code, layouts.depthwise(channels).write(w.weights))


@writes("SeparableConv2D")
def separable(w: Writing) -> None:
    """A depthwise convolution, and one of 1 x 1."""
    w.channels_first()
    channels, between = w.x[-1], w.x[-1] * w.s.whole("depth_multiplier")
    w.add(convolution_code(w, between, channels, False),
          layouts.depthwise(channels).write({"kernel": w.weights["depthwise_kernel"]}))
    rest = {"kernel": w.weights["pointwise_kernel"], **{k: v for k, v in w.weights.items() if k == "bias"}}
    w.add(f"nn.Conv2d({between}, {w.s['filters']}, 1{'' if 'bias' in rest else ', bias=False'})",
          layouts.CONVOLUTION[2].write(rest))


@writes("Conv1DTranspose Conv2DTranspose")
def transposed(w: Writing) -> None:
    """ConvTranspose1d, ConvTranspose2d; where their padding takes too much, a part is cut out behind them."""
    w.channels_first()
    axes = len(w.x) - 1
    window, strides = w.s.extents("kernel", axes), w.s.extents("strides", axes)
    dilation = w.s.extents("dilation", axes)
    outputs = transposed_outputs(w.s, w.x, axes)
    covered = [(n - 1) * s + (k - 1) * d + 1 for n, s, k, d in zip(w.x, strides, window, dilation)]
    before = [max(c - o, 0) // 2 if w.s.has("Same") else 0 for c, o in zip(covered, outputs)]
    more = [o - c + 2 * b for o, c, b in zip(outputs, covered, before)]
    cut: Sides = []
    if any(m < 0 for m in more):
        cut = [(-b, o + b - max(c, o + b)) for o, c, b in zip(outputs, covered, before)]
        more, before = [max(o + b - c, 0) for o, c, b in zip(outputs, covered, before)], [0] * axes
    options = "" if set(strides) == {1} else f", stride={numbers(strides)}"
    options += f", padding={numbers(before)}" if any(before) else ""
    options += f", output_padding={numbers(more)}" if any(more) else ""
    options += "" if set(dilation) == {1} else f", dilation={numbers(dilation)}"
    options += "" if "bias" in w.weights else ", bias=False"
    w.add(f"nn.ConvTranspose{axes}d({w.x[-1]}, {w.s['filters']}, {numbers(window)}{options})",
          layouts.TRANSPOSED[axes].write(w.weights))
    if cut:
        w.add(pad_code(axes, cut))


@writes("MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D")
def pool(w: Writing) -> None:
    """MaxPool and AvgPool; cells of the padding do not count."""
    w.channels_first()
    axes, largest = len(w.x) - 1, w.step.layer.name.startswith("Max")
    window, strides = w.s.extents("pool", axes), pool_strides(w.s, axes)
    sides = missing(w, window, strides)
    options = "" if strides == window else f", {numbers(strides)}"
    if any(n for side in sides for n in side):
        if largest:
            padding_option(w, sides, '-float("inf")')
        elif any(before != behind for before, behind in sides):
            raise ConvertError("PyTorch's AvgPool has the same padding on both sides.")
        else:
            options += f", padding={numbers([side[0] for side in sides])}, count_include_pad=False"
    w.add(f"nn.{'Max' if largest else 'Avg'}Pool{axes}d({numbers(window)}{options})")


@writes("GlobalMaxPooling1D GlobalMaxPooling2D GlobalAveragePooling1D GlobalAveragePooling2D")
def global_pool(w: Writing) -> None:
    """A pool over everything."""
    w.channels_first()
    axes, largest = len(w.x) - 1, w.step.layer.name.startswith("GlobalMax")
    w.add(f"nn.Adaptive{'Max' if largest else 'Avg'}Pool{axes}d(1)")
    if w.s.has("DropDims"):
        w.add("nn.Flatten()")
        w.state.first = False


@writes("ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D")
def part(w: Writing) -> None:
    """Zeros around, or a part."""
    w.channels_first()
    axes, sign = len(w.x) - 1, 1 if w.step.layer.name.startswith("Zero") else -1
    w.add(pad_code(axes, [(sign * a, sign * b) for a, b in around(w.s, axes)]))


@writes("UpSampling1D UpSampling2D")
def up_sampling(w: Writing) -> None:
    """Upsample."""
    w.channels_first()
    axes = len(w.x) - 1
    factors = w.s.extents("size", axes)
    mode = "bilinear" if w.s.has("Bilinear") else "nearest"
    w.add(f'nn.Upsample(scale_factor={numbers(factors)}, mode="{mode}")')
