"""Keras' recurrent layers, attention and normalizations, as strata's."""
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from strata_convert.errors import quoted
from strata_convert.keras.config import OF_RECURRENT, Config, activation_of
from strata_convert.keras.table import RULES, Parts, Translated, flag, last_axis, layer, number, translates
from strata_convert.layers import Shape
from strata_convert.network import Node

Shapes = Tuple[Optional[Shape], ...]


def of_recurrent(c: Config, key: str, default: str) -> Node:
    """An activation that a recurrent layer can take."""
    found = activation_of(c, key, default)
    if found.name not in OF_RECURRENT:
        c.problem(f"recurrent layers cannot have {key}={found.name}, whose derivative does not follow from its result.")
    return found


def recurrent_parts(c: Config) -> Parts:
    """The weights of a recurrent layer lie in its cell."""
    return [("cell", ["kernel", "recurrent_kernel", *(["bias"] if c.flag("use_bias", True) else [])])]


@translates("SimpleRNN LSTM GRU")
def recurrent(c: Config, shapes: Shapes) -> Translated:
    """Gates have the same order here."""
    c.refuse("stateful", "stateful=True: strata's layers begin each sequence anew.")
    c.refuse("return_state", "return_state=True: a layer has one result.")
    c.refuse("time_major", "time_major=True: strata has samples first.")
    main = of_recurrent(c, "activation", "tanh")
    gates: Optional[Node] = None
    if c.class_name != "SimpleRNN":
        of_gates = of_recurrent(c, "recurrent_activation", "sigmoid")
        gates = None if of_gates == Node("Sigmoid") else Node("RecurrentActivation", (of_gates,))
    before = c.class_name == "GRU" and not c.flag("reset_after")
    return Translated(
        layer(c.class_name, c.whole("units"), flag("ReturnSequences", c.flag("return_sequences")),
              flag("GoBackwards", c.flag("go_backwards")), flag("ZeroOutputForMask", c.flag("zero_output_for_mask")),
              flag("ResetBefore", before), None if main == Node("Tanh") else main, gates,
              flag("NoBias", not c.flag("use_bias", True))), recurrent_parts(c))


def inner_config(c: Config, key: str) -> Optional[Config]:
    """The configuration of a layer inside of another one."""
    inner = c.get(key)
    if not isinstance(inner, dict) or not isinstance(inner.get("config"), dict):
        c.wrong(key, inner, "a layer")
        return None
    return Config(str(inner.get("class_name")), inner["config"], c.problems, c.keras_2)


@translates("Bidirectional")
def bidirectional(c: Config, shapes: Shapes) -> Translated:
    """Two recurrent layers."""
    forward = inner_config(c, "layer")
    if forward is None or forward.class_name not in ("SimpleRNN", "LSTM", "GRU"):
        c.problem("it holds no SimpleRNN, LSTM or GRU.")
        return Translated(None)
    forward.refuse("go_backwards", "the first layer of a Bidirectional goes forwards.")
    inner = recurrent(forward, shapes)
    forward.finish()
    if c.get("backward_layer") is not None:
        backward = inner_config(c, "backward_layer")
        own = {"name", "go_backwards", "dtype"}
        if backward is not None and any(
                forward.values.get(key) != value for key, value in backward.values.items()
                if key not in own and not key.endswith("_initializer") and key != "seed"):
            c.problem("its backward_layer has other options than its layer.")
    merge = {"concat": None, "sum": Node("Sum"), "mul": Node("Mul"), "ave": Node("Ave")}
    mode = c.choice("merge_mode", "concat", tuple(merge))
    options = tuple(a for a in inner.layer.args if a != Node("ZeroOutputForMask")) if inner.layer else ()
    parts: Parts = [(f"{way}_layer/{path}", [f"{way}/{name}" for name in names])
                    for way in ("forward", "backward") for path, names in inner.parts]
    return Translated(layer("Bidirectional", Node(forward.class_name, options), merge[mode]), parts)


@translates("TimeDistributed")
def time_distributed(c: Config, shapes: Shapes) -> Translated:
    """A layer for each step. A BatchNormalization is the same without this; what is no layer is none."""
    inner = inner_config(c, "layer")
    if inner is None:
        return Translated(None)
    rule = RULES.get(inner.class_name)
    if rule is None or inner.class_name in ("Bidirectional", "TimeDistributed", "Masking", "Embedding"):
        c.problem(f"strata cannot repeat {quoted(inner.class_name)} for each step.")
        return Translated(None)
    found = rule(inner, tuple(shape if shape is None else shape[1:] for shape in shapes))
    inner.finish()
    if found.layer is None or inner.class_name == "BatchNormalization":
        wrapped = found.layer
    else:
        wrapped = Node("TimeDistributed", (found.layer,))
    parts: Parts = [(f"layer/{path}" if path else "layer", names) for path, names in found.parts]
    return Translated(wrapped, parts, found.weights)


@translates("MultiHeadAttention")
def attention(c: Config, shapes: Shapes) -> Translated:
    """Of a sequence to itself, or to another one."""
    c.refuse("use_gate", "use_gate=True is not supported.")
    c.refuse("sliding_window", "a sliding_window is not supported.")
    c.refuse("attention_axes", "attention along other axes than the steps.", (None, [1]))
    heads, key = c.whole("num_heads"), c.whole("key_dim")
    value = key if c.get("value_dim") is None else c.whole("value_dim")
    width = shapes[0][-1] if shapes[0] else 0
    given = c.get("output_shape")
    outputs = width if given is None else c.whole("output_shape")
    bias = c.flag("use_bias", True)
    parts: Parts = [(f"{path}_dense", [f"{name}/kernel", *([f"{name}/bias"] if bias else [])])
                    for path, name in (("query", "query"), ("key", "key"), ("value", "value"),
                                       ("output", "attention_output"))]
    dropout = c.real("dropout")
    return Translated(layer("MultiHeadAttention", heads, key,
                            None if value == key else Node("ValueUnits", (value,)),
                            None if outputs == width else Node("OutputUnits", (outputs,)),
                            None if dropout == 0 else Node("AttentionDropout", (dropout,)),
                            flag("NoBias", not bias)), parts)


def scale_and_center(c: Config) -> Tuple[List[Optional[Node]], List[str]]:
    """The options and the weights that normalizations have in common."""
    scale, center = c.flag("scale", True), c.flag("center", True)
    return ([flag("NoScale", not scale), flag("NoCenter", not center)],
            [*(["gamma"] if scale else []), *(["beta"] if center else [])])


@translates("BatchNormalization")
def batch_normalization(c: Config, shapes: Shapes) -> Translated:
    """By moving averages; with less to train, the places of the others move up."""
    last_axis(c, shapes[0])
    c.refuse("renorm", "renorm=True is not supported.")
    momentum = number("Momentum", c.real("momentum", 0.99), 0.99)
    options, trained = scale_and_center(c)
    return Translated(layer("BatchNormalization", momentum, number("Epsilon", c.real("epsilon", 1e-3), 1e-3), *options),
                      [("", [*trained, "moving_mean", "moving_variance"])])


@translates("LayerNormalization")
def layer_normalization(c: Config, shapes: Shapes) -> Translated:
    """Along the last axis."""
    last_axis(c, shapes[0])
    c.refuse("rms_scaling", "rms_scaling=True: take RMSNormalization.")
    options, trained = scale_and_center(c)
    return Translated(layer("LayerNormalization", number("Epsilon", c.real("epsilon", 1e-3), 1e-3), *options),
                      [("", trained)] if trained else [])


@translates("GroupNormalization")
def group_normalization(c: Config, shapes: Shapes) -> Translated:
    """Groups of neighbouring channels; -1 stands for one channel each."""
    last_axis(c, shapes[0])
    groups = c.get("groups", 32)
    groups = shapes[0][-1] if groups == -1 and shapes[0] else c.whole("groups", 32)
    options, trained = scale_and_center(c)
    return Translated(layer("GroupNormalization", None if groups == 32 else Node("Groups", (groups,)),
                            number("Epsilon", c.real("epsilon", 1e-3), 1e-3), *options),
                      [("", trained)] if trained else [])


@translates("RMSNormalization")
def rms_normalization(c: Config, shapes: Shapes) -> Translated:
    """Along the last axis."""
    last_axis(c, shapes[0])
    return Translated(layer("RMSNormalization", number("Epsilon", c.real("epsilon", 1e-6), 1e-6)), [("", ["scale"])])


@translates("UnitNormalization")
def unit_normalization(c: Config, shapes: Shapes) -> Translated:
    """Along the last axis."""
    last_axis(c, shapes[0])
    return Translated(Node("UnitNormalization"))


@translates("Normalization")
def normalization(c: Config, shapes: Shapes) -> Translated:
    """By a mean and a variance that are weights after `adapt`, or stand in the configuration."""
    last_axis(c, shapes[0])
    c.refuse("invert", "invert=True is not supported.")
    if c.get("mean") is None or c.get("variance") is None:
        return Translated(Node("Normalization"), [("", ["mean", "variance", ""])])
    width = shapes[0][-1] if shapes[0] else 1
    weights: Dict[str, Any] = {}
    for name in ("mean", "variance"):
        flat = np.array(c.numbers(name))
        if flat.size not in (1, width):
            c.problem(f"its {name} has {flat.size} values for {width} cells.")
            flat = flat[:1]
        weights[name] = np.broadcast_to(flat, (width,)).copy()
    return Translated(Node("Normalization"), [], weights)
