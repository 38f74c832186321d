"""Keras' layers, as strata's: all but those of sequences and normalizations."""
import math
from typing import Any, List, Optional, Tuple

from strata_convert.keras.config import Config, activation_layer, activation_of, is_whole
from strata_convert.keras.table import (Translated, activation, extents, flag, kernel_and_bias, last_axis, layer,
                                        number, translates)
from strata_convert.layers import Shape
from strata_convert.network import Node

Shapes = Tuple[Optional[Shape], ...]


@translates("Dense")
def dense(c: Config, shapes: Shapes) -> Translated:
    """Along the last axis."""
    return Translated(layer("Dense", c.whole("units"), activation(c), flag("NoBias", not c.flag("use_bias", True))),
                      kernel_and_bias(c))


@translates("Activation")
def activation_of_name(c: Config, shapes: Shapes) -> Translated:
    """An activation by its name; a linear one is no layer."""
    found = activation_of(c)
    return Translated(None if found == Node("Linear") else found)


@translates("ReLU LeakyReLU ELU")
def activation_with_settings(c: Config, shapes: Shapes) -> Translated:
    """An activation that is a layer in Keras, too."""
    return Translated(activation_layer(c, c.class_name, c.values))


@translates("Softmax")
def softmax(c: Config, shapes: Shapes) -> Translated:
    """Along the last axis."""
    last_axis(c, shapes[0])
    return Translated(Node("Softmax"))


@translates("PReLU")
def prelu(c: Config, shapes: Shapes) -> Translated:
    """A trained slope."""
    shared = c.get("shared_axes")
    axes = c.extents("shared_axes", len(shared) if isinstance(shared, list) else 1) if shared not in (None, []) else ()
    return Translated(layer("PReLU", Node("SharedAxes", axes) if axes else None), [("", ["alpha"])])


@translates("Embedding")
def embedding(c: Config, shapes: Shapes) -> Translated:
    """Rows of a table."""
    return Translated(layer("Embedding", c.whole("input_dim"), c.whole("output_dim"),
                            flag("MaskZero", c.flag("mask_zero"))), [("", ["embeddings"])])


@translates("Masking")
def masking(c: Config, shapes: Shapes) -> Translated:
    """Leaves out steps."""
    return Translated(layer("Masking", number("MaskValue", c.real("mask_value"), 0.0)))


@translates("Flatten")
def flatten(c: Config, shapes: Shapes) -> Translated:
    """To a row."""
    c.channels_last()
    return Translated(Node("Flatten"))


@translates("Reshape")
def reshape(c: Config, shapes: Shapes) -> Translated:
    """To another shape; -1 stands for what is left."""
    target = c.get("target_shape")
    if not isinstance(target, list) or not all(is_whole(n, -1) for n in target) or target.count(-1) > 1:
        c.wrong("target_shape", target, "a list of whole numbers")
        return Translated(None)
    shape = shapes[0]
    if -1 in target and shape is not None:
        others = math.prod(tuple(n for n in target if n != -1))
        target = [math.prod(shape) // max(others, 1) if n == -1 else n for n in target]
    return Translated(Node("Reshape", tuple(target)))


@translates("Permute")
def permute(c: Config, shapes: Shapes) -> Translated:
    """Axes counted from 1, as in strata."""
    dims = c.get("dims")
    return Translated(Node("Permute", c.extents("dims", len(dims) if isinstance(dims, list) else 1)))


@translates("RepeatVector")
def repeat_vector(c: Config, shapes: Shapes) -> Translated:
    """A row, many times."""
    return Translated(layer("RepeatVector", c.whole("n")))


def sides(c: Config, key: str, axes: int) -> Tuple[int, ...]:
    """What is before and behind each axis, as few numbers as strata needs."""
    value: Any = c.get(key)
    pairs: List[Any] = value if isinstance(value, list) else [value] * axes
    if axes == 1 and len(pairs) == 2:
        pairs = [pairs]
    pairs = [pair if isinstance(pair, list) else [pair, pair] for pair in pairs]
    if len(pairs) != axes or any(len(pair) != 2 or not all(is_whole(n, 0) for n in pair) for pair in pairs):
        c.wrong(key, value, f"a whole number, or two for each of {axes} axes,")
        return (1,)
    numbers = tuple(n for pair in pairs for n in pair)
    return numbers[:1] if len(set(numbers)) == 1 else numbers


@translates("ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D")
def part_of_image(c: Config, shapes: Shapes) -> Translated:
    """More cells or fewer."""
    c.channels_last()
    key = "padding" if c.class_name.startswith("Zero") else "cropping"
    return Translated(Node(c.class_name, sides(c, key, int(c.class_name[-2]))))


@translates("UpSampling1D UpSampling2D")
def up_sampling(c: Config, shapes: Shapes) -> Translated:
    """Larger images."""
    c.channels_last()
    axes = int(c.class_name[-2])
    how = c.choice("interpolation", "nearest", ("nearest", "bilinear"))
    return Translated(layer(c.class_name, extents("Size", c.extents("size", axes), (2,) * axes),
                            flag("Bilinear", how == "bilinear")))


@translates("Dropout SpatialDropout1D SpatialDropout2D AlphaDropout GaussianDropout")
def dropout(c: Config, shapes: Shapes) -> Translated:
    """Matters to training alone, but stays for it."""
    c.channels_last()
    rate = c.real("rate")
    if not 0 <= rate < 1:
        c.problem(f"its rate is {rate}; a number from 0, less than 1, expected.")
    return Translated(layer(c.class_name, rate))


@translates("GaussianNoise")
def gaussian_noise(c: Config, shapes: Shapes) -> Translated:
    """Matters to training alone, but stays for it."""
    return Translated(layer("GaussianNoise", c.real("stddev")))


@translates("Identity ActivityRegularization RandomFlip RandomTranslation RandomRotation RandomZoom RandomContrast "
            "RandomBrightness RandomShear RandomErasing RandomHue RandomSaturation RandomGaussianBlur")
def nothing(c: Config, shapes: Shapes) -> Translated:
    """Changes nothing in inference, and is left out."""
    c.seen.update(c.values)
    return Translated(None)


@translates("Rescaling")
def rescaling(c: Config, shapes: Shapes) -> Translated:
    """Factor x + offset."""
    factor, offset = c.real("scale"), c.real("offset")
    if factor == 0:
        c.problem("a scale of zero leaves nothing of its input.")
    return Translated(layer("Rescaling", factor, offset if offset != 0 else None))


def windows(c: Config, axes: int, default_kernel: int = 3) -> List[Optional[Node]]:
    """The options of a convolution's windows."""
    c.channels_last()
    strides = c.extents("strides", axes, 1)
    dilation = c.extents("dilation_rate", axes, 1)
    if max(strides) > 1 and max(dilation) > 1:
        c.problem("strides above 1 and a dilation above 1 cannot be combined.")
    padding = c.choice("padding", "valid", ("valid", "same", *(("causal",) if c.class_name == "Conv1D" else ())))
    return [extents("Kernel", c.extents("kernel_size", axes), (default_kernel,) * axes),
            extents("Strides", strides, (1,) * axes), extents("Dilation", dilation, (1,) * axes),
            flag("Same", padding == "same"), flag("Causal", padding == "causal")]


def behind_windows(c: Config) -> List[Optional[Node]]:
    """A convolution's other options."""
    return [activation(c), flag("NoBias", not c.flag("use_bias", True))]


@translates("Conv1D Conv2D")
def convolution(c: Config, shapes: Shapes) -> Translated:
    """Kernels have the same layout here."""
    groups = c.whole("groups", 1)
    return Translated(layer(c.class_name, c.whole("filters"), *windows(c, int(c.class_name[-2])),
                            Node("Groups", (groups,)) if groups > 1 else None, *behind_windows(c)),
                      kernel_and_bias(c))


def depth_multiplier(c: Config) -> Optional[Node]:
    """How many outputs each channel has."""
    multiplier = c.whole("depth_multiplier", 1)
    return Node("DepthMultiplier", (multiplier,)) if multiplier > 1 else None


@translates("DepthwiseConv2D")
def depthwise_convolution(c: Config, shapes: Shapes) -> Translated:
    """Each channel by itself."""
    c.refuse("groups", "groups of a depthwise convolution.", (None, 1))
    c.get("filters")
    return Translated(layer("DepthwiseConv2D", *windows(c, 2), depth_multiplier(c), *behind_windows(c)),
                      kernel_and_bias(c))


@translates("SeparableConv2D")
def separable_convolution(c: Config, shapes: Shapes) -> Translated:
    """Each channel by itself, then each pixel."""
    c.refuse("groups", "groups of a separable convolution.", (None, 1))
    return Translated(layer("SeparableConv2D", c.whole("filters"), *windows(c, 2), depth_multiplier(c),
                            *behind_windows(c)),
                      kernel_and_bias(c, "depthwise_kernel", "pointwise_kernel"))


@translates("Conv1DTranspose Conv2DTranspose")
def transposed_convolution(c: Config, shapes: Shapes) -> Translated:
    """Kernels are taps x filters x channels in both."""
    axes = int(c.class_name[4])
    more: Optional[Node] = None
    c.refuse("groups", "groups of a transposed convolution.", (None, 1))
    if c.get("output_padding") is not None:
        padding = c.extents("output_padding", axes, least=0)
        if any(n >= stride for n, stride in zip(padding, c.extents("strides", axes, 1))):
            c.problem("output_padding must be less than strides.")
        more = extents("OutputPadding", padding)
    return Translated(layer(c.class_name, c.whole("filters"), *windows(c, axes), more, *behind_windows(c)),
                      kernel_and_bias(c))


@translates("MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D")
def pooling(c: Config, shapes: Shapes) -> Translated:
    """Pools lie side by side unless strides say otherwise."""
    c.channels_last()
    axes = int(c.class_name[-2])
    pool = c.extents("pool_size", axes, 2)
    strides = c.extents("strides", axes) if c.get("strides") is not None else pool
    padding = c.choice("padding", "valid", ("valid", "same"))
    return Translated(layer(c.class_name, extents("Pool", pool, (2,) * axes), extents("Strides", strides, pool),
                            flag("Same", padding == "same")))


@translates("GlobalMaxPooling1D GlobalMaxPooling2D GlobalAveragePooling1D GlobalAveragePooling2D")
def global_pooling(c: Config, shapes: Shapes) -> Translated:
    """Over all steps or pixels."""
    c.channels_last()
    return Translated(layer(c.class_name, flag("KeepDims", c.flag("keepdims"))))


@translates("Add Subtract Multiply Average Maximum Minimum")
def merge(c: Config, shapes: Shapes) -> Translated:
    """Cell by cell."""
    if None not in shapes and len(set(shapes)) > 1:
        c.problem(f"its inputs have the shapes {', '.join(map(str, shapes))}; strata merges arrays of one shape.")
    return Translated(Node(c.class_name, ()))


@translates("Concatenate")
def concatenate(c: Config, shapes: Shapes) -> Translated:
    """Along the last axis."""
    last_axis(c, shapes[0])
    return Translated(Node("Concatenate", ()))
