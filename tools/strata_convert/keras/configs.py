"""strata's layers as Keras' configurations; what is left out has Keras' default."""
from typing import Any, Callable, Dict, List, Tuple

from strata_convert.errors import ConvertError
from strata_convert.graph import settings_of
from strata_convert.keras.config import ACTIVATIONS
from strata_convert.layers import ACTIVATIONS as STRATAS_ACTIVATIONS
from strata_convert.layers import Settings, class_name
from strata_convert.layers.basic import around
from strata_convert.layers.windows import pool_strides
from strata_convert.network import Node

NAMES = {str(activation): name for name, activation in reversed(list(ACTIVATIONS.items()))}
SETTINGS = {"ReLU": ("max_value", "negative_slope", "threshold"), "LeakyReLU": ("negative_slope",), "ELU": ("alpha",)}


def settings_config(activation: Node) -> Dict[str, Any]:
    """The configuration of ReLU, LeakyReLU or ELU as a layer."""
    s = settings_of(activation)
    values = {name: s.real(name) for name in SETTINGS[class_name(activation)]}
    return {name: None if value == float("inf") else value for name, value in values.items()}


def activation_config(activation: Node) -> Any:
    """An activation as an option: its name, or a layer with settings. Throws ConvertError for others."""
    own = class_name(activation)
    if str(activation) in NAMES:
        return NAMES[str(activation)]
    if own in SETTINGS:
        return {"module": "keras.layers", "class_name": own, "config": settings_config(activation),
                "registered_name": None}
    raise ConvertError(f"Keras has no name for the activation {activation}.")


def windows(s: Settings, axes: int) -> Dict[str, Any]:
    """What convolutions have in common."""
    return {"kernel_size": list(s.extents("kernel", axes)), "strides": list(s.extents("strides", axes)),
            "dilation_rate": list(s.extents("dilation", axes)), "padding": s.options["padding"].name.lower(),
            "use_bias": s.has("UseBias"), "activation": activation_config(s.activation)}


def recurrent(s: Settings) -> Dict[str, Any]:
    """What recurrent layers have in common."""
    config: Dict[str, Any] = {
        "units": s["units"], "return_sequences": s.has("ReturnSequences"), "go_backwards": s.has("GoBackwards"),
        "zero_output_for_mask": s.has("ZeroOutputForMask"), "use_bias": s.has("UseBias"),
        "activation": activation_config(s.activation)}
    if "recurrent_activation" in s.options:
        config["recurrent_activation"] = activation_config(settings_node(s, "recurrent_activation"))
    if "reset" in s.options:
        config["reset_after"] = s.has("ResetAfter")
    return config


def settings_node(s: Settings, kind: str) -> Node:
    """The type that an option has as its argument."""
    return s.options[kind].types()[0]


def attention(s: Settings) -> Dict[str, Any]:
    """Units of keys, values and the output."""
    return {"num_heads": s["heads"], "key_dim": s["key_units"], "value_dim": s.whole("value_units") or s["key_units"],
            "output_shape": s.whole("output_units") or None, "use_bias": s.has("UseBias"),
            "dropout": s.real("attention_dropout")}


def normalization(s: Settings) -> Dict[str, Any]:
    """Epsilon, and what is trained."""
    config: Dict[str, Any] = {"axis": -1, "epsilon": s.real("epsilon")}
    if "scale" in s.options:
        config.update({"scale": s.has("Scale"), "center": s.has("Center")})
    if "momentum" in s.options:
        config["momentum"] = s.real("momentum")
    if "groups" in s.options:
        config["groups"] = s.whole("groups")
    return config


def sides(s: Settings, key: str) -> Dict[str, Any]:
    """What is around steps or an image."""
    axes = int(s.layer.name[-2])
    found: List[List[int]] = [list(pair) for pair in around(s, axes)]
    return {key: found[0] if axes == 1 else found}


def pool(s: Settings) -> Dict[str, Any]:
    """The windows of a pool."""
    axes = int(s.layer.name[-2])
    return {"pool_size": list(s.extents("pool", axes)), "strides": list(pool_strides(s, axes)),
            "padding": s.options["padding"].name.lower()}


def up_sampling(s: Settings) -> Dict[str, Any]:
    """How many of one."""
    if s.layer.name == "UpSampling1D":
        return {"size": s.extents("size", 1)[0]}
    return {"size": list(s.extents("size", 2)), "interpolation": s.options["interpolation"].name.lower()}


def transposed(s: Settings) -> Dict[str, Any]:
    """A transposed convolution."""
    axes = int(s.layer.name[4])
    given = s.options["output_padding"].name == "OutputPadding"
    return {"filters": s["filters"], **windows(s, axes),
            "output_padding": list(s.extents("output_padding", axes)) if given else None}


def rescaling(s: Settings) -> Dict[str, Any]:
    """Factor and offset."""
    return {"scale": float(s.numbers[0]), "offset": float(s.numbers[1]) if len(s.numbers) > 1 else 0.0}


CONFIGS: Dict[str, Callable[[Settings], Dict[str, Any]]] = {
    "Dense": lambda s: {"units": s["units"], "use_bias": s.has("UseBias"),
                        "activation": activation_config(s.activation)},
    "Embedding": lambda s: {"input_dim": s["count"], "output_dim": s["units"], "mask_zero": s.has("MaskZero")},
    "Masking": lambda s: {"mask_value": s.real("mask_value")},
    "PReLU": lambda s: {"shared_axes": list(s.options["shared_axes"].args) or None},
    "Reshape": lambda s: {"target_shape": list(s.numbers)},
    "Permute": lambda s: {"dims": list(s.numbers)},
    "RepeatVector": lambda s: {"n": s["count"]},
    "GaussianNoise": lambda s: {"stddev": s.real("deviation")},
    "Rescaling": rescaling,
    "SeparableConv2D": lambda s: {"filters": s["filters"], "depth_multiplier": s.whole("depth_multiplier"),
                                  **windows(s, 2)},
    "DepthwiseConv2D": lambda s: {"depth_multiplier": s.whole("depth_multiplier"), **windows(s, 2)},
    "MultiHeadAttention": attention,
    "Concatenate": lambda s: {"axis": -1},
    **{f"Conv{n}D": lambda s: {"filters": s["filters"], "groups": s.whole("groups"),
                               **windows(s, int(s.layer.name[-2]))} for n in (1, 2)},
    **{f"Conv{n}DTranspose": transposed for n in (1, 2)},
    **{f"{kind}Pooling{n}D": pool for kind in ("Max", "Average") for n in (1, 2)},
    **{f"Global{kind}Pooling{n}D": lambda s: {"keepdims": s.has("KeepDims")}
       for kind in ("Max", "Average") for n in (1, 2)},
    **{f"ZeroPadding{n}D": lambda s: sides(s, "padding") for n in (1, 2)},
    **{f"Cropping{n}D": lambda s: sides(s, "cropping") for n in (1, 2)},
    **{f"UpSampling{n}D": up_sampling for n in (1, 2)},
    **{name: recurrent for name in ("SimpleRNN", "LSTM", "GRU")},
    **{f"{name}Normalization": normalization for name in ("Batch", "Layer", "Group", "RMS")},
    **{name: lambda s: {"rate": s.real("rate")} for name in (
        "Dropout", "SpatialDropout1D", "SpatialDropout2D", "AlphaDropout", "GaussianDropout")},
    **{name: lambda s: {} for name in ("Flatten", "UnitNormalization", "Normalization", "Add", "Average", "Maximum",
                                       "Minimum", "Multiply", "Subtract")},
}


def config_of(layer: Node, s: Settings) -> Tuple[str, Dict[str, Any]]:
    """Keras' class of a layer, and its configuration. Throws ConvertError for what Keras does not have."""
    own = class_name(layer)
    if own == "TimeDistributed":
        inner, config = config_of(s.layer, s)
        return own, {"layer": {"module": "keras.layers", "class_name": inner, "registered_name": None,
                               "config": {**config, "name": inner.lower()}}}
    if own in SETTINGS:
        return own, settings_config(layer)
    if own in CONFIGS:
        return own, CONFIGS[own](s)
    if own not in STRATAS_ACTIVATIONS:
        raise ConvertError(f"Keras has no layer {own}.")
    return "Activation", {"activation": activation_config(layer)}
