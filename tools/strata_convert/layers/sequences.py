"""Recurrent layers, attention and normalizations."""
from typing import Dict, Tuple

from strata_convert.layers.table import Settings, Shape, Shaped, class_name, layer, require, require_rank

RECURRENT = {"results": "ReturnLast", "direction": "GoForwards", "masked_output": "RepeatOutputForMask",
             "bias": "UseBias", "activation": "Tanh"}


def recurrent(s: Settings, x: Shape, gates: int, bias: Shape) -> Shaped:
    """Steps x inputs to units, or with ReturnSequences to steps x units."""
    require_rank(s, x, 2)
    of_gates = s.options["recurrent_activation"].types() if "recurrent_activation" in s.options else []
    require(all(class_name(a) != "GLU" for a in (s.activation, *of_gates)), f"{s.layer} cannot have GLU.")
    units = s["units"]
    parameters: Dict[str, Shape] = {"kernel": (x[-1], gates * units), "recurrent_kernel": (units, gates * units)}
    if s.has("UseBias"):
        parameters["bias"] = bias
    return Shaped((x[0], units) if s.has("ReturnSequences") else (units,), parameters)


@layer("SimpleRNN", "units", passes_mask=True, **RECURRENT)
def simple_rnn(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """One state."""
    return recurrent(s, inputs[0], 1, (s["units"],))


@layer("LSTM", "units", passes_mask=True, recurrent_activation="RecurrentActivation<Sigmoid>",
       forget_bias="UnitForgetBias", **RECURRENT)
def lstm(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Gates i, f, c, o side by side."""
    return recurrent(s, inputs[0], 4, (4 * s["units"],))


@layer("GRU", "units", passes_mask=True, recurrent_activation="RecurrentActivation<Sigmoid>", reset="ResetAfter",
       **RECURRENT)
def gru(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Gates z, r, c side by side; two rows of bias with ResetAfter."""
    return recurrent(s, inputs[0], 3, (2, 3 * s["units"]) if s.has("ResetAfter") else (3 * s["units"],))


@layer("MultiHeadAttention", "heads key_units", value_units="ValueUnits<0>", output_units="OutputUnits<0>",
       padding="AttendToAll", attention_dropout="AttentionDropout<0>", bias="UseBias")
def multi_head_attention(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Steps x inputs, unchanged or with OutputUnits; of another sequence with two inputs."""
    query, source = inputs[0], inputs[-1]
    require_rank(s, query, 2)
    require_rank(s, source, 2)
    heads, key = s["heads"], s["key_units"]
    value, outputs = s.whole("value_units") or key, s.whole("output_units") or query[-1]
    parameters: Dict[str, Shape] = {}
    for name, width, units in (("query", query[-1], key), ("key", source[-1], key), ("value", source[-1], value)):
        parameters[f"{name}/kernel"] = (width, heads, units)
        if s.has("UseBias"):
            parameters[f"{name}/bias"] = (heads, units)
    parameters["attention_output/kernel"] = (heads, value, outputs)
    if s.has("UseBias"):
        parameters["attention_output/bias"] = (outputs,)
    return Shaped((query[0], outputs), parameters)


def gamma_and_beta(s: Settings, size: int) -> Dict[str, Shape]:
    """The parameters of a normalization."""
    return {**({"gamma": (size,)} if s.has("Scale") else {}), **({"beta": (size,)} if s.has("Center") else {})}


@layer("BatchNormalization", momentum="Momentum<0.99>", epsilon="Epsilon<0.001>", center="Center", scale="Scale")
def batch_normalization(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged; the last axis are the channels."""
    channels = inputs[0][-1]
    return Shaped(inputs[0], gamma_and_beta(s, channels),
                  {"moving_mean": (channels,), "moving_variance": (channels,)})


@layer("LayerNormalization", passes_mask=True, epsilon="Epsilon<0.001>", center="Center", scale="Scale")
def layer_normalization(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged; along the last axis."""
    return Shaped(inputs[0], gamma_and_beta(s, inputs[0][-1]))


@layer("GroupNormalization", passes_mask=True, groups="Groups<32>", epsilon="Epsilon<0.001>", center="Center",
       scale="Scale")
def group_normalization(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged; over all positions and a group of neighbouring channels."""
    require(inputs[0][-1] % s.whole("groups") == 0, f"{s.layer}: the groups do not divide the channels.")
    return Shaped(inputs[0], gamma_and_beta(s, inputs[0][-1]))


@layer("RMSNormalization", epsilon="Epsilon<1e-06>")
def rms_normalization(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged; along the last axis."""
    return Shaped(inputs[0], {"scale": (inputs[0][-1],)})


@layer("UnitNormalization", passes_mask=True)
def unit_normalization(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged; along the last axis."""
    return Shaped(inputs[0])


@layer("Normalization", passes_mask=True)
def normalization(s: Settings, inputs: Tuple[Shape, ...]) -> Shaped:
    """Any shape, unchanged; for each cell of the last axis."""
    return Shaped(inputs[0], {}, {"mean": (inputs[0][-1],), "variance": (inputs[0][-1],)})
