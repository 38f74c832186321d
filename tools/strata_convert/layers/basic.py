"""Dense layers, lookups, activations, layers that move cells, layers that matter to training alone, merges."""
import math
from typing import Tuple

from strata_convert.layers.table import (ACTIVATIONS, Settings, Shape, Shaped, after_activation, layer, require,
                                         require_rank, with_bias)


@layer("Dense", "units", passes_mask=True, bias="UseBias", activation="Linear")
def dense(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """... x inputs to ... x units."""
    x = inputs[0]
    return Shaped(after_activation(s, (*x[:-1], s["units"])),
                  with_bias(s, {"kernel": (x[-1], s["units"])}, s["units"]))


@layer("RBF", "units", passes_mask=True)
def radial_basis_functions(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """... x inputs to ... x units, distances to centers."""
    x = inputs[0]
    return Shaped((*x[:-1], s["units"]), {"centers": (s["units"], x[-1])})


@layer("Embedding", "count units", mask_zero="NoMaskZero")
def embedding(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, with units as one more axis."""
    return Shaped((*inputs[0], s["units"]), {"embeddings": (s["count"], s["units"])})


@layer("Masking", passes_mask=True, mask_value="MaskValue<0>")
def masking(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Steps x inputs, unchanged."""
    require_rank(s, inputs[0], 2)
    return Shaped(inputs[0])


def same_shape(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged."""
    return Shaped(inputs[0])


WITH_SETTINGS = {"GLU", "ReLU", "LeakyReLU", "ELU", "CELU", "GELU", "HardShrink", "SoftShrink", "ScaledTanh"}
layer(" ".join(ACTIVATIONS - WITH_SETTINGS), passes_mask=True)(same_shape)
layer("ReLU", passes_mask=True, max_value="MaxValue<inf>", negative_slope="NegativeSlope<0>",
      threshold="Threshold<0>")(same_shape)
layer("LeakyReLU", passes_mask=True, negative_slope="NegativeSlope<0.3>")(same_shape)
layer("ELU CELU", passes_mask=True, alpha="Alpha<1>")(same_shape)
layer("ScaledTanh", passes_mask=True, alpha="Alpha<1.7159>", beta="Beta<0.6666666666666666>")(same_shape)
layer("GELU", passes_mask=True, approximation="Exact")(same_shape)
layer("HardShrink SoftShrink", passes_mask=True, threshold="Threshold<0.5>")(same_shape)


@layer("Dropout SpatialDropout1D SpatialDropout2D AlphaDropout GaussianDropout", "rate", passes_mask=True)
def dropout(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged."""
    require(0 <= s.real("rate") < 1, f"{s.layer}: the rate must lie in [0, 1).")
    return Shaped(inputs[0])


@layer("GaussianNoise", "deviation", passes_mask=True)
def noise(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged."""
    require(0 <= s.real("deviation") < math.inf, f"{s.layer}: the standard deviation is negative, or not finite.")
    return Shaped(inputs[0])


@layer("Rescaling", passes_mask=True)
def rescaling(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged."""
    finite = all(math.isfinite(number) for number in s.numbers)
    require(len(s.numbers) in (1, 2) and finite and s.numbers[0] != 0, f"{s.layer}: a factor and an offset expected.")
    return Shaped(inputs[0])


@layer("GLU", passes_mask=True)
def glu(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """... x 2n to ... x n."""
    require(inputs[0][-1] % 2 == 0, "GLU takes an input whose last axis has an even extent.")
    return Shaped((*inputs[0][:-1], inputs[0][-1] // 2))


@layer("PReLU", passes_mask=True, shared_axes="SharedAxes<>")
def prelu(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged; alpha has extent 1 along shared axes."""
    shared = s.options["shared_axes"].args
    return Shaped(inputs[0], {"alpha": tuple(1 if axis + 1 in shared else n for axis, n in enumerate(inputs[0]))})


@layer("Flatten")
def flatten(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape to a row."""
    return Shaped((math.prod(inputs[0]),))


@layer("Reshape")
def reshape(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape to one of the same size."""
    shape = tuple(int(number) for number in s.numbers)
    require(math.prod(shape) == math.prod(inputs[0]), f"{s.layer} cannot hold an input of shape {inputs[0]}.")
    return Shaped(shape)


@layer("Permute")
def permute(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """The axes in another order, counted from 1."""
    require(sorted(s.numbers) == list(range(1, len(inputs[0]) + 1)), f"{s.layer} does not name each axis once.")
    return Shaped(tuple(inputs[0][int(axis) - 1] for axis in s.numbers))


@layer("RepeatVector", "count")
def repeat_vector(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """n to count x n."""
    require_rank(s, inputs[0], 1)
    return Shaped((s["count"], *inputs[0]))


def around(s: Settings, axes: int) -> Tuple[Tuple[int, int], ...]:
    """How many cells lie before and behind each axis: of no number the default, of one this everywhere, of one for each
    axis this on both sides of images and of steps before and behind, of two for each axis before and behind."""
    numbers = tuple(int(number) for number in s.numbers)
    require(min(numbers, default=0) >= 0, f"{s.layer} has a number below zero.")
    if not numbers:
        numbers = (0,) if s.layer.name == "Cropping2D" else (1,)
    if len(numbers) == 1:
        return ((numbers[0], numbers[0]),) * axes
    if len(numbers) == 2 and axes == 2:
        return ((numbers[0],) * 2, (numbers[1],) * 2)
    require(len(numbers) == 2 * axes, f"{s.layer} has another number of numbers than {axes} axes need.")
    return tuple((numbers[2 * axis], numbers[2 * axis + 1]) for axis in range(axes))


@layer("ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D")
def part_of_image(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """More cells, or fewer, around each axis but the last."""
    axes = int(s.layer.name[-2])
    require_rank(s, inputs[0], axes + 1)
    sign = 1 if s.layer.name.startswith("ZeroPadding") else -1
    extents = tuple(n + sign * sum(sides) for n, sides in zip(inputs[0], around(s, axes)))
    require(all(extent > 0 for extent in extents), f"{s.layer} leaves nothing of an input of shape {inputs[0]}.")
    return Shaped((*extents, inputs[0][-1]))


@layer("UpSampling1D UpSampling2D", size="Size<2>", interpolation="Nearest")
def up_sampling(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Each axis but the last times the size."""
    axes = int(s.layer.name[-2])
    require_rank(s, inputs[0], axes + 1)
    return Shaped((*(n * by for n, by in zip(inputs[0], s.extents("size", axes))), inputs[0][-1]))


@layer("Add Average Maximum Minimum Multiply Subtract", passes_mask=True)
def merge(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Inputs of one shape."""
    require(len(set(inputs)) == 1, f"{s.layer.name} takes branches that end in one shape, not in {inputs}.")
    require(s.layer.name != "Subtract" or len(inputs) == 2, "Subtract takes two branches.")
    return Shaped(inputs[0])


@layer("Concatenate", passes_mask=True)
def concatenate(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Inputs that differ in the last extent alone."""
    require(len({shape[:-1] for shape in inputs}) == 1,
            f"Concatenate takes branches that differ in the last extent alone, not those of shapes {inputs}.")
    return Shaped((*inputs[0][:-1], sum(shape[-1] for shape in inputs)))
