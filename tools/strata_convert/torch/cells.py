"""Dense layers, lookups, normalizations and recurrent layers."""
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from strata_convert.errors import ConvertError
from strata_convert.network import Node
from strata_convert.torch import layouts
from strata_convert.torch.functions import Applied, makes, number
from strata_convert.torch.values import BATCH, Plan, Value


def along_last(f: Applied, x: Value) -> Value:
    """The value with PyTorch's last axis as strata's last one."""
    return x if x.is_last(-1) else f.plan.in_order(x)


@makes("linear")
def linear(f: Applied) -> Value:
    """Dense along the last axis. After a Flatten, its rows are brought into the order that strata flattens in."""
    x = along_last(f, f.x)
    arrays = f.tensors(weight="weight", bias="bias")
    weights = layouts.DENSE.read(arrays)
    if x.rows is not None:
        weights["kernel"] = weights["kernel"][x.rows]
    y = f.plan.add("Dense", [x], len(arrays["weight"]), None if "bias" in arrays else "NoBias", weights=weights)
    return replace(y, rows=None, back=())


@makes("embedding")
def embedding(f: Applied) -> Value:
    """Embedding; a padding_idx matters to training alone."""
    x = f.plan.in_order(f.value("indices"))
    weights = layouts.EMBEDDING.read(f.tensors(weight="weight"))
    count, units = weights["embeddings"].shape
    y = f.plan.add("Embedding", [x], count, units, weights=weights)
    return replace(y, axes=(*x.axes, len(x.shape)))


def epsilon(value: float) -> Node:
    """The option for what is added to a variance."""
    return Node("Epsilon", (float(value),))


def affine_options(weights: Dict[str, np.ndarray]) -> List[Any]:
    """What a normalization does not have."""
    return [None if "gamma" in weights else "NoScale", None if "beta" in weights else "NoCenter"]


def by_channel(f: Applied) -> Value:
    """The value with the channels, PyTorch's second axis, as strata's last one."""
    x = f.x
    if len(x.axes) == 2 and x.axes[0] == BATCH:
        return x
    return f.plan.channels_last(x, len(x.axes) - 2)


def ordered(x: Value, weights: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
    """Tensors with a number for each cell, in the order of a flattened value."""
    return {name: array if x.rows is None else array[x.rows] for name, array in weights.items()}


@makes("batch_norm")
def batch_norm(f: Applied) -> Value:
    """BatchNormalization. PyTorch's momentum is the share of the new, strata's that of the old."""
    x = by_channel(f)
    weights = layouts.BATCH_NORMALIZATION.read(
        f.tensors(weight="weight", bias="bias", running_mean="running_mean", running_var="running_var"))
    if "moving_mean" not in weights or "moving_variance" not in weights:
        raise ConvertError("it has no running statistics (track_running_stats=False): strata's BatchNormalization "
                           "normalizes by moving averages.")
    f.in_inference("training")
    momentum = Node("Momentum", (number(round(1 - f.get("momentum", 0.1), 12)),))
    return f.plan.add("BatchNormalization", [x], momentum, epsilon(f.get("eps", 1e-5)), *affine_options(weights),
                      weights=ordered(x, weights))


@makes("layer_norm rms_norm")
def layer_norm(f: Applied) -> Value:
    """LayerNormalization and RMSNormalization, along the last axis."""
    shape = f.get("normalized_shape")
    if len(shape) != 1:
        raise ConvertError(f"its normalized_shape is {shape}: strata normalizes along the last axis.")
    x = along_last(f, f.x)
    arrays = f.tensors(weight="weight", bias="bias")
    if f.name == "layer_norm":
        weights = layouts.NORMALIZATION.read(arrays)
        return f.plan.add("LayerNormalization", [x], epsilon(f.get("eps", 1e-5)), *affine_options(weights),
                          weights=ordered(x, weights))
    arrays.setdefault("weight", np.ones(x.shape[-1], np.float32))
    eps = f.get("eps")  # PyTorch's default is that of the type of numbers
    return f.plan.add("RMSNormalization", [x], epsilon(np.finfo(arrays["weight"].dtype).eps if eps is None else eps),
                      weights=ordered(x, layouts.RMS_NORMALIZATION.read(arrays)))


@makes("group_norm instance_norm")
def group_norm(f: Applied) -> Value:
    """GroupNormalization; of an instance_norm with as many groups as channels."""
    x = by_channel(f)
    if f.name == "instance_norm" and not f.get("use_input_stats", True):
        raise ConvertError("it normalizes by running statistics (track_running_stats=True), strata's layer by those of "
                           "the sample.")
    groups = f.get("num_groups") if f.name == "group_norm" else x.shape[-1]
    weights = layouts.NORMALIZATION.read(f.tensors(weight="weight", bias="bias"))
    return f.plan.add("GroupNormalization", [f.plan.natural(x)], Node("Groups", (groups,)),
                      epsilon(f.get("eps", 1e-5)), *affine_options(weights), weights=weights)


@makes("prelu")
def prelu(f: Applied) -> Value:
    """PReLU with one slope, or one for each channel."""
    x = by_channel(f)
    weight = f.tensors(weight="weight")["weight"].ravel()
    axes = len(x.shape)
    if len(weight) == 1:
        shared, alpha = range(1, axes + 1), weight.reshape((1,) * axes)
    else:
        shared, alpha = range(1, axes), ordered(x, {"": weight})[""].reshape((*(1,) * (axes - 1), len(weight)))
    option = Node("SharedAxes", tuple(shared)) if len(shared) else None
    return f.plan.add("PReLU", [x], option, weights={"alpha": alpha})


@dataclass
class States:
    """The last states of all layers of a recurrent module, one after the other: `h_n`."""

    plan: Plan
    values: List[Value]

    def at(self, index: int) -> Value:
        """One of them."""
        if not -len(self.values) <= index < len(self.values):
            raise ConvertError(f"it has no state number {index}.")
        return self.values[index]


KINDS = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "SimpleRNN", "rnn_relu": "SimpleRNN"}


@makes("lstm gru rnn_tanh rnn_relu")
def recurrent(f: Applied) -> Tuple[Value, States, Any]:
    """Layers of LSTM, GRU and SimpleRNN, in one direction or both, and the last state of each."""
    f.in_inference("train")
    name, first = KINDS[f.name], f.get("batch_first", False)
    x, layers, directions = f.x, f.get("num_layers", 1), 2 if f.get("bidirectional", False) else 1
    initial = f.get("hx")
    if any(state is not ZEROS for state in (initial if isinstance(initial, list) else [initial])):
        raise ConvertError("it begins with states that are not zero; strata's begins with zeros.")
    if len(x.axes) != 3 or x.axes[0 if first else 1] != BATCH:
        raise ConvertError("batch_first=False, and its input has the batch first." if x.axes[0] == BATCH and not first
                           else f"its input has no batch where batch_first={first} has it.")
    params, each = f.get("params"), 4 if f.get("has_biases", True) else 2
    if len(params) != each * layers * directions or not all(isinstance(p, np.ndarray) for p in params):
        raise ConvertError("proj_size, or parameters that are computed, are not supported.")
    x = f.plan.arranged(x, x.others())
    states: List[Value] = []
    for layer in range(layers):
        if layer and f.get("dropout", 0.0):
            x = f.plan.add("Dropout", [x], number(f.get("dropout")))
        ends: List[Value] = []
        for direction in range(directions):
            start = (layer * directions + direction) * each
            arrays = dict(zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), params[start:start + each]))
            ends.append(one_direction(f, name, x, arrays, direction == 1))
            states.append(last_state(f.plan, ends[-1], direction == 1))
        x = ends[0] if directions == 1 else f.plan.add("Concatenate", ends)
    return x, States(f.plan, states), None


def one_direction(f: Applied, name: str, x: Value, arrays: Dict[str, np.ndarray], backwards: bool) -> Value:
    """All states of one layer, in the order of the input."""
    return f.plan.add(name, [x], arrays["weight_hh"].shape[1], "ReLU" if f.name == "rnn_relu" else None,
                      "ReturnSequences", "GoBackwardsInOrder" if backwards else None,
                      None if "bias_ih" in arrays else "NoBias", weights=layouts.recurrent(name).read(arrays))


def last_state(plan: Plan, states: Value, backwards: bool) -> Value:
    """The state after the last step, which for a layer that goes backwards is the one of the first row."""
    steps = states.shape[0]
    if steps == 1:
        return plan.flattened(replace(states, axes=(BATCH, 0, 1)))
    y = plan.add("Cropping1D", [states], *((0, steps - 1) if backwards else (steps - 1, 0)))
    return plan.flattened(replace(y, axes=(BATCH, 0, 1)))


class Zeros:
    """A tensor of zeros that a program makes."""


ZEROS = Zeros()


@makes("zeros zeros_like new_zeros")
def zeros(f: Applied) -> Optional[Zeros]:
    """What recurrent layers begin with."""
    return ZEROS
